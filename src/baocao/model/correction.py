"""Đính chính: what a new version of a dispatched report replaces, why, and every cell that differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from baocao.model.form import CellKey, ValueType
from baocao.model.regime import Recipient
from baocao.model.report import ProvinceValue


@dataclass(frozen=True, slots=True)
class Replaced:
    """The dispatched report that is corrected, as it was signed."""

    report_id: int
    version: int
    content_sha256: str
    number: str
    symbol: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class Cause:
    """One cell of one unit that differs between the two submissions it sent."""

    key: CellKey
    unit: str
    unit_name: str
    old_submission: int | None
    """None: the unit had sent nothing acceptable before"""
    new_submission: int | None
    sheet: str
    a1: str
    """in the new workbook, where there is one"""
    old: str
    """as text: `1234`, `không phát sinh`; empty for no answer"""
    new: str
    explanation: str
    """the unit's own words about the cell; empty when it gave none"""


@dataclass(frozen=True, slots=True)
class CorrectedCell:
    """One province cell that differs."""

    key: CellKey
    item: str
    """the printed number"""
    name: str
    column: str
    """the printed heading, with its group"""
    measure: str
    """đơn vị tính"""
    type: ValueType
    old: ProvinceValue | None
    """None: the earlier version did not have the cell"""
    new: ProvinceValue | None
    causes: tuple[Cause, ...]
    """empty when no unit's cell explains it: the list of units or an earlier period's figures changed"""
    old_from_zero: bool = False
    """the cell is a rate of change and the figure a year ago was 0: there was no rate"""
    new_from_zero: bool = False
    old_withheld: bool = False
    """the cell is a share of the plan that was not printed: too few units had a plan"""
    new_withheld: bool = False

    @property
    def difference(self) -> int | Decimal | Fraction | None:
        """new - old, exactly; None unless both are numbers."""
        old, new = (None if v is None else v.value for v in (self.old, self.new))
        if old is None or new is None:
            return None
        # Decimal and Fraction do not mix; a ratio on one side makes the difference one.
        if isinstance(old, Fraction) or isinstance(new, Fraction):
            return Fraction(new) - Fraction(old)
        return new - old


@dataclass(frozen=True, slots=True)
class TextChange:
    """One narrative cell of one unit that reads differently."""

    key: CellKey
    unit: str
    unit_name: str
    item: str
    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Resent:
    """One unit whose submission is not the one the earlier version was made of."""

    unit: str
    unit_name: str
    old_submission: int | None
    new_submission: int | None


@dataclass(frozen=True, slots=True)
class ListChange:
    """A case of a list that a unit added, took away or changed."""

    form: str
    list: str
    """its code"""
    title: str
    unit: str
    unit_name: str
    old: str
    """the case as reported before, in words; empty: it was not there"""
    new: str
    """empty: it is not there any more"""


@dataclass(frozen=True, slots=True)
class Correction:
    """The correction of a dispatched report, complete: the same inputs always give the same."""

    replaces: Replaced
    reason: str
    opened_at: datetime
    changes: tuple[CorrectedCell, ...]
    """in printed order"""
    causes: tuple[Cause, ...]
    """every unit's cell that differs, by unit, in printed order"""
    texts: tuple[TextChange, ...]
    resent: tuple[Resent, ...]
    excused_or_owing: tuple[str, ...]
    """names of the units that became missing or excused, or are not any more, without sending anything"""
    compared: int
    """cells whose figure of the same period last year differs: that report was corrected in the meantime"""
    lists: tuple[ListChange, ...] = ()
    """every case of the units' lists that differs, by unit, in printed order"""
    also_to: tuple[Recipient, ...] = ()
    """who got the replaced report beside the recipients of this kind of report"""

    @property
    def is_empty(self) -> bool:
        """Whether the report would say the same as the one it is to replace."""
        # A unit that sent again what it had sent says nothing new (ADR 0015).
        arrived = any(r.old_submission is None or r.new_submission is None for r in self.resent)
        return not (self.changes or self.texts or self.lists or self.excused_or_owing or self.compared or arrived)
