"""Every figure of the tables of a built Word report, held to the workbook of the same package."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.table import Table
from openpyxl import load_workbook

from baocao.model.form import ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import figure_rows

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


_OF_PLANS = ("Kế hoạch năm", "Tỷ lệ, % KH năm")


def sheets(data: bytes) -> dict[tuple[str, str, str], Any]:
    """(form, row, column) -> value of every printed table, found by the hidden codes; the term's as `LUYKE.FORM`."""
    found: dict[tuple[str, str, str], Any] = {}
    for sheet in load_workbook(io.BytesIO(data), data_only=True).worksheets:
        codes: dict[int, str] = {}
        form = ""
        for row in sheet.iter_rows(values_only=True):
            first = str(row[0] or "")
            if first.startswith("§"):
                form = _form_of(first)
                codes = {i: str(c)[1:] for i, c in enumerate(row) if i and str(c or "").startswith("§")}
            elif form and first:
                found |= {(form, first, code): row[i] for i, code in codes.items()}
    return found


def _form_of(marker: str) -> str:
    if marker.startswith("§LUYKE."):
        return marker[1:]
    return "" if marker.startswith(("§CT.", "§NGUON")) or "NGUON" in marker else marker[1:].split(".")[0]


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


def rows_of(document: Any) -> Iterator[tuple[dict[str, tuple[str, ...]], str, dict[str, str]]]:
    """(columns, printed number, heading -> text) of every row of the tables of figures."""
    for table in document.tables:
        assert isinstance(table, Table)
        heads = [c.text.strip() for c in table.rows[0].cells]
        columns = WORD_TO_EXCEL if "Cùng kỳ năm trước" in heads else MONEY if "Kế hoạch giao năm" in heads else None
        if columns is None:
            continue
        for row in table.rows[1:]:
            texts = [c.text.strip() for c in row.cells]
            if not re.fullmatch(r"\(\d+\)", texts[0]) and len(set(texts)) > 1:  # column numbers; headings
                yield columns, texts[0], dict(zip(heads, texts, strict=True))


def differences(pack: Pack, word: bytes, workbook: bytes) -> tuple[int, list[str]]:
    """(places compared, what differs) of the tables of results and of money."""
    excel = sheets(workbook)
    named = _rows_by_print(pack)
    moneyed = {(f.code, r.code) for f in pack.forms for t in f.tables for r in t.rows if r.type is ValueType.MONEY}
    # The report prints no plan of what nobody plans; what units wrote there stays in the workbook.
    nobody = {(f.code, r.code) for f, _, r in figure_rows(pack) if r.unplanned}
    compared, wrong = 0, []
    for columns, item, texts in rows_of(Document(io.BytesIO(word))):
        label = texts.get("Chỉ tiêu") or texts["Dự án, tiểu dự án, nguồn vốn"]
        if not item and (label.startswith(("- Số ", "- số ")) or (item, label) not in named):
            continue  # one of two levels' figures below a row that both report
        rows = named.get((item, label.removesuffix("(*)").strip()), [])
        assert rows, f"{item} {label}: no row of the forms"
        for head, codes in columns.items():
            text = texts[head]
            if not text and head in _OF_PLANS and all((form, row) in nobody for form, row, _ in rows):
                continue
            if classes := re.findall(r": ([\d.]+)(?:;|$)", text):
                # A classification: its classes are lines of their own in the workbook.
                told = [float(n.replace(".", "")) for n in classes]
                lines = [[excel.get((f, f"{r}#{i}", code)) for i in range(1, 20)] for f, r, _ in rows for code in codes]
                compared += 1
                if told not in [[n for n in line if n] for line in lines]:
                    wrong.append(f"{item} {label} [{head}]: Word {text!r}, Excel {lines}")
                continue
            cells = [
                excel.get((form, row, code))
                for form, row, known in rows
                for code in codes
                if code.startswith(".") or code in known or code in {"MS", "TL"}
            ]
            if any((form, row) in moneyed for form, row, _ in rows) and not head.startswith("Tỷ lệ"):
                cells = [v / 1_000_000 if isinstance(v, int | float) else v for v in cells]
            compared += 1
            if not any(agree(text, cell) for cell in cells or [None]):
                wrong.append(f"{item} {label} [{head}]: Word {text!r}, Excel {cells}")
    return compared, wrong


def _rows_by_print(pack: Pack) -> dict[tuple[str, str], list[tuple[str, str, set[str]]]]:
    """(printed number, printed name) -> form, row and its columns."""
    found: dict[tuple[str, str], list[tuple[str, str, set[str]]]] = {}
    for form, table, row in figure_rows(pack):
        for name in (row.name, f"- {row.name}", f"{row.name} (cuối kỳ)"):
            place = (form.code, row.code, {c.code for c in table.columns})
            found.setdefault((form.printed_number(row), name), []).append(place)
    return found


def term_differences(pack: Pack, word: bytes, workbook: bytes) -> tuple[int, list[str]]:
    """The same of the tables of a term, year by year, beside the sheet of the term."""
    excel = sheets(workbook)
    named = _rows_by_print(pack)
    moneyed = {(f.code, r.code) for f in pack.forms for t in f.tables for r in t.rows if r.type is ValueType.MONEY}
    compared, wrong = 0, []
    for table in Document(io.BytesIO(word)).tables:
        heads = [c.text.strip() for c in table.rows[0].cells]
        if "Thực hiện giai đoạn" not in heads:
            continue
        rows: list[tuple[str, str, set[str]]] = []
        for line in table.rows[1:]:
            texts = [c.text.strip() for c in line.cells]
            if re.fullmatch(r"\(\d+\)", texts[0]) or len(set(texts)) == 1:
                continue
            places = dict(zip(heads, texts, strict=True))
            name = places.get("Chỉ tiêu") or places.get("Nội dung") or places.get("Dự án, tiểu dự án") or texts[0]
            code = places.get("Mã", "")
            part = {"- trên tổng số": ("MS",), "- tỷ lệ": ("TL", "TLKH")}.get(name, ())
            if not part:
                rows = [r for (item, said), found in named.items() for r in found
                        if said == name.removesuffix("(*)").strip() and code in ("", item)]  # fmt: skip
                assert rows, f"{code} {name}: no row of the forms"
            for head, column in ((h, _term_column(h)) for h in heads):
                if column is None:
                    continue
                keys = [(f, f"{r}/{p}") for f, r, _ in rows for p in part] or [(f, r) for f, r, _ in rows]
                cells = [excel.get((f"LUYKE.{form}", row, column)) for form, row in keys]
                if any((f, r) in moneyed for f, r, _ in rows) and not head.startswith("%"):
                    cells = [v / 1_000_000 if isinstance(v, int | float) else v for v in cells]
                compared += 1
                if not any(agree(places[head], cell) for cell in cells):
                    wrong.append(f"{code} {name} [{head}]: Word {places[head]!r}, Excel {cells}")
    return compared, wrong


def _term_column(head: str) -> str | None:
    if year := re.search(r"\b(20\d\d)$", head) if not head.startswith(("Kế hoạch", "Ước")) else None:
        return f".NAM.{year.group()}"
    starts = {"Kế hoạch": ".KHGD", "Lũy kế từ": ".LUY_KE", "Thực hiện": ".THUC_HIEN", "% kế hoạch (ước)": ".PT_UOC",
              "% kế hoạch": ".PT_KHGD", "Ước đến": ".UOC"}  # fmt: skip
    return next((column for start, column in starts.items() if head.startswith(start)), None)
