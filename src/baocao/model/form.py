"""Biểu mẫu: a form version as data. One definition gives the blank workbook, the reader, the checks, the gate,
the consolidated sheet and the documentation.

A form has tables; a table has columns and rows; a cell is named by (form, row, column) and never by its address.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from baocao.model.pack_parts.cell_kinds import ColumnRole as ColumnRole
from baocao.model.pack_parts.cell_kinds import Nature as Nature
from baocao.model.pack_parts.cell_kinds import RollUp as RollUp
from baocao.model.pack_parts.cell_kinds import ValueType as ValueType
from baocao.model.pack_parts.derive import Derive as Derive
from baocao.model.pack_parts.derive import Linear as Linear
from baocao.model.pack_parts.derive import Ratio as Ratio
from baocao.model.pack_parts.derive import YearOnYear as YearOnYear
from baocao.model.pack_parts.lists import ListTable as ListTable
from baocao.model.pack_parts.relation import EntryLevel as EntryLevel
from baocao.model.pack_parts.relation import Relation as Relation
from baocao.model.pack_parts.strict import Strict as Strict


class CellKey(NamedTuple):
    """The name of a cell, the same in every workbook, table and file. Row codes are unique within a form."""

    form: str
    row: str
    column: str

    def __str__(self) -> str:
        return f"{self.form}/{self.row}/{self.column}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `FORM/ROW/COLUMN`. Raises ValueError where it is anything else."""
        form, row, column = text.split("/")
        return cls(form, row, column)


