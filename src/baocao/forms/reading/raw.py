"""What a workbook says before anything is typed: tables found by their codes, and the filled cells in them.

Imports nothing heavy, because the reader's child process starts from here. `to_wire` and `from_wire` carry a
workbook over the pipe as JSON: what comes out of a process that opened a file from outside is never unpickled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from baocao.xlsx.a1 import Area
from baocao.xlsx.a1 import Position as Position

if TYPE_CHECKING:
    from baocao.model.submission import Screening

RawValue = str | float | bool | datetime | date


BROKEN = (
    "Tệp bị hỏng nên không mở được. Hãy mở tệp bằng Excel hoặc LibreOffice, chọn “Lưu thành” kiểu Excel Workbook "
    "(.xlsx) rồi gửi lại; nếu không mở được, hãy dùng lại tệp biểu mẫu đã nhận."
)


class Unreadable(Exception):  # noqa: N818 (a fact about the file, not an error of ours)
    """A file that cannot be read as a workbook. `message` is a sentence for its sender."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = str(reason)
        self.message = message

    @property
    def reason(self) -> Screening:
        from baocao.model.submission import Screening

        return Screening(self.reason_code)


@dataclass(slots=True)
class RawTable:
    """A table found by its marker. Codes are kept as often as they stand there, so that doubles can be named."""

    form: str
    code: str
    sheet: str
    marker: Position
    columns: list[tuple[str, int]]
    """column code, zero-based column"""
    rows: list[tuple[str, int]]
    """row code, zero-based row; everything in the `Mã` column between this marker and the next"""
    values: dict[Position, RawValue]
    """filled cells under a column code in a row with a code"""
    errors: dict[Position, str]
    """`#REF!`; or empty text for a formula whose value was never computed"""
    uncoded: list[Position] = field(default_factory=list)
    """filled cells between the first and the last coded row, in a row without a code (an inserted row)"""
    aside: list[tuple[int, int, RawValue]] = field(default_factory=list)
    """filled cells in the table's rows under no column code, but for what we print there"""
    merges: list[Area] = field(default_factory=list)
    """merged areas that reach into the data"""
    span: tuple[int, int] = (0, 0)
    """first row and the row after the last"""
    closed: bool = False
    """whether the end mark stands under it: what comes after the last coded row is then an inserted row"""
    percents: list[Position] = field(default_factory=list)
    """filled cells whose number format shows a percentage"""
    is_list: bool = False
    """a list: `rows` are its filled rows, named by their place on the sheet"""


@dataclass(slots=True)
class RawWorkbook:
    """All tables, the `_meta` pairs and the sheet names of one file."""

    sheets: list[str]
    meta: dict[str, str]
    tables: list[RawTable]
    loose: list[tuple[str, int, int, float]] = field(default_factory=list)
    """sheet, row, column and value of numbers that stand in the rows of no table, on sheets with tables"""
    formulas: dict[str, set[str]] = field(default_factory=dict)
    """sheet with tables -> A1 addresses of the cells whose value a formula gives"""

    def table(self, form: str, code: str) -> RawTable | None:
        """The first table with this marker."""
        return next((t for t in self.tables if t.form == form and t.code == code), None)


def to_wire(workbook: RawWorkbook) -> bytes:
    """UTF-8 JSON; dates become `{"d": iso}`."""
    tables = [
        (
            *(t.form, t.code, t.sheet, t.marker, t.columns, t.rows),
            *(
                _columns(t.values),
                _columns(t.errors),
                t.uncoded,
                t.aside,
                t.merges,
                t.span,
                t.closed,
                t.percents,
                t.is_list,
            ),
        )
        for t in workbook.tables
    ]
    message = {"sheets": workbook.sheets, "meta": workbook.meta, "tables": tables, "loose": workbook.loose}
    message["formulas"] = {sheet: " ".join(names) for sheet, names in workbook.formulas.items()}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=_encode_date).encode()


def from_wire(data: bytes) -> RawWorkbook:
    """The workbook that `to_wire` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    message = json.loads(data)
    tables = [_table_from(*fields) for fields in message["tables"]]
    loose = [(sheet, row, column, value) for sheet, row, column, value in message["loose"]]
    formulas = {sheet: set(names.split()) for sheet, names in message["formulas"].items()}
    return RawWorkbook(message["sheets"], message["meta"], tables, loose, formulas)


def _table_from(
    form: str, code: str, sheet: str, marker: Any, columns: Any, rows: Any,
    values: Any, errors: Any, uncoded: Any, aside: Any, merges: Any, span: Any, closed: bool,
    percents: Any, is_list: bool,
) -> RawTable:  # fmt: skip
    """JSON gives lists where the table has tuples."""
    return RawTable(
        form,
        code,
        sheet,
        (marker[0], marker[1]),
        [(name, index) for name, index in columns],
        [(name, index) for name, index in rows],
        dict(zip(zip(values[0], values[1], strict=True), map(_decode, values[2]), strict=True)),
        dict(zip(zip(errors[0], errors[1], strict=True), map(str, errors[2]), strict=True)),
        [(row, column) for row, column in uncoded],
        [(row, column, _decode(value)) for row, column, value in aside],
        [(top, left, bottom, right) for top, left, bottom, right in merges],
        (span[0], span[1]),
        closed,
        [(row, column) for row, column in percents],
        is_list,
    )


def _columns(cells: dict[Position, Any]) -> tuple[list[int], list[int], list[Any]]:
    """Rows, columns and values in three lists: JSON writes and reads them at half the cost of a list a cell."""
    return [row for row, _ in cells], [column for _, column in cells], list(cells.values())


def _encode_date(value: object) -> dict[str, str]:
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(f"not a cell value: {type(value).__name__}")


def _decode(value: Any) -> RawValue:
    if value.__class__ is dict:
        text: str = value["d"]
        # A datetime is a date as well, so `isoformat` tells the two apart.
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    result: RawValue = value
    return result
