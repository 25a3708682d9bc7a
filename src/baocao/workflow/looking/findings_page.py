"""Which rules find most, by unit, by form and over time; what is unexplained; which rules never fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baocao.store.browse import points
from baocao.store.browse.points import Asked
from baocao.workflow.installation import Installation

_PERIODS, _UNITS = 6, 20
"""Earlier periods in the table over time; units that are named as the hardest hit."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in one period."""

    rule: str
    title: str
    severity: str
    points: int
    units: int
    unexplained: int
    message: str
    """of one of its findings, as an example"""
    by_form: Mapping[str, int]
    """form code -> points; empty code: of the file as a whole"""
    over_time: tuple[int, ...]
    """points in each of `FindingsView.periods`"""


@dataclass(frozen=True, slots=True)
class FindingsView:
    """What was found in a period's files, by rule, form and unit."""

    rules: tuple[RuleLine, ...]
    """the one with the most points first"""
    forms: tuple[str, ...]
    """with a point, in the order of the pack; last the empty code for the file as a whole"""
    by_form: Mapping[str, int]
    units: tuple[Any, ...]
    """the hardest hit: `unit, unit_name, blocking, explain, unexplained`"""
    periods: tuple[tuple[str, str], ...]
    """(code, name) of this period and up to five before it, the oldest first"""
    silent: tuple[tuple[str, str, bool], ...]
    """(rule, title, whether it has fired in one of `periods`) of those that found nothing in this one"""

    @property
    def unexplained(self) -> int:
        return sum(line.unexplained for line in self.rules)


def findings_view(place: Installation, regime: str, period: str) -> FindingsView:
    """The findings of a period beside those of the periods before it."""
    pack, when = place.at(regime, period)
    # A rehearsal says how officers practise, not how a rule fares.
    earlier = [p for p in place.periods(regime) if p.opens_at < when.opens_at and not p.is_rehearsal]
    periods = [*sorted(earlier, key=lambda p: p.opens_at)[1 - _PERIODS :], when]
    with place.store.read() as conn:
        rows = points.by_rule(conn, regime, period)
        keys = points.by_key(conn, regime, period)
        units = tuple(points.by_unit(conn, regime, period, _UNITS))
        fired = points.by_period(conn, regime, [p.code for p in periods])
    forms: dict[tuple[str, str], int] = {}
    for key, n in keys:
        # A finding's key names rule and cell; the form is the cell's first part, and a finding about the file has none.
        rule, _, cell = key.partition("|")
        place_of = (rule, cell.partition("/")[0])
        forms[place_of] = forms.get(place_of, 0) + n
    titles = {rule.id: rule.title for rule in pack.rules}
    lines = [
        RuleLine(
            r.rule, titles.get(r.rule, ""), r.severity, r.points, r.units, r.unexplained, r.message,
            {form: n for (rule, form), n in forms.items() if rule == r.rule},
            tuple(fired.get((p.code, r.rule), 0) for p in periods),
        )
        for r in rows
    ]  # fmt: skip
    seen, ever = {line.rule for line in lines}, {rule for _, rule in fired}
    by_form = {form: sum(line.by_form.get(form, 0) for line in lines) for form in {form for _, form in forms}}
    order = [form.code for form in pack.forms]
    return FindingsView(
        tuple(sorted(lines, key=lambda line: (-line.points, line.rule))),
        tuple(sorted(by_form, key=lambda form: (form not in order, order.index(form) if form in order else 0, form))),
        by_form,
        units,
        tuple((p.code, p.name) for p in periods),
        tuple(
            (rule.id, rule.title, rule.id in ever) for rule in pack.rules if rule.at_submission and rule.id not in seen
        ),
    )


def points_of(place: Installation, regime: str, period: str, asked: Asked) -> tuple[list[Any], int]:
    """A page of points (see `store.browse.points.page`), and how many there are in all."""
    with place.store.read() as conn:
        return points.page(conn, regime, period, asked)
