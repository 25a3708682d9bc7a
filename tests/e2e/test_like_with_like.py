"""A period with a missing unit, partial plans and gaps last year: no figure of the Word file differs from the workbook,
and a stranger's program gets every comparison and every share of a plan."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo.prepare import as_csv
from demo.simulate import baseline
from docx import Document
from docx.table import Table
from openpyxl import load_workbook

from baocao.documents import row_figures
from baocao.model.form import CellKey, ValueType
from baocao.rounding import ROUNDED
from baocao.store import reports, submissions
from baocao.workflow.periods.baseline import load_baseline
from baocao.workflow.reports import building
from builders_independent import run
from builders_site import COMMUNES, PERIOD, REGIME, Site

YEAR_AGO = "2025-H1"
SILENT_NOW, SILENT_THEN = COMMUNES[0], COMMUNES[1]
WORD_TO_EXCEL = {
    "Kế hoạch năm": ("KHN",),
    "Thực hiện trong kỳ": ("TH", "CK"),
    "Trên tổng số": ("MS",),
    "Tỷ lệ, % KH năm": ("TL", "TLKH"),
    "Lũy kế năm": ("LKN",),
    "Lũy kế giai đoạn": ("LKGD",),
    "Cùng kỳ năm trước": (".CUNG_KY",),
    "Tăng (+), giảm (-)": (".TANG_GIAM",),
    "Đơn vị có số liệu": (".DO_PHU",),
}
MONEY = {
    "Kế hoạch giao năm": ("KH",),
    "Đã phân bổ": ("PB",),
    "Giải ngân trong kỳ": ("GN",),
    "Lũy kế giải ngân năm": ("LKN",),
    "Tỷ lệ (%)": ("TL",),
    "Đã quyết toán": ("QT",),
    "Nợ đọng XDCB": ("NO",),
}


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
    then = {u: {k: v for k, v in f.items() if k in site.pack.cells} for u, f in then.items()}
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


def sheets(data: bytes) -> dict[tuple[str, str, str], Any]:
    """(form, row, column) -> value of every printed table, found by the hidden codes."""
    found: dict[tuple[str, str, str], Any] = {}
    for sheet in load_workbook(io.BytesIO(data), data_only=True).worksheets:
        codes: dict[int, str] = {}
        form = ""
        for row in sheet.iter_rows(values_only=True):
            first = str(row[0] or "")
            if first.startswith("§"):
                form = (
                    ""
                    if first.startswith(("§CT.", "§NGUON", "§LUYKE")) or "NGUON" in first
                    else first[1:].split(".")[0]
                )
                codes = {i: str(c)[1:] for i, c in enumerate(row) if i and str(c or "").startswith("§")}
            elif form and first:
                found |= {(form, first, code): row[i] for i, code in codes.items()}
    return found


def number(text: str) -> float | None:
    text = text.strip().lstrip("+").replace("\u00a0", "").removesuffix("%").strip()
    return float(text.replace(".", "").replace(",", ".")) if re.fullmatch(r"-?[\d.]+(,\d+)?", text) else None


def agree(word: str, excel: Any) -> bool:
    """A printed text beside a cell: the same words, or the same number as far as it is printed."""
    if excel in (None, ""):
        return word == ""
    if isinstance(excel, str):
        return word == {"–": "-"}.get(excel, excel)
    said = number(word)
    places = len(word.partition(",")[2].rstrip("%\u00a0 "))
    return said is not None and abs(said - excel) <= 0.5000001 * 10**-places


def rows_of(document: Any) -> Iterator[tuple[dict[str, tuple[str, ...]], str, str, dict[str, str]]]:
    """(columns, heading of the part, printed number, heading -> text) of every row of the tables of figures."""
    for table in document.tables:
        assert isinstance(table, Table)
        heads = [c.text.strip() for c in table.rows[0].cells]
        columns = WORD_TO_EXCEL if "Cùng kỳ năm trước" in heads else MONEY if "Kế hoạch giao năm" in heads else None
        if columns is None:
            continue
        part = ""
        for row in table.rows[1:]:
            texts = [c.text.strip() for c in row.cells]
            if re.fullmatch(r"\(\d+\)", texts[0]):
                continue  # the row of column numbers
            if len(set(texts)) == 1:
                part = texts[0]
                continue
            yield columns, part, texts[0], dict(zip(heads, texts, strict=True))


def test_no_figure_of_the_word_file_differs_from_the_workbook(built: tuple[Site, dict[str, bytes], Path]) -> None:
    site, files, _ = built
    excel = sheets(next(d for n, d in files.items() if n.endswith(".xlsx")))
    document = Document(
        io.BytesIO(next(d for n, d in files.items() if n.startswith("bao-cao") and n.endswith(".docx")))
    )
    by_name = {}
    for form, table, row in row_figures.all_rows(site.pack):
        for name in (row.name, f"- {row.name}", f"{row.name} (cuối kỳ)"):
            by_name.setdefault((form.printed_number(row), name), []).append(
                (form.code, row.code, {c.code for c in table.columns})
            )
    moneyed = {
        form.code: {r.code for t in form.tables for r in t.rows if r.type is ValueType.MONEY}
        for form in site.pack.forms
    }
    compared, wrong = 0, []
    for columns, _part, item, texts in rows_of(document):
        label = texts.get("Chỉ tiêu") or texts["Dự án, tiểu dự án, nguồn vốn"]
        if not item and (label.startswith(("- Số ", "- số ")) or (item, label) not in by_name):
            continue  # one of two levels' figures below a row that both report
        rows = by_name.get((item, label.removesuffix("(*)").strip()), [])
        assert rows, f"{item} {label}: no row of the forms"
        if "#" in str(rows[0][1]):
            continue
        for head, codes in columns.items():
            word = texts[head]
            if ";" in word:
                continue  # a classification: its classes are lines of their own in the workbook
            cells = [
                excel.get((form, row, code))
                for form, row, known in rows
                for code in codes
                if code.startswith(".") or code in known or code in {"MS", "TL"}
            ]
            money = any(form in moneyed and row in moneyed[form] for form, row, _ in rows) and not head.startswith(
                "Tỷ lệ"
            )
            cells = [v / 1_000_000 if money and isinstance(v, int | float) else v for v in cells]
            compared += 1
            if not any(agree(word, cell) for cell in cells or [None]):
                wrong.append(f"{item} {label} [{head}]: Word {word!r}, Excel {cells}")
    assert wrong == [], "\n".join(wrong)
    assert compared > 1000


def test_a_stranger_gets_every_comparison_and_share_from_the_raw_files(
    built: tuple[Site, dict[str, bytes], Path],
) -> None:
    site, files, folder = built
    consolidated = folder / next(n for n in files if n.endswith(".xlsx"))
    code, differences, compared = run(site, folder / "raw", consolidated, folder / "year_ago.csv")
    assert differences == []
    assert (code, compared > 10_000) == (0, True)


def test_the_report_says_over_how_many_units_it_compares(built: tuple[Site, dict[str, bytes], Path]) -> None:
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


def test_what_a_unit_answered_last_year_is_in_the_file_given_to_the_stranger(
    built: tuple[Site, dict[str, bytes], Path],
) -> None:
    """The year before lacks a unit, and a form of another one: otherwise nothing above is put to the test."""
    *_, folder = built
    with (folder / "year_ago.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert SILENT_THEN not in {line["unit"] for line in lines}
    assert not any(line["unit"] == COMMUNES[2] and line["form"] == "B07" for line in lines)
