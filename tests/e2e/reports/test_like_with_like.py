"""A period with a missing unit, partial plans and gaps last year: no figure of the Word file differs from the workbook,
and a stranger's program gets every comparison and every share of a plan."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo.prepare import as_csv
from demo.simulate import baseline
from docx import Document

from baocao.model.form import CellKey
from baocao.model.pack_views import pack_cells
from baocao.rounding import ROUNDED
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.looking.earlier_comparisons import earlier_comparisons
from baocao.workflow.periods.baseline import load_baseline
from baocao.workflow.reports import building
from builders.files.word_excel import differences
from builders.sites.independent import run
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

YEAR_AGO = "2025-H1"
SILENT_NOW, SILENT_THEN = COMMUNES[0], COMMUNES[1]


@pytest.fixture(scope="module")
def built(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, bytes], Path]]:
    folder = tmp_path_factory.mktemp("like")
    site = Site(trimmed, folder / "var")
    site.place.store.migrate()
    site.load_baseline()
    then = {u.code: baseline(site.pack.whole, u, site.period, 7, YEAR_AGO) for u in site.units if u.code != SILENT_THEN}
    then[COMMUNES[2]] = {k: v for k, v in then[COMMUNES[2]].items() if k.form != "B07"}
    for figures in then.values():
        figures.update(dict.fromkeys((CellKey("PL01", "CT28", "TH"), CellKey("B04", "B04.12a", "TH")), 0))
    then = {u: {k: v for k, v in f.items() if k in pack_cells(site.pack)} for u, f in then.items()}
    load_baseline(site.place, REGIME, YEAR_AGO, as_csv(then), site.opens)
    site.open()
    site.send_all(but=[SILENT_NOW])
    site.collect()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "pdf_available", lambda: False)
        report = site.consolidate()
    raw = folder / "raw"
    raw.mkdir()
    with site.place.store.read() as conn:
        for unit in site.units:
            official = submissions.official(conn, REGIME, PERIOD, unit.code)
            if official is not None:
                (raw / f"{official.id}.xlsx").write_bytes(site.place.store.files.get(official.sha256))
        sealed = reports.manifest(conn, int(str(report["report_id"])))
    files = {e["name"]: site.place.store.files.get(e["sha256"]) for e in sealed["files"]}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "year_ago.csv").write_bytes(as_csv(then))
    yield site, files, folder
    site.place.store.close()


def test_word_figures_equal_those_of_the_workbook(built: tuple[Site, dict[str, bytes], Path]) -> None:
    site, files, _ = built
    word = next(d for n, d in files.items() if n.startswith("bao-cao") and n.endswith(".docx"))
    workbook = next(d for n, d in files.items() if n.startswith("tong-hop_") and n.endswith(".xlsx"))
    compared, wrong = differences(site.pack, word, workbook)
    assert wrong == [], "\n".join(wrong)
    assert compared > 1000


def test_independent_program_gets_every_comparison_and_share(
    built: tuple[Site, dict[str, bytes], Path],
) -> None:
    site, files, folder = built
    consolidated = folder / next(n for n in files if n.startswith("tong-hop_") and n.endswith(".xlsx"))
    code, differences, compared = run(site, folder / "raw", consolidated, folder / "year_ago.csv")
    assert differences == []
    assert (code, compared > 10_000) == (0, True)


def test_report_says_how_many_units_it_compares(built: tuple[Site, dict[str, bytes], Path]) -> None:
    _, files, _ = built
    document = Document(
        io.BytesIO(next(d for n, d in files.items() if n.startswith("bao-cao") and n.endswith(".docx")))
    )
    text = "\n".join(p.text for p in document.paragraphs)
    assert "đơn vị có số liệu cả hai kỳ" in text
    assert "không có tỷ lệ tăng, giảm, chỉ ghi mức chênh lệch" in text, "some figure was 0 a year ago"
    assert "đơn vị có kế hoạch" in text
    silent = next((line for line in text.splitlines() if line.startswith("Chưa có số liệu của các chỉ tiêu")), "")
    assert "CT14.TD" not in silent, "answered: there is no rate from zero, which is another thing"
    assert ROUNDED in text


def test_year_ago_file_lacks_what_was_not_answered(
    built: tuple[Site, dict[str, bytes], Path],
) -> None:
    """The year before lacks a unit, and a form of another one: otherwise nothing above is put to the test."""
    *_, folder = built
    with (folder / "year_ago.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert SILENT_THEN not in {line["unit"] for line in lines}
    assert not any(line["unit"] == COMMUNES[2] and line["form"] == "B07" for line in lines)


def test_a_page_compares_as_the_report_does(built: tuple[Site, dict[str, bytes], Path]) -> None:
    """The page reads one cell of each unit; the report's own comparison reads everything."""
    site, *_ = built
    told, reasons = 0, set()
    with site.place.store.read() as conn:
        pack, period = site.place.at(REGIME, PERIOD)
        whole = basis_of(site.place, conn, pack, period).consolidation
        for key, change in sorted(whole.last_year.items())[::3]:
            one = next(a for a in earlier_comparisons(site.place, conn, pack, period, key) if a.period == YEAR_AGO)
            if one.reason or change.previous is None:
                reasons.add(one.reason)
                continue
            assert (one.now, one.then, one.units) == (change.now, change.previous, change.counted), key
            told += 1
    assert told > 30
    assert any("không phải là tổng" in reason for reason in reasons)