class Plausible(Strict):
    """Amounts of money, đồng, that can be meant: outside it the unit of measure is asked about. 0 is always
    plausible."""

    at_least: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _is_a_band(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("plausible phải có at_least hoặc at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("plausible: at_least lớn hơn at_most")
        return self


PRINTED_ONCE = (
    ColumnRole.ACTUAL,
    ColumnRole.PLAN_YEAR,
    ColumnRole.CUMULATIVE_YEAR,
    ColumnRole.CUMULATIVE_TERM,
)
"""Roles by which tables and sentences of a report find their figure: of two such columns in a row the last is told."""


class Column(Strict):
    """A column of a table as printed, its role, and what its cells take."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    title: str
    role: ColumnRole
    group: str | None = None
    """Merged heading above several columns (`Ngân sách trung ương - ĐTPT`)."""
    type: ValueType | None = None
    """None: the row's type."""
    derive: Derive | None = None
    plausible: Plausible | None = None
    """Of the money in the column, where the row says nothing else."""
    width: float = 12

    @property
    def entered(self) -> bool:
        return self.derive is None

    @property
    def heading(self) -> str:
        """The title after the heading it shares with others."""
        return f"{self.group}: {self.title}" if self.group else self.title


class Row(Strict):
    """A row of a table as printed: who enters it, of which type, and what becomes of it at the province."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9_.]*$")]
    item: str
    """The printed number: `1.2`, `a`."""
    name: str
    """As printed."""
    unit: str = ""
    """ĐVT as printed: người, vụ, m², đồng."""
    type: ValueType = ValueType.COUNT
    nature: Nature = Nature.NONE
    levels: tuple[EntryLevel, ...] = ()
    """Who enters it. Empty: a heading or a derived row."""
    counted: tuple[EntryLevel, ...] = ()
    """Of a `yes_count` or `class_count`: whose answers are counted. Empty: everybody's who enters the row. A level
    that enters it without being counted (a body that confirms the communes' answers) stands in the detail only."""
    roll_up: RollUp = RollUp.NONE
    project: str = ""
    """`4`, `7.3`: decides which lead body enters and sees it."""
    columns: tuple[str, ...] | None = None
    """Which columns of the table apply; None: all. The others are greyed out."""
    options: tuple[str, ...] = ()
    required: bool = True
    """A blank is a finding; declared nil is an answer."""
    unplanned: bool = False
    """Nobody plans it (violations found, positive tests, people in hiding): what stands in a plan's cell is not printed
    in reports, nor any share of it."""
    heading: bool = False
    indent: int = 0
    derive: Derive | None = None
    plausible: Plausible | None = None
    """Of the money in the row."""
    trace: str = ""
    """The provision or source that asks for it."""
    targets: tuple[str, ...] = ()
    measures: str = ""
    """`FORM/ROW` that this row plans or estimates. Such a row stands where that row stands."""
    decided_by: tuple[str, ...] = ()
    """`FORM/ROW` of the number and of the date of the decision that changes this answer (`bool`, `choice`): an answer
    that differs from the last accepted one needs them."""
    note: str = ""

    @property
    def printed_name(self) -> str:
        """The printed name, after the official number where neither the code nor the name says it."""
        # Else the official number would be printed twice in a row.
        said = self.code.startswith(self.item) or re.search(rf"\b{re.escape(self.item)}\b", self.name)
        return self.name if self.heading or said else self.numbered_name

    @property
    def numbered_name(self) -> str:
        """The name after its printed number, where it has one: `1.2. Số vụ`."""
        return f"{self.item}. {self.name}" if self.item else self.name

    def counts(self, level: EntryLevel) -> bool:
        """Whether the answers of a level go into a yes-count or class count."""
        return level in (self.counted or self.levels)


class Table(Strict):
    """Rows and columns of one printed table. A cell exists where the row's `columns` allow it."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
    title: str = ""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _codes(self) -> Self:
        codes = [c.code for c in self.columns]
        if len(set(codes)) != len(codes):
            raise ValueError(f"bảng {self.code}: mã cột bị trùng")
        for row in self.rows:
            for column in row.columns or ():
                if column not in codes:
                    raise ValueError(f"dòng {row.code}: cột {column} không có trong bảng {self.code}")
        return self

    def column(self, code: str) -> Column:
        """The column with that code. Raises StopIteration where there is none."""
        return next(c for c in self.columns if c.code == code)

    def applies(self, row: Row, column: Column) -> bool:
        """Whether the cell exists at all (headings and greyed-out cells do not)."""
        if row.heading:
            return False
        return row.columns is None or column.code in row.columns

    def by_role(self, row: Row) -> dict[ColumnRole, Column]:
        """The columns that apply to a row; a role stands once in a row."""
        return {c.role: c for c in self.columns if self.applies(row, c)}

    def is_entered(self, row: Row, column: Column) -> bool:
        """Whether somebody types it, as against derived, heading or greyed out."""
        return self.applies(row, column) and column.entered and row.derive is None

    def is_required(self, row: Row, column: Column) -> bool:
        """Whether a blank is a finding. Plans and explanations may always stay blank."""
        # Not every unit has a plan for every row, and an explanation is asked for by the finding that needs it.
        optional = {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM, ColumnRole.EXPLANATION}
        return row.required and self.is_entered(row, column) and column.role not in optional

    def type_of(self, row: Row, column: Column) -> ValueType:
        """What the cell holds: the column's type before the row's."""
        return column.type or row.type


class Form(Strict):
    """One version of a form (biểu mẫu): tables with fixed rows, and lists whose rows the unit adds."""

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]*$")]
    """As in `FORM/ROW/COLUMN`: a name of the form that never changes."""
    version: Annotated[str, Field(pattern=r"^\d{4}\.\d+$")]
    """`2025.1`"""
    title: str
    short: str
    """The sheet's name, at most 31 characters, unique in the workbook."""
    official: str
    """How the guidance names it: `Phụ lục số 02, Biểu số 04`."""
    project: str = ""
    anchor: str = ""
    """The provision that asks for the form."""
    assumed: bool
    """True: the layout is our assumption; the file and the sheet say so."""
    assumption: str = ""
    valid_from: str = "2025-12-05"
    nil_reasons: tuple[str, ...] = ("Không phát sinh", "Không thuộc phạm vi")
    nil_allowed: bool = True
    instructions: tuple[str, ...] = ()
    landscape: bool = True
    tables: tuple[Table, ...] = ()
    lists: tuple[ListTable, ...] = ()
    """Tables whose rows the unit adds, each on a sheet of its own."""
    relations: tuple[Relation, ...] = ()

    @model_validator(mode="after")
    def _form_rules(self) -> Self:
        if self.assumed and not self.assumption:
            raise ValueError(f"biểu {self.code}: assumed là true thì phải ghi assumption")
        rows = [r.code for t in self.tables for r in t.rows]
        twice = {r for r in rows if rows.count(r) > 1}
        if twice:
            raise ValueError(f"biểu {self.code}: mã dòng bị trùng: {', '.join(sorted(twice))}")
        if not self.tables and not self.lists:
            raise ValueError(f"biểu {self.code}: phải có tables hoặc lists")
        return self

    def with_tables(self, tables: tuple[Table, ...], lists: tuple[ListTable, ...] | None = None) -> Self:
        """The form cut down to `tables` (and `lists`); `model_copy` alone would carry the cached cells of the whole
        form along."""
        copy = self.model_copy(update={"tables": tables, "lists": self.lists if lists is None else lists})
        for cached in ("cells", "fingerprint", "_sharing_a_number"):
            copy.__dict__.pop(cached, None)
        return copy

    @cached_property
    def _sharing_a_number(self) -> frozenset[str]:
        """The codes of the rows whose printed number names another row as well."""
        rows: dict[tuple[str, str, str], list[str]] = {}
        for table in self.tables:
            heading = ""
            for row in table.rows:
                heading = row.code if row.heading else heading
                # A number with a letter (`X26`) names a row in the whole form. A bare one does so below its heading
                # only: official forms number each part anew, and the heading is printed over it.
                part = ("", "") if row.item[:1].isalpha() else (table.code, heading)
                rows.setdefault((*part, row.item), []).append(row.code)
        return frozenset(code for codes in rows.values() if len(codes) > 1 for code in codes)

    def printed_number(self, row: Row) -> str:
        """What names a row in print: its printed number; its code where another row beside it carries the same."""
        return row.code if row.item and row.code in self._sharing_a_number else row.item

    @cached_property
    def cells(self) -> dict[CellKey, tuple[Table, Row, Column]]:
        """Every cell that exists, in printed order."""
        return {
            CellKey(self.code, row.code, column.code): (table, row, column)
            for table in self.tables
            for row in table.rows
            for column in table.columns
            if table.applies(row, column)
        }

    @cached_property
    def fingerprint(self) -> str:
        """Ten hex digits that change when a cell, its type, its options or who enters it changes; wording is free."""
        # Every workbook that is out carries it: computed in another way, all of them would look like another version.
        content: list[object] = [
            [*key, table.code, table.type_of(row, column).value, list(row.options), table.is_entered(row, column)]
            for key, (table, row, column) in self.cells.items()
        ]
        for one in self.lists:  # a form without lists keeps the fingerprint it always had
            columns = [[c.code, c.type.value, list(c.options), c.unit] for c in one.columns]
            content.append([one.code, columns])
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:10]

    def list_table(self, code: str) -> ListTable | None:
        """The list with that code; None where there is none."""
        return next((one for one in self.lists if one.code == code), None)
