"""What a frozen report prints: its workbook by sheet, its Word report and its covering letter by paragraph and cell."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import openpyxl
from docx import Document
from docx.document import Document as Doc

from baocao.forms.contract import MARK
from baocao.store import reports
from baocao.workflow.workplace import Workplace


@dataclass(frozen=True)
class Printed:
    """The files of one report version."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, place: Workplace, report_id: int) -> Printed:
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
