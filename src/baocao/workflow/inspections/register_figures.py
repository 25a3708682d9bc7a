"""The figures of the report that the register of inspections knows: what the blank is filled with, and what a rule
compares.

One row of the register is one inspection of one body. `planned` counts the rows that were not cancelled, by the first
planned day; `done`, `bodies` and `over_run` those that ended, by their last day; `conclusions` by the day of the
conclusion. A body inspected twice counts twice: the figures of periods must add up to those of the year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from baocao.calendar.reporting_year import first_year, year_start, years_of
from baocao.model.form import CellKey, ColumnRole
from baocao.model.inspection import Inspection, InspectionRules, InspectionStatus
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.unit import Unit
from baocao.store.inspection_register import inspections, planned_years

_Counted = Callable[[Inspection], date | None]
_COUNTED: Mapping[str, _Counted] = {
    "planned": lambda one: one.planned_from,
    "done": lambda one: one.ended_on,
    "bodies": lambda one: one.ended_on,
    "over_run": lambda one: one.ended_on if one.over_run else None,
    "conclusions": lambda one: one.concluded_on,
}
"""name of a figure -> the day on which an inspection counts in it"""


def register_figures(conn: Connection, pack: Pack, unit: str, period: Period) -> dict[CellKey, int]:
    """Every cell of the unit's workbook that the register knows; empty where it knows nothing.

    A figure is known for the years for which the bodies the unit answers for have a plan, and for no other.
    """
    rules, who = pack.regime.inspections, pack.unit(unit)
    if rules is None or who is None or not who.is_lead_body:
        return {}
    cells = _cells(pack, who, rules)
    if not cells:  # among them the kinds of report that have no such rows
        return {}
    leads = _answers_for(pack, who, rules)
    years = planned_years(conn, pack.code, leads)
    # No plan of the year entered: then the register knows nothing, and 0 would be an answer nobody gave.
    if period.year not in years:
        return {}
    counted = [
        one
        for one in inspections(conn, pack.code)
        if one.lead in leads and one.status is not InspectionStatus.CANCELLED
    ]
    result: dict[CellKey, int] = {}
    for key, (name, role) in cells.items():
        value = _figure(pack, period, years, counted, name, role)
        if value is not None:
            result[key] = value
    return result


def _cells(pack: Pack, unit: Unit, rules: InspectionRules) -> dict[CellKey, tuple[str, ColumnRole]]:
    """The cells of those rows that the unit enters: cell -> (figure, role of its column)."""
    names = {place: name for name, place in rules.figures.rows.items()}
    return {
        key: (names[f"{key.form}/{key.row}"], column.role)
        for form in entered_by(pack, unit)
        for key, (table, row, column) in form.cells.items()
        if f"{key.form}/{key.row}" in names and table.is_entered(row, column)
    }


def _answers_for(pack: Pack, unit: Unit, rules: InspectionRules) -> tuple[str, ...]:
    """The bodies whose inspections stand in this unit's workbook: itself, and those that have no such rows of their own
    when the unit leads the project of the rows."""
    others = [u for u in pack.units if u.is_lead_body and u.code != unit.code and not _cells(pack, u, rules)]
    form, row = rules.figures.done.split("/")
    leads_the_rows = pack.whole.row(form, row)[1].project in unit.projects
    return (unit.code, *(u.code for u in others if leads_the_rows))


def _figure(
    pack: Pack, period: Period, years: set[int], counted: Sequence[Inspection], name: str, role: ColumnRole
) -> int | None:
    if role is ColumnRole.PLAN_YEAR:
        # Nobody plans to take too long.
        return 0 if name == "over_run" else sum(one.year == period.year for one in counted)
    interval = _interval(pack, period, role)
    if interval is None or not set(interval[2]) <= years:
        return None
    first, last, _ = interval
    days = [_COUNTED[name](one) for one in counted]
    return sum(day is not None and first <= day <= last for day in days)


def _interval(pack: Pack, period: Period, role: ColumnRole) -> tuple[date, date, tuple[int, ...]] | None:
    """First and last day a column counts, and the reporting years these days lie in."""
    regime = pack.regime
    if role is ColumnRole.ACTUAL:
        return period.covers_from, period.cutoff_on, years_of(regime, period)
    if role is ColumnRole.CUMULATIVE_YEAR:
        start = year_start(regime, period.year)
        return None if start is None else (start, period.cutoff_on, (period.year,))
    first = first_year(regime)
    start = None if first is None else year_start(regime, first)
    if role is not ColumnRole.CUMULATIVE_TERM or first is None or start is None:
        return None
    return start, period.cutoff_on, tuple(range(first, period.year + 1))
