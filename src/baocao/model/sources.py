"""Hai nguồn số liệu: a row that communes and a provincial body both report, with different totals, and which stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from baocao.model.form import CellKey, EntryLevel, ValueType


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
    """A cell of such a row. Both are exact; the one that does not stand is the other."""

    key: CellKey
    title: str
    type: ValueType
    communes: object
    provincial: object


@dataclass(frozen=True, slots=True)
class SourceConflict:
    """A row whose two totals differ (V55), in at least one column."""

    form: str
    row: str
    item: str
    name: str
    unit: str
    cells: tuple[TwoFigures, ...]
    """the columns that differ, in printed order"""
    stands: EntryLevel
    """whose figures the report uses"""
    explanation: str
    """what the provincial bodies wrote in the row; empty when nothing"""
    decision: SourceDecision | None
    """None: nobody has decided, and the provincial figure is used because it has double counts removed"""
