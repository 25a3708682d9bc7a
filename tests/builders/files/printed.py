"""What a frozen report prints: its workbook by sheet, its Word report and its covering letter by paragraph and cell."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import openpyxl
from docx import Document
from docx.document import Document as Doc

from baocao.forms.contract import MARK
from baocao.model.form import EntryLevel, RollUp, ValueType
from baocao.model.pack import Pack
from baocao.store.reports import reports
from baocao.workflow.installation import Installation


@dataclass(frozen=True)
class Printed:
    """The files of one report version."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, place: Installation, report_id: int) -> Printed:
        with place.store.read() as conn:
            entries = reports.manifest(conn, report_id)["files"]
        return cls({e["name"]: place.store.files.get(e["sha256"]) for e in entries})

    def _file(self, start: str, end: str) -> bytes:
        return next(data for name, data in self.files.items() if name.startswith(start) and name.endswith(end))

    @cached_property
    def book(self) -> openpyxl.Workbook:
        return openpyxl.load_workbook(io.BytesIO(self._file("tong-hop_", ".xlsx")))

    @cached_property
    def word(self) -> Doc:
        return Document(io.BytesIO(self._file("bao-cao_", ".docx")))

    @cached_property
    def letter(self) -> list[str]:
        """Paragraphs of the covering letter."""
        return [p.text for p in Document(io.BytesIO(self._file("to-trinh_", ".docx"))).paragraphs]

    @property
    def paragraphs(self) -> list[str]:
        """Of the Word report."""
        return [p.text for p in self.word.paragraphs]

    def word_rows(self, *start: str) -> list[list[str]]:
        """Rows of the Word report's tables whose first cells are these."""
        rows = ([c.text for c in row.cells] for table in self.word.tables for row in table.rows)
        return [row for row in rows if tuple(row[: len(start)]) == start]

    def sheet(self, title: str) -> list[list[Any]]:
        """All rows of a sheet."""
        return [list(row) for row in self.book[title].iter_rows(values_only=True)]

    def said(self, title: str) -> str:
        """All texts of a sheet, one a line."""
        return "\n".join(str(c) for row in self.sheet(title) for c in row if c is not None)

    def table(self, code: str) -> dict[tuple[str, str], Any]:
        """(row code, column code) -> cell of the table with this code, wherever it stands."""
        for sheet in self.book.worksheets:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            for at, row in enumerate(rows):
                if row and row[0] == code:
                    names = {i: str(c).removeprefix(MARK) for i, c in enumerate(row) if i and c}
                    below = [r for r in rows[at + 1 :] if r and r[0]]
                    return {(str(r[0]), name): r[i] for r in reversed(below) for i, name in names.items()}
        raise KeyError(code)

    def values(self) -> dict[str, dict[str, str]]:
        """`FORM/ROW/COLUMN` -> the row of the hidden sheet of exact values."""
        names, *rows = self.sheet("_values")
        return {"/".join(row[:3]): dict(zip(names, row, strict=True)) for row in rows}


def assert_counts_add_up(pack: Pack, printed: Printed) -> int:
    """Value, coverage, classes and detail rows of every count of answers agree; gives how many counts there are."""
    values, found = printed.values(), 0
    for form in pack.forms:
        for key, (table, row, column) in form.cells.items():
            if row.roll_up not in {RollUp.YES_COUNT, RollUp.CLASS_COUNT} or not table.is_entered(row, column):
                continue
            if table.type_of(row, column) not in {ValueType.BOOL, ValueType.CHOICE}:
                continue
            found += 1
            told = values[str(key)]
            parts = {k: int(n) for k, n in (part.rsplit("=", 1) for part in told["classes"].split("; "))}
            silent, excused = parts.pop("Chưa có số liệu"), parts.pop("Được miễn báo cáo", 0)
            nil = parts.pop("Không phát sinh", 0)
            answered = parts["Có"] if row.roll_up is RollUp.YES_COUNT else sum(parts.values())
            assert int(told["value"] or 0) == answered == int(told["communes"] or 0) + int(told["provincial"] or 0), key
            assert int(told["expected"]) == sum(parts.values()) + nil + silent, key
            assert int(told["counted"]) == sum(parts.values()) + nil, key
            detail = {
                unit: cell
                for (unit, name), cell in printed.table(f"{MARK}CT.{form.code}").items()
                if name == f"{key.row}/{key.column}" and (known := pack.unit(unit)) is not None
                if row.counts(EntryLevel.PROVINCE if known.is_lead_body else EntryLevel.COMMUNE)
            }
            said = Counter(cell for cell in detail.values() if cell)
            assert said.pop("NP", 0) == nil, key
            assert dict(said) == {name: number for name, number in parts.items() if number}, key
            total = printed.table(f"{MARK}CT.{form.code}")["TOAN_TINH", f"{key.row}/{key.column}"]
            assert int(total or 0) == answered, key
            assert excused >= 0
    return found
