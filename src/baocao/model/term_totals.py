"""Lũy kế giai đoạn: what the accepted reports of a term add up to, and which reports stand behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from baocao.exact import Number
from baocao.model.form import CellKey, Column, ColumnRole, Nature, Row
from baocao.model.period import Period
from baocao.model.report import Coverage
from baocao.model.submission import AcceptedCells, Value


class TermAggregation(StrEnum):
    """How the figures of several years make one figure of the term."""

    SUM = "sum"
    """counted in the period: the years add up"""
    LATEST = "latest"
    """a stock: the last one known"""
    EARLIEST = "earliest"
    """an opening stock: that of the first year of the term"""
    RATIO = "ratio"
    """from the accumulated numerator and denominator"""


_MOVING = {ColumnRole.ACTUAL, ColumnRole.DENOMINATOR}
_SUMMED = {ColumnRole.INCREASE, ColumnRole.DECREASE, ColumnRole.PLAN_YEAR, ColumnRole.ALLOCATED, ColumnRole.SETTLED}
_LATEST = {
    ColumnRole.CLOSING,
    ColumnRole.CUMULATIVE_YEAR,
    ColumnRole.CUMULATIVE_TERM,
    ColumnRole.DEBT,
    ColumnRole.ATTRIBUTE,
}


def way_of(row: Row, column: Column) -> TermAggregation | None:
    """How an entered or closing cell accumulates; None for texts and for columns that are already of the term."""
    # Of a row the nature decides, of a column its role: files that are open are a stock and are not added over
    # years, cases are a flow and are (ADR 0016, point 4).
    if column.role in _MOVING:
        return TermAggregation.SUM if row.nature is Nature.FLOW else TermAggregation.LATEST
    if column.role in _SUMMED:
        return TermAggregation.SUM
    if column.role is ColumnRole.OPENING:
        return TermAggregation.EARLIEST
    return TermAggregation.LATEST if column.role in _LATEST else None


@dataclass(frozen=True, slots=True)
class AcceptedReport:
    """One accepted report of one unit, and the period it is of."""

    period: Period
    report: AcceptedCells


@dataclass(frozen=True, slots=True)
class TermPart:
    """Lineage: the cell of one accepted report behind an accumulated figure."""

    period: str
    submission_id: int
    sheet: str
    a1: str
    value: Value | None
    """None: declared nil, counted as nothing"""


@dataclass(frozen=True, slots=True)
class Accumulated:
    """One cell of one unit over the term."""

    key: CellKey
    way: TermAggregation
    value: Value | Number | None
    nil: bool
    """every report that answered declared nil"""
    parts: tuple[TermPart, ...] = ()
    unanswered: tuple[str, ...] = ()
    """periods that were used but do not answer this cell"""


@dataclass(frozen=True, slots=True)
class Behind:
    """Which reports of a unit stand behind its accumulated figures. Codes of periods, oldest first."""

    used: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    """(wanted, used): the annual report is not there, the six-month report of that year stands in for it"""
    missing: tuple[str, ...] = ()
    """wanted, and nothing of that year is there"""
    days_covered: int = 0
    days_left: int = 0
    """days of the term up to its cut-off that no used report covers"""


@dataclass(frozen=True)
class UnitTerm:
    """What a unit's reports add up to over the term, and which reports these are."""

    unit: str
    behind: Behind
    cells: dict[CellKey, Accumulated]

    @property
    def figures(self) -> dict[CellKey, Value | Number]:
        """The accumulated figures that are known."""
        return {k: a.value for k, a in self.cells.items() if a.value is not None}


@dataclass(frozen=True, slots=True)
class YearBehind:
    """What one year of the province was made from: enough to make it again, whatever was accepted since."""

    period: str
    """code of the wanted report"""
    expected: tuple[str, ...]
    """codes of the units that owed it, the waived ones included"""
    waived: tuple[str, ...]
    used: tuple[tuple[str, int], ...]
    """(unit, submission id) of the one report of each unit that counts, by unit"""


@dataclass(frozen=True)
class YearOfTerm:
    """One reporting year of the province: for every unit the one report of that year that counts."""

    wanted: Period
    """the annual report; the six-month report of a year whose annual report is not due yet"""
    values: Mapping[CellKey, Number]
    coverage: Coverage
    instead: tuple[str, ...]
    """codes of units whose six-month report stands in for the annual one"""
    accepted: tuple[AcceptedCells, ...] = field(repr=False)
    """the reports behind it, by unit"""
    expected: tuple[str, ...] = ()
    """codes of the units that owed it, the waived ones included"""
    waived: tuple[str, ...] = ()

    @property
    def behind(self) -> YearBehind:
        """What to keep with a report, so that this year can be made again."""
        used = tuple((a.unit, a.submission_id) for a in self.accepted)
        return YearBehind(self.wanted.code, self.expected, self.waived, used)


@dataclass(frozen=True)
class ProvinceTerm:
    """The province over the term: year by year, and accumulated."""

    name: str
    """`giai đoạn 2026 - 2030`"""
    columns: tuple[int, ...]
    """the reporting years of the term, those still to come included"""
    years: Mapping[int, YearOfTerm]
    values: Mapping[CellKey, Number]
    """accumulated from the accepted reports of `years`; the evaluated period itself is not in it"""

    def of_year(self, year: int, key: CellKey) -> Number | None:
        """The province's figure of one year; None where nothing is known."""
        found = self.years.get(year)
        return None if found is None else found.values.get(key)
