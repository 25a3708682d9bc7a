"""Số liệu tổng hợp: everything the consolidation hands to the documents, the store and the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from baocao.model.form import CellKey, Column, ColumnRole, Table
from baocao.model.report import Coverage, ProvinceValue, ReportFinding, TargetResult
from baocao.model.unit import Unit

Number = int | Decimal | Fraction

NOT_COMPARABLE = "không so sánh được"
"""What stands in place of a figure of the past that there cannot be."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An actual figure beside its plan and its past. Exact; None where one of the two sides is missing."""

    plan: Number | None
    """kế hoạch năm: the province value of the row's plan cell"""
    percent_of_plan: Fraction | None
    """100 * cumulative of the year (the period's figure where the row has none) / plan; None when the plan is 0"""
    previous: Number | None
    """same period last year"""
    change: Number | None
    """now - same period last year"""
    change_percent: Fraction | None
    previous_period: Number | None
    """the report just before this one"""
    not_comparable: str = ""
    """why there is no `previous` to compare with, as readers are told; empty: there is one, or simply none is known"""
    not_comparable_period: str = ""
    """the same of `previous_period`"""


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
    """territorial units valid on the cut-off day: the denominator of every yes-count (V53)"""
    comparisons: dict[CellKey, Comparison] = field(default_factory=dict)
    """for every cell that holds a period's figure"""
    previous: Mapping[CellKey, Number] = field(default_factory=dict, repr=False)
    previous_period: Mapping[CellKey, Number] = field(default_factory=dict, repr=False)

    def number(self, key: CellKey) -> Number | None:
        """The exact province value of a cell, None when there is none."""
        found = self.values.get(key)
        return None if found is None else found.value

    def share_of_units(self, key: CellKey) -> Fraction | None:
        """A yes-count in percent of all valid units at the cut-off, not of those received (V53)."""
        value = self.number(key)
        return None if value is None or not self.valid_units else Fraction(100) * Fraction(value) / self.valid_units

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
    denominators = {column.code for column in table.columns if column.role is ColumnRole.DENOMINATOR}
    for column in table.columns:
        ratio = column.derive.ratio if column.derive else None
        if ratio is not None and denominators.intersection(ratio.denominator):
            return column
    return None


def plan_ratio_column(table: Table) -> Column | None:
    """The column that compares with the year's plan, where the form has one."""
    plans = {column.code for column in table.columns if column.role is ColumnRole.PLAN_YEAR}
    for column in table.columns:
        ratio = column.derive.ratio if column.derive else None
        if ratio is not None and plans.intersection(ratio.denominator):
            return column
    return None
