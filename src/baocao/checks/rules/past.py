"""This period's figures against the unit's own accepted ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from baocao.calendar.reporting_year import year_start
from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading, printed
from baocao.exact import Number
from baocao.model.form import CellKey, ColumnRole, Nature, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.period import Period, PeriodScope
from baocao.model.submission import Value


@dataclass(frozen=True, slots=True, eq=False)
class CellsWithPast:
    """Which cells have a past to agree with."""

    openings: tuple[tuple[CellSpec, CellKey], ...]
    """(opening, closing of the same row)"""
    year_to_date: tuple[tuple[CellSpec, CellSpec | None], ...]
    """(cumulative of the year, the period's figure of the same row)"""
    term_to_date: tuple[CellSpec, ...]
    flows: tuple[CellSpec, ...]
    of_the_term: tuple[CellSpec, ...]
    """what adds up over the reports of a term: flows with their denominators"""


_FLOW_ROLES = {ColumnRole.INCREASE, ColumnRole.DECREASE}


def against_the_past(layout: Layout) -> CellsWithPast:
    """Sort the typed figures of the slice by how they relate to earlier periods."""
    openings: list[tuple[CellSpec, CellKey]] = []
    year: list[tuple[CellSpec, CellSpec | None]] = []
    term: list[CellSpec] = []
    flows: list[CellSpec] = []
    denominators: list[CellSpec] = []
    for spec in layout.specs.values():
        if not spec.entered or not spec.numeric:
            continue
        role = spec.column.role
        if role is ColumnRole.OPENING:
            closing = layout.sibling(spec, ColumnRole.CLOSING)
            if closing is not None:
                openings.append((spec, closing.key))
        elif role is ColumnRole.CUMULATIVE_YEAR:
            actual = layout.sibling(spec, ColumnRole.ACTUAL)
            year.append((spec, actual if actual is not None and actual.entered else None))
        elif role is ColumnRole.CUMULATIVE_TERM:
            term.append(spec)
        elif role in _FLOW_ROLES or (role is ColumnRole.ACTUAL and spec.row.nature is Nature.FLOW):
            flows.append(spec)
        elif role is ColumnRole.DENOMINATOR and spec.row.nature is Nature.FLOW:
            denominators.append(spec)
    return CellsWithPast(tuple(openings), tuple(year), tuple(term), tuple(flows), (*flows, *denominators))


def check_against_past(reading: Reading, against: CellsWithPast) -> None:
    """Opening stock, year (or term) against its parts, cumulative figures. Unknown past: no
    finding. What the term must hold is looked at before: it speaks first where both would."""
    _check_opening_stocks(reading, against)
    _check_whole_not_below_part(reading, against)
    _check_year_to_date(reading, against)
    _check_term_to_date(reading, against)


_NUMBERS = (int, Decimal)
"""Exactly these: `bool` is an `int` too. Asked several hundred times a workbook."""


def number(figures: Mapping[CellKey, Value], key: CellKey) -> int | Decimal | None:
    """An earlier figure, None when unknown or not a number."""
    value = figures.get(key)
    return value if type(value) in _NUMBERS else None  # type: ignore[return-value]


def _check_opening_stocks(reading: Reading, against: CellsWithPast) -> None:
    """The opening stock is the closing stock of the report before; the year begins on the same day as its first six
    months, so there it is the opening stock of the six-month report."""
    for spec, closing in against.openings:
        actual = reading.figure(spec.key)
        if actual is None:
            continue
        expected, source = expected_opening(reading, spec, closing)
        if expected is None or actual == expected:
            continue
        reading.report(
            RuleKind.OPENING_STOCK,
            spec,
            f"Đầu kỳ phải bằng {source} ({printed(expected, spec.type)}). Hãy nhập số ở mục gợi ý; nếu báo cáo trước "
            "sai thì gửi bản đính chính của báo cáo trước, kèm lý do.",
            expected=expected,
            actual=actual,
            suggestion=expected,
        )


def expected_opening(reading: Reading, spec: CellSpec, closing: CellKey) -> tuple[int | Decimal | None, str]:
    """The figure, and where it stands."""
    history = reading.history
    if reading.period.is_evaluation:
        return number(history.accumulated, spec.key), "đầu kỳ của báo cáo đầu tiên trong giai đoạn"
    # Before the report just before: the year's report follows the half-year's in time but begins where that began.
    same_start = number(history.same_year, spec.key)
    if same_start is not None:
        return same_start, f"đầu kỳ của báo cáo {history.same_year_name} cùng năm"
    return number(history.previous if history.follows else {}, closing), "cuối kỳ của báo cáo trước"


_WHOLE = {
    PeriodScope.YEAR: "Số cả năm",
    PeriodScope.MID_TERM: "Số cả giai đoạn",
    PeriodScope.END_TERM: "Số cả giai đoạn",
}


def _check_whole_not_below_part(reading: Reading, against: CellsWithPast) -> None:
    whole, part = _WHOLE.get(reading.period.scope, f"Số {reading.period.name}"), reading.history.same_year_name
    inside = "6 tháng đầu năm" if part == "6 tháng" else part
    for spec in against.flows:
        actual, half = reading.figure(spec.key), number(reading.history.same_year, spec.key)
        # The term has spoken about it (V62), which says more.
        if spec.key in reading.at_fault:
            continue
        if actual is not None and half is not None and actual < half:
            reading.report(
                RuleKind.WHOLE_NOT_BELOW_PART,
                spec,
                f"{whole} ({printed(actual, spec.type)}) nhỏ hơn số {part} đã báo cáo ({printed(half, spec.type)}). "
                f"{whole} gồm cả {inside}: hãy sửa, hoặc đính chính báo cáo {part}.",
                expected=f"ít nhất {printed(half, spec.type)}",
                actual=actual,
            )


def _check_year_to_date(reading: Reading, against: CellsWithPast) -> None:
    """The year-to-date does not fall below the one reported before, and equals it plus the figure of the period."""
    begins_the_year = starts_with_the_year(reading.layout.pack, reading.period)
    for spec, actual_spec in against.year_to_date:
        total = reading.figure(spec.key)
        if total is None or (actual_spec is not None and actual_spec.key in reading.at_fault):
            continue
        now = reading.figure(actual_spec.key) if actual_spec is not None else None
        # What lies inside this period was reported later than what ended before it.
        before = number(reading.history.same_year or reading.history.year_so_far, spec.key)
        if before is not None and total < before:
            reading.report(
                RuleKind.CUMULATIVE_YEAR,
                spec,
                f"Lũy kế năm ({printed(total, spec.type)}) nhỏ hơn lũy kế đã báo cáo trong năm "
                f"({printed(before, spec.type)}). Hãy kiểm tra lại.",
                expected=f"ít nhất {printed(before, spec.type)}",
                actual=total,
            )
            continue
        expected = _year_to_date(spec, now, before, begins_the_year)
        # An evaluation's figure is the term's: it does not make up the year's.
        if expected is not None and total != expected and not reading.period.is_evaluation:
            assert actual_spec is not None
            reading.report(
                RuleKind.CUMULATIVE_YEAR,
                spec,
                f"Lũy kế năm phải bằng lũy kế trước trong năm cộng số trong kỳ ({printed(expected, spec.type)}). Hãy "
                "nhập số ở mục gợi ý hoặc sửa số trong kỳ.",
                expected=expected,
                actual=total,
                suggestion=expected,
                cells=(actual_spec.key,),
            )


def _year_to_date(
    spec: CellSpec, now: Number | None, before: int | Decimal | None, begins_the_year: bool
) -> Number | None:
    """What the cumulative figure must be. Money is left alone: its year is the calendar's, the report's is not."""
    if now is None or spec.type is ValueType.MONEY:
        return None
    if begins_the_year:
        return now
    return None if before is None else before + now  # type: ignore[operator]


def starts_with_the_year(pack: Pack, period: Period) -> bool:
    """Whether the period begins on the day the reporting year begins, so that nothing of the year lies before it."""
    return period.covers_from == year_start(pack.regime, period.year)


def _check_term_to_date(reading: Reading, against: CellsWithPast) -> None:
    for spec in against.term_to_date:
        total, before = reading.figure(spec.key), number(reading.history.previous, spec.key)
        if total is not None and before is not None and total < before:
            reading.report(
                RuleKind.CUMULATIVE_TERM,
                spec,
                f"Lũy kế giai đoạn ({printed(total, spec.type)}) nhỏ hơn kỳ trước ({printed(before, spec.type)}). Lũy "
                "kế giai đoạn không giảm: hãy kiểm tra lại.",
                expected=f"ít nhất {printed(before, spec.type)}",
                actual=total,
            )
