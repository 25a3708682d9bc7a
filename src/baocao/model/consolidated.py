"""Số liệu tổng hợp: everything the consolidation hands to the documents, the store and the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from baocao.exact import Number, difference, percent_change, percentage
from baocao.model.form import CellKey, Column, ColumnRole, Table
from baocao.model.report import Coverage, ProvinceValue, ReportFinding, TargetResult
from baocao.model.sources import SourceConflict
from baocao.model.submission import AcceptedCells
from baocao.model.unit import Unit

NOT_REPORTED, DECLARED_NIL, EXCUSED = "Chưa có số liệu", "Không phát sinh", "Được miễn báo cáo"
"""Beside the answers of a count: units that have not answered, that declared nil, that owe nothing."""
NOT_COMPARABLE = "không so sánh được"
"""What stands in place of a figure of the past that there cannot be."""


@dataclass(frozen=True)
class Earlier:
    """What the units had reported for an earlier period, in the forms and of the units of now."""

    period: str = ""
    reports: tuple[AcceptedCells, ...] = ()
    """one a unit of now, its figures and declared nils only; of units that were one unit then (a split), one for all of
    them under the first of `groups`"""
    groups: tuple[tuple[str, ...], ...] = ()
    """codes of units of now that were one unit then: only together can they be compared with it"""
    not_comparable: Mapping[CellKey, str] = field(default_factory=dict)
    """cells of which nothing can be said for the whole province, and why"""
    used: tuple[tuple[str, int, str], ...] = ()
    """(unit then, submission id, sha256 of its file) of everything that was read, by unit"""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against an earlier period, over the units that have it in both. Exact."""

    now: Number | None
    """over the units that have the figure in both periods: not the province's figure where some are left out"""
    previous: Number | None
    """over the same units; None: nothing can be compared, and `reason` says why (empty: nothing of then is known)"""
    counted: int = 0
    """units behind both figures"""
    expected: int = 0
    """units that owe the figure now"""
    left_out: tuple[str, ...] = ()
    """codes of units that owe it now and are not behind the comparison"""
    gone: tuple[str, ...] = ()
    """codes of units that had the figure then and are not behind the comparison"""
    reason: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every unit that owes the figure now, or had it then, is behind both."""
        return not self.left_out and not self.gone

    @property
    def difference(self) -> Number | None:
        """now - previous; of ratios in percentage points."""
        return None if self.now is None or self.previous is None else difference(self.now, self.previous)

    @property
    def percent(self) -> Fraction | None:
        """100 * (now - previous) / previous; None from zero: there is no rate."""
        return percent_change(self.now, self.previous)

    @property
    def from_zero(self) -> bool:
        # From zero there is a difference and no rate; documents print it in words (`documents/row_figures.py`).
        return self.previous is not None and self.previous == 0 and self.now is not None


@dataclass(frozen=True, slots=True)
class PlanShare:
    """How much of the plan is reached, over the units that have both a plan and a result. Exact."""

    result: Number | None
    plan: Number | None
    counted: int
    """units that have both"""
    expected: int
    """units that have the result"""
    left_out: tuple[str, ...] = ()
    """codes of units with a result and no plan, or the other way round"""
    reason: str = ""
    """why it is not the whole's share; empty: it may be printed"""

    @property
    def percent(self) -> Fraction | None:
        """100 * result / plan; None where it may not be printed, and of a plan of nothing."""
        # Withheld and not printed with a warning: nobody reads the warning (ADR 0025).
        if self.reason or self.result is None or not self.plan:
            return None
        return percentage(self.result, self.plan)

    @property
    def is_all(self) -> bool:
        """Whether every unit with a result has a plan, and the other way round."""
        return not self.left_out


NOTHING_KNOWN = Change(None, None)
NO_PLAN = PlanShare(None, None, 0, 0)
ShareOf = Callable[[tuple[CellKey, ...], tuple[CellKey, ...]], PlanShare]


