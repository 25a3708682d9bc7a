"""A form on its way to YAML: what was read, with every doubt kept beside the thing it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from baocao.model.form import ColumnRole, Nature, RollUp, ValueType
from baocao.model.pack_parts.lists import ListType
from baocao_authoring.draft.grid import Doubt
from baocao_authoring.draft.relation_rules import RuleOfPack


@dataclass
class DraftPart:
    """What was read at one place of the original: `at` is its zero-based row or column, `a1` its address."""

    at: int
    a1: str
    doubts: list[Doubt] = field(default_factory=list, kw_only=True)

    def doubt(self, reason: str) -> None:
        """Note something a person must decide about it."""
        self.doubts.append(Doubt(reason, self.a1))


@dataclass
class DraftColumn(DraftPart):
    """A column of figures, notes or texts (not STT, name, unit of measure)."""

    path: tuple[str, ...]
    """headings from the top, the column's own last"""
    title: str
    group: str | None
    role: ColumnRole
    type: ValueType | None = None
    code: str = ""
    number: str = ""
    """as the row of column numbers names it"""
    stated: str = ""
    """what follows the `=` there"""
    derive: dict[str, Any] | None = None
    width: float | None = None
    left_out: bool = False
    """not in the form until a person has decided"""

    @property
    def leaf(self) -> str:
        """The column's own heading, the lowest."""
        return self.path[-1]

    @property
    def entered(self) -> bool:
        """Whether units type into it."""
        return self.derive is None and not self.left_out

    @property
    def is_figure(self) -> bool:
        """Whether it holds figures, which are summed and compared; not words, days or answers."""
        if self.type in {ValueType.TEXT, ValueType.DATE, ValueType.BOOL, ValueType.CHOICE}:
            return False
        return self.role not in {ColumnRole.EXPLANATION, ColumnRole.TEXT, ColumnRole.NOTE}


@dataclass
class DraftRow(DraftPart):
    """A line of the table."""

    item: str
    name: str
    unit: str = ""
    printed_code: str = ""
    """of a `Mã số` column"""
    code: str = ""
    indent: int = 0
    parent: DraftRow | None = None
    children: list[DraftRow] = field(default_factory=list)
    of_which: bool = False
    """introduced by `trong đó`"""
    separator: bool = False
    """`Trong đó:` or `Chia ra:` on a line of its own"""
    heading: bool = False
    type: ValueType = ValueType.COUNT
    nature: Nature = Nature.FLOW
    roll_up: RollUp = RollUp.SUM
    not_in: set[int] = field(default_factory=set)
    """columns (in the original) marked as not to be filled"""
    across: bool = False
    """the line's text spans the columns of figures"""
    derive: dict[str, Any] | None = None

    @property
    def entered(self) -> bool:
        """Whether units type into it."""
        return not self.heading and self.derive is None


@dataclass
class DraftRelation:
    """A relation between cells, under a rule of the pack. `sides` are lists of `FORM/ROW/COLUMN` names."""

    rule: RuleOfPack
    id: str
    kind: str
    sides: list[list[str]]
    message: str


@dataclass
class DraftTable:
    """A table with fixed rows."""

    code: str
    title: str
    columns: list[DraftColumn]
    rows: list[DraftRow]
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class DraftListColumn(DraftPart):
    """A column of a list: one typed fact about each case."""

    title: str
    type: ListType
    code: str = ""
    unit: str = ""
    options: tuple[str, ...] = ()
    required: bool = True


@dataclass
class DraftList:
    """A table of empty lines: each row one case that the unit adds."""

    code: str
    title: str
    short: str
    columns: list[DraftListColumn]
    key: list[str]
    doubts: list[Doubt] = field(default_factory=list)


@dataclass
class DraftForm:
    """The form as far as it could be read."""

    code: str
    version: str
    title: str
    short: str
    official: str
    source: str
    """file and sheet it was learned from"""
    tables: list[DraftTable]
    lists: list[DraftList] = field(default_factory=list)
    relations: list[DraftRelation] = field(default_factory=list)
    instructions: list[tuple[str, str]] = field(default_factory=list)
    """(text, A1)"""
    landscape: bool = True
    doubts: dict[str, list[Doubt]] = field(default_factory=dict)
    """by top-level key: code, title, official, anchor, valid_from, tables …"""
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    """(text, A1) of lines that were read and not taken over"""

    def doubt(self, key: str, reason: str, a1: str = "") -> None:
        """Note something a person must decide about `key` of the form's file."""
        self.doubts.setdefault(key, []).append(Doubt(reason, a1))
