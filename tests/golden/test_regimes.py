"""Golden periods: the same seeded files give the same findings, the same figures and the same words.

BAOCAO_GOLDEN=write pytest tests/golden      # after a wanted change; then read the difference before committing it
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from sqlalchemy import create_engine, text

from baocao.consolidation.recompute import recompute
from baocao.model.pack_views import for_period
from builders.files.printed import Printed, assert_counts_add_up
from builders.files.register_of_offices import faults_of
from builders.files.word_excel import differences
from builders.sites.regimes import PROJECT, REGIMES, Story, file_of, findings_in_file, manifest_of, text_of, values_of

HERE = Path(__file__).resolve().parent


def held(name: str, text: str) -> str:
    """The golden file's content; written first when that was asked for."""
    file = HERE / name
    if os.environ.get("BAOCAO_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("regime", REGIMES)
def test_broken_file_is_returned_with_expected_findings(story: Story, regime: str) -> None:
    found = "\n".join(findings_in_file(story, regime)) + "\n"
    assert found == held(f"{regime}.findings.txt", found)


@pytest.mark.parametrize("regime", REGIMES)
def test_the_consolidated_figures_are_the_expected_ones(story: Story, regime: str) -> None:
    figures = "\n".join(f"{cell} = {value}" for cell, value in values_of(story, regime).items()) + "\n"
    assert figures == held(f"{regime}.values.txt", figures)


@pytest.mark.parametrize("regime", REGIMES)
def test_the_report_reads_as_expected(story: Story, regime: str) -> None:
    said = text_of(story, regime) + "\n"
    assert said == held(f"{regime}.report.txt", said)


@pytest.mark.parametrize("regime", REGIMES)
def test_word_figures_equal_those_of_the_workbook(story: Story, regime: str) -> None:
    pack, period = story.played(regime).pack, story.played(regime).period
    word, book = (file_of(story, regime, *name) for name in (("bao-cao", ".docx"), ("tong-hop", ".xlsx")))
    compared, wrong = differences(for_period(pack, period), word, book)
    assert wrong == [], "\n".join(wrong)
    assert compared > 40


def test_every_count_of_answers_adds_up(story: Story) -> None:
    counts = {}
    for regime, code in REGIMES.items():
        printed = Printed.of(story.place, int(story.reports[regime]["report_id"]))
        counts[regime] = assert_counts_add_up(story.place.at(regime, code)[0], printed)
    # The other packs ask everybody for one answer each: nothing is counted there.
    assert {regime for regime, number in counts.items() if number} == {"hai-phong-drug-programme"}


def test_department_report_is_headed_by_its_superior_body(story: Story) -> None:
    for regime in ("hai-phong-legal-aid", "hai-phong-anti-trafficking"):
        lines = text_of(story, regime).splitlines()
        above, issuer = lines.index("ỦY BAN NHÂN DÂN THÀNH PHỐ HẢI PHÒNG"), lines.index("SỞ TƯ PHÁP")
        assert above < issuer
        assert any(line.endswith("/BC-STP") for line in lines[:12])


def test_department_workbook_is_headed_by_its_superior_body(story: Story) -> None:
    data = file_of(story, "hai-phong-legal-aid", "tong-hop", ".xlsx")
    cover = openpyxl.load_workbook(io.BytesIO(data), read_only=True)["Tổng quan"]
    left = [row[0] for row in cover.iter_rows(max_row=3, max_col=1, values_only=True)]
    assert left[:2] == ["ỦY BAN NHÂN DÂN THÀNH PHỐ HẢI PHÒNG", "SỞ TƯ PHÁP"]


def test_ward_report_begins_with_its_own_issuer(story: Story) -> None:
    lines = text_of(story, "thuy-nguyen-ward").splitlines()
    assert lines[:2] == ["ỦY BAN NHÂN DÂN", "PHƯỜNG THỦY NGUYÊN"]


@pytest.mark.parametrize("regime", REGIMES)
def test_no_document_leaves_the_register_of_an_office(story: Story, regime: str) -> None:
    for start in ("bao-cao", "to-trinh"):
        assert faults_of(file_of(story, regime, start, ".docx")) == []


@pytest.mark.parametrize("regime", ["hai-phong-legal-aid", "hai-phong-anti-trafficking"])
def test_report_of_a_plan_has_no_programme_headings(story: Story, regime: str) -> None:
    docx = file_of(story, regime, "bao-cao", ".docx")
    heads = [
        p.text for p in Document(io.BytesIO(docx)).paragraphs if p.style.name.startswith(("Heading", "BC Giữa đậm"))
    ]
    cells = [c.text for t in Document(io.BytesIO(docx)).tables for c in t.rows[0].cells]
    for line in [*heads[3:], *cells]:
        for word in ("tiểu dự án", "Dự án", "KHUNG KẾT QUẢ", "Khung kết quả", "Phụ lục 0"):
            assert word not in line, line


def test_task_shared_by_units_is_summarised_briefly(story: Story) -> None:
    docx = Document(io.BytesIO(file_of(story, "hai-phong-anti-trafficking", "bao-cao", ".docx")))
    (table,) = (t for t in docx.tables if t.rows[0].cells[1].text == "Rõ việc")
    told = [(row.cells[7].text, row.cells[8].text) for row in table.rows[1:]]
    assert any(" đơn vị" in progress for progress, _ in told)
    assert all(len(progress) < 90 and len(outcome) < 500 for progress, outcome in told), told


@pytest.mark.parametrize("regime", REGIMES)
def test_documents_name_no_other_province_or_level(story: Story, regime: str) -> None:
    """The engine brings no level of its own: `tỉnh` is said nowhere in a city's, a Sở's or a ward's documents."""
    for start, end in (("bao-cao", ".docx"), ("to-trinh", ".docx"), ("tong-hop", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(file_of(story, regime, start, end))) as archive:
            parts = [archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")]
        for part in parts:
            assert "Thanh Hóa" not in part
            for word in ("toàn tỉnh", "Toàn tỉnh", "cấp tỉnh", "Cấp tỉnh", "Công an tỉnh"):
                assert word not in part, f"{regime} {start}: {word}"


def test_manifest_binds_a_borrowed_form_by_its_fingerprint(story: Story) -> None:
    ward, city = manifest_of(story, "thuy-nguyen-ward"), manifest_of(story, "hai-phong-drug-programme")
    assert ward["forms"]["PL01"]["version"] == city["forms"]["PL01"]["version"]
    assert ward["forms"]["PL01"]["fingerprint"] != city["forms"]["PL01"]["fingerprint"]
    assert json.dumps(ward, sort_keys=True) != json.dumps(city, sort_keys=True)


@pytest.mark.parametrize("regime", REGIMES)
def test_total_that_is_not_its_sum_is_found(story: Story, regime: str, tmp_path: Path) -> None:
    """V52, and V53 where a pack counts answers, over every pack's own report: kept figures changed behind the back."""
    played = story.played(regime)
    pack = for_period(played.pack, played.period)
    report = int(story.reports[regime]["report_id"])
    copy = tmp_path / "copy.db"
    with sqlite3.connect(story.place.settings.data / "baocao.db") as source, sqlite3.connect(copy) as target:
        source.backup(target)
        for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f'DROP TRIGGER "{name}"')
    engine = create_engine(f"sqlite:///{copy}")
    told = set()
    with engine.connect() as conn:
        assert recompute(conn, PROJECT / "sql", report, pack) == ()
        conn.execute(text("UPDATE report_value SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) "
                          "WHERE report_id = :r AND CAST(value AS INTEGER) > 0"), {"r": report})  # fmt: skip
        told = {f.rule for f in recompute(conn, PROJECT / "sql", report, pack)}
        conn.rollback()
    engine.dispose()
    assert told == {"V52"} | ({"V53"} if regime == "hai-phong-drug-programme" else set())