@dataclass(frozen=True)
class Consolidation:
    """The province's figures of one period, with coverage, comparisons, targets and findings."""

    regime: str
    period: str
    values: dict[CellKey, ProvinceValue]
    """every numeric, yes/no, class and derived cell of the pack, in printed order"""
    texts: dict[CellKey, tuple[tuple[str, str], ...]]
    """(unit code, text) per text cell that somebody filled: provincial bodies first, then communes by code"""
    targets: tuple[TargetResult, ...]
    findings: tuple[ReportFinding, ...]
    coverage: Coverage
    """communes and provincial bodies whose report was accepted, of all that owed one (waived ones do not owe)"""
    expected: tuple[Unit, ...]
    missing: tuple[Unit, ...]
    waived: tuple[Unit, ...]
    valid_units: int
    """territorial units valid on the cut-off day"""
    conflicts: tuple[SourceConflict, ...] = ()
    """rows that two levels report differently, in printed order"""
    populations: Mapping[CellKey, int] = field(default_factory=dict, repr=False)
    """of every cell that counts answers: the units that are asked, its denominator"""
    last_year: Mapping[CellKey, Change] = field(default_factory=dict, repr=False)
    """against the same kind of report a year ago; empty where there is none"""
    last_report: Mapping[CellKey, Change] = field(default_factory=dict, repr=False)
    """against the report just before this one"""
    share_of: ShareOf = field(default=lambda results, plans: NO_PLAN, repr=False, compare=False)
    """the share of a plan that no cell of a form holds: of the plan of these cells what these other cells reached"""
    plan_shares: Mapping[CellKey, PlanShare] = field(default_factory=dict, repr=False)
    """by the cell that prints the share, and by the row's figure of the period; of a row that another row plans for the
    term, by the plan's cell"""

    def number(self, key: CellKey) -> Number | None:
        """The exact province value of a cell, None when there is none."""
        found = self.values.get(key)
        return None if found is None else found.value

    def conflict(self, form: str, row: str) -> SourceConflict | None:
        """The row's two figures; None where they agree or there is only one."""
        return next((c for c in self.conflicts if (c.form, c.row) == (form, row)), None)

    def population(self, key: CellKey | None) -> int:
        """How many units are asked where answers are counted: reported or not, excused or not."""
        # Not those received: with a fifth of the units missing a share of the received would look better than the
        # truth (V53).
        return self.valid_units if key is None else self.populations.get(key, self.valid_units)

    def counts_bodies(self, key: CellKey) -> bool:
        """Whether others than the territorial units are counted."""
        return self.population(key) != self.valid_units

    def share_of_units(self, key: CellKey) -> Fraction | None:
        """A yes-count in percent of all units that are asked, not of those received."""
        value, asked = self.number(key), self.population(key)
        return None if value is None or not asked else percentage(value, asked)

    @cached_property
    def commune_coverage(self) -> Coverage:
        """The communes' part of the coverage: `163/166`."""
        return self._part(territorial=True)

    @cached_property
    def provincial_coverage(self) -> Coverage:
        """The provincial bodies' part of the coverage."""
        return self._part(territorial=False)

    def _part(self, *, territorial: bool) -> Coverage:
        owed = [u for u in self.expected if u.is_lead_body is not territorial]
        missing = tuple(u.code for u in self.missing if u.is_lead_body is not territorial)
        return Coverage(len(owed) - len(missing), len(owed), missing)


def share_column(table: Table) -> Column | None:
    """The column that holds numerator over denominator (not the one that compares with the plan)."""
    return _ratio_over(table, ColumnRole.DENOMINATOR)


def plan_ratio_column(table: Table) -> Column | None:
    """The column that compares with the year's plan, where the form has one."""
    return _ratio_over(table, ColumnRole.PLAN_YEAR)


def _ratio_over(table: Table, role: ColumnRole) -> Column | None:
    below = {column.code for column in table.columns if column.role is role}
    for column in table.columns:
        ratio = column.derive.ratio if column.derive else None
        if ratio is not None and below.intersection(ratio.denominator):
            return column
    return None
