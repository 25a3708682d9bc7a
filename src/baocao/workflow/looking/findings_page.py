"""Which rules hurt most, by unit and form; what is unexplained; which rules never fire."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from baocao.store.tables import finding, obligation, submission
from baocao.workflow.workplace import Workplace


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in one period."""

    rule: str
    severity: str
    points: int
    units: int
    unexplained: int
    message: str
    """of one of its findings, as an example"""
    earlier: int
    """points in the earlier period of the kind"""


@dataclass(frozen=True, slots=True)
class FindingsView:
    rules: tuple[RuleLine, ...]
    by_form: tuple[tuple[str, int], ...]
    silent: tuple[str, ...]
    """rules of the pack that found nothing in the period"""
    earlier: str
    """the period compared with; empty: none"""


def findings_view(place: Workplace, regime: str, period: str) -> FindingsView:
    pack, when = place.at(regime, period)
    calendar = [p for p in place.calendar(regime) if p.kind == when.kind and p.opens_at < when.opens_at]
    before = calendar[-1].code if calendar else ""
    with place.store.read() as conn:
        rows = _by_rule(conn, regime, period)
        earlier = {row.rule: row.points for row in _by_rule(conn, regime, before)} if before else {}
        keys = conn.execute(_of(regime, period).with_only_columns(finding.c.key)).scalars()
        forms = Counter(key.partition("|")[2].partition("/")[0] for key in keys)
    lines = [
        RuleLine(r.rule, r.severity, r.points, r.units, r.unexplained, r.message, earlier.get(r.rule, 0)) for r in rows
    ]
    fired = {line.rule for line in lines}
    known = {relation.rule for form in pack.forms for relation in form.relations if getattr(relation, "rule", "")}
    return FindingsView(
        tuple(sorted(lines, key=lambda line: (-line.points, line.rule))),
        tuple((form or "tệp", n) for form, n in forms.most_common()),
        tuple(sorted(known - fired)),
        before,
    )


def _of(regime: str, period: str) -> Any:
    """The findings of everything a period received."""
    s = submission.c
    return (
        select(finding).join(submission, s.id == finding.c.submission_id).where(s.regime == regime, s.period == period)
    )


def _by_rule(conn: Connection, regime: str, period: str) -> list[Any]:
    f, s = finding.c, submission.c
    open_point = (f.severity == "explain") & (f.explanation == "")
    statement = (
        _of(regime, period)
        .with_only_columns(
            f.rule,
            func.max(f.severity).label("severity"),
            func.count().label("points"),
            func.count(s.unit.distinct()).label("units"),
            func.count().filter(open_point).label("unexplained"),
            func.max(f.message).label("message"),
        )
        .group_by(f.rule)
    )
    return list(conn.execute(statement))


def points_of_rule(
    place: Workplace, regime: str, period: str, rule: str, *, first: int = 0, count: int = 50
) -> tuple[list[Any], int]:
    """The findings of one rule: `submission_id, unit, unit_name, status, sheet, a1, item, name, message, expected,
    actual, explanation`, by unit, and how many in all."""
    f, s, o = finding.c, submission.c, obligation.c
    whole = _of(regime, period).where(f.rule == rule)
    page = (
        whole.with_only_columns(
            f.submission_id, s.unit, o.unit_name, s.status, f.sheet, f.a1, f.item, f.name, f.message, f.expected,
            f.actual, f.explanation, o.name_order,
        )
        .outerjoin(obligation, (o.regime == s.regime) & (o.period == s.period) & (o.unit == s.unit))
        .order_by(o.name_order, f.id)
        .limit(count)
        .offset(first)
    )  # fmt: skip
    with place.store.read() as conn:
        total = conn.execute(select(func.count()).select_from(whole.with_only_columns(f.id).subquery())).scalar_one()
        return list(conn.execute(page)), int(total)
