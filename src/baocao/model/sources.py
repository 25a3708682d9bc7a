"""Hai nguồn số liệu: a row that two levels report with different totals, and whose figures stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from baocao.model.form import CellKey, EntryLevel, Form, ValueType
from baocao.model.pack_parts.relation import Relation

RowName = tuple[str, str]
"""(form, row)"""


@dataclass(frozen=True, slots=True)
class SourceDecision:
    """Whose figures of a row are the whole's, as the approving office decided. A later one replaces it."""

    id: int
    form: str
    row: str
    stands: EntryLevel
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TwoFigures:
    """A cell of such a row; both figures are exact."""

    key: CellKey
    title: str
    type: ValueType
    communes: int | Decimal
    provincial: int | Decimal

    def of(self, level: EntryLevel) -> int | Decimal:
        """The figure of that level."""
        return self.provincial if level is EntryLevel.PROVINCE else self.communes


@dataclass(frozen=True, slots=True)
class SourceConflict:
    """A row whose two totals differ in at least one column."""

    form: str
    row: str
    item: str
    name: str
    unit: str
    cells: tuple[TwoFigures, ...]
    """the columns that differ, in printed order"""
    stands: EntryLevel
    """whose figures the report uses, in all columns"""
    explanation: str
    """what the provincial bodies wrote in the row; empty when nothing"""
    decision: SourceDecision | None
    """None: nobody has decided"""

    @property
    def other(self) -> EntryLevel:
        """Whose figures the report does not use."""
        return EntryLevel.COMMUNE if self.stands is EntryLevel.PROVINCE else EntryLevel.PROVINCE

    def cell(self, key: CellKey | None) -> TwoFigures | None:
        """The row's two figures in that cell; None where they agree."""
        return next((c for c in self.cells if c.key == key), None)


def rows_of_one_figure(row: RowName, relations: Iterable[Relation], forms: Iterable[Form]) -> set[RowName]:
    """The rows that are the same figure by the forms' own word: bound by an `equal` relation of single cells, or one
    the plan of the other (`measures`). A decision about one is a decision about all."""
    pairs: list[tuple[RowName, RowName]] = []
    for relation in relations:
        if relation.equal is not None and all(len(side) == 1 for side in relation.equal):
            left, right = (CellKey.parse(side[0]) for side in relation.equal)
            # A starred relation binds columns of many rows; which row equals which it does not say.
            if "*" not in (left.row, right.row):
                pairs.append(((left.form, left.row), (right.form, right.row)))
    for form in forms:
        for measuring in (r for table in form.tables for r in table.rows if r.measures):
            of, code = measuring.measures.split("/")
            pairs.append(((form.code, measuring.code), (of, code)))
    found = {row}
    # Until nothing is added: the same figure may stand in three rows bound two by two, and one decision must cover
    # all (ADR 0023).
    while more := {b for pair in pairs for a, b in (pair, pair[::-1]) if a in found} - found:
        found |= more
    return found
