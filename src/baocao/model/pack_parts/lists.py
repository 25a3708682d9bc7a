"""Danh sách: a table whose rows the unit adds, one row a case (vụ, văn bản, cơ sở).

A list stands beside the tables of its form and never among them: a table's cells are known before anybody fills it,
a list's rows are not. A cell of a list is named `FORM/LIST#ROW/COLUMN`, rows counted from 1 as they stand in the
workbook.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from baocao.model.pack_parts.relation import EntryLevel
from baocao.model.pack_parts.strict import Strict


class ListType(StrEnum):
    """What a column of a list holds."""

    TEXT = "text"
    COUNT = "count"
    """int >= 0"""
    DECIMAL = "decimal"
    MONEY = "money"
    """whole đồng when kept; typed and printed in the column's `unit`"""
    DATE = "date"
    BOOL = "bool"
    CHOICE = "choice"

    @property
    def label(self) -> str:
        """As printed on the pages that explain a form."""
        return _LABELS[self]


_LABELS = {
    ListType.TEXT: "chữ",
    ListType.COUNT: "số đếm",
    ListType.DECIMAL: "số có phần lẻ",
    ListType.MONEY: "tiền",
    ListType.DATE: "ngày",
    ListType.BOOL: "có hoặc không",
    ListType.CHOICE: "chọn một",
}
MONEY_UNITS = {"đồng": 1, "nghìn đồng": 10**3, "triệu đồng": 10**6, "tỷ đồng": 10**9}


class ListColumn(Strict):
    """A column of a list: one typed fact about each case."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    title: Annotated[str, Field(min_length=1)]
    type: ListType
    required: bool = True
    """A blank in a row that holds anything is a finding."""
    options: tuple[str, ...] = ()
    """Of a `choice`: a drop-down in Excel and in the browser."""
    unit: str = ""
    """ĐVT as printed in the heading; of money one of `MONEY_UNITS`, đồng where nothing is said."""
    in_period: bool = True
    """Of a date: it lies between the first day of the period and its cut-off."""
    width: Annotated[float, Field(ge=4, le=100)] | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.type is ListType.CHOICE) != bool(self.options):
            raise ValueError(f"cột {self.code}: options đi cùng type: choice")
        if self.type is ListType.MONEY and self.unit not in {"", *MONEY_UNITS}:
            raise ValueError(f"cột {self.code}: unit của tiền phải là một trong {', '.join(MONEY_UNITS)}")
        return self

    @property
    def scale(self) -> int:
        """How many đồng one unit of the column is; 1 for what is no money."""
        return MONEY_UNITS[self.unit or "đồng"] if self.type is ListType.MONEY else 1

    @property
    def heading(self) -> str:
        """The title with its unit of measure, as printed."""
        unit = self.unit or ("đồng" if self.type is ListType.MONEY else "")
        return f"{self.title} ({unit})" if unit and f"({unit})" not in self.title else self.title

    @property
    def is_number(self) -> bool:
        return self.type in {ListType.COUNT, ListType.DECIMAL, ListType.MONEY}


class ListTotal(Strict):
    """A figure of a table that must equal what the list says: its number of rows, or the sum of one of its columns.

    Told at the table's cell, with the list's sheet and rows named.
    """

    id: Annotated[str, Field(pattern=r"^V[0-9]{2}\.[a-z0-9.-]+$")]
    """The pack's rule of kind `list_total`, a dot, a name of its own: `V65.hoi-nghi`."""
    cell: str
    """`FORM/ROW/COLUMN` of a typed figure in the same workbook."""
    sum: str = ""
    """Column whose sum it is; empty: the number of rows."""
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column of choices or yes/no -> answers: only those rows are counted."""
    anchor: str = ""


class ListTable(Strict):
    """A list (danh sách): each row one case that the unit adds."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
    title: Annotated[str, Field(min_length=1)]
    short: str
    """The list's own sheet, at most 31 characters, unique in the workbook."""
    columns: tuple[ListColumn, ...]
    key: tuple[str, ...] = ()
    """Columns that together name a case: no two rows of a unit carry the same."""
    levels: tuple[EntryLevel, ...] = (EntryLevel.COMMUNE,)
    project: str = ""
    required: bool = True
    """An empty list must be stated: a reason, or `NP` in its first row."""
    prepared: Annotated[int, Field(ge=5, le=2000)] = 40
    """Styled rows of a blank workbook; more may be inserted or typed below."""
    totals: tuple[ListTotal, ...] = ()
    trace: str = ""

    @model_validator(mode="after")
    def _names_its_columns(self) -> Self:
        codes = [c.code for c in self.columns]
        if not codes or len(set(codes)) != len(codes):
            raise ValueError(f"danh sách {self.code}: phải có cột, mỗi cột một mã")
        # Else no column distinguishes a case from an empty row, and nothing could be said of a row half filled.
        if not any(c.required for c in self.columns):
            raise ValueError(f"danh sách {self.code}: phải có ít nhất một cột bắt buộc (required)")
        if unknown := [k for k in self.key if k not in codes]:
            raise ValueError(f"danh sách {self.code}: key có cột {unknown[0]} không có trong danh sách")
        for total in self.totals:
            self._check_total(total)
        return self

    def _check_total(self, total: ListTotal) -> None:
        columns = {c.code: c for c in self.columns}
        if total.cell.count("/") != 2:
            raise ValueError(f"{total.id}: cell {total.cell!r} sai dạng, hãy ghi BIỂU/DÒNG/CỘT")
        if total.sum and (total.sum not in columns or not columns[total.sum].is_number):
            raise ValueError(f"{total.id}: sum {total.sum} không phải là cột số của danh sách {self.code}")
        for code, answers in total.where.items():
            column = columns.get(code)
            # Free text is not counted by: two spellings of one answer would make two figures.
            known = () if column is None else ("Có", "Không") if column.type is ListType.BOOL else column.options
            if strange := [a for a in answers if a not in known]:
                raise ValueError(f"{total.id}: where {code} không có câu trả lời {strange[0]!r}")
            if not answers or not known:
                raise ValueError(
                    f"{total.id}: where {code} phải là cột chọn hoặc có/không, với ít nhất một câu trả lời"
                )

    def column(self, code: str) -> ListColumn:
        """The column with that code. Raises StopIteration where there is none."""
        return next(c for c in self.columns if c.code == code)

    def row_code(self, number: int) -> str:
        """The row part of a cell's name: `DSVU#3`."""
        return f"{self.code}#{number}"

    def described(self, total: ListTotal) -> str:
        """What a total counts, in words: `số dòng có «Kết quả» là Đã xử lý`."""
        what = f"tổng cột «{self.column(total.sum).title}»" if total.sum else "số dòng"
        limits = " và ".join(
            f"«{self.column(c).title}» là {' hoặc '.join(answers)}" for c, answers in total.where.items()
        )
        return f"{what} có {limits}" if limits else what
