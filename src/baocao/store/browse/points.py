"""What the rules found in a period, counted and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from baocao.store.tables import finding, obligation, official_submission, submission


@dataclass(frozen=True, slots=True)
class Asked:
    """Which points a list shows."""

    rule: str = ""
    unit: str = ""
    form: str = ""
    unexplained: bool = False
    """only those of official reports that want an explanation and have none"""
    first: int = 0
    count: int = 50


def by_rule(conn: Connection, regime: str, period: str) -> list[Any]:
    """Rows `rule, severity, points, units, unexplained, message` (one of its messages, as an example)."""
    f, s = finding.c, submission.c
    statement = (
        _of(regime, period)
        .with_only_columns(
            f.rule,
            func.max(f.severity).label("severity"),
            func.count().label("points"),
            func.count(s.unit.distinct()).label("units"),
            func.count().filter(_unexplained(regime, period)).label("unexplained"),
            func.max(f.message).label("message"),
        )
        .group_by(f.rule)
    )
    return list(conn.execute(statement))


def by_unit(conn: Connection, regime: str, period: str, count: int) -> list[Any]:
    """The units with the most points: rows `unit, unit_name, blocking, explain, unexplained`."""
    f, s, o = finding.c, submission.c, obligation.c
    statement = (
        _of(regime, period)
        .outerjoin(obligation, and_(o.regime == s.regime, o.period == s.period, o.unit == s.unit))
        .where(s.unit != "")
        .with_only_columns(
            s.unit,
            func.max(o.unit_name).label("unit_name"),
            func.count().filter(f.severity == "blocks").label("blocking"),
            func.count().filter(f.severity == "explain").label("explain"),
            func.count().filter(_unexplained(regime, period)).label("unexplained"),
        )
        .group_by(s.unit)
        .order_by(func.count().desc(), s.unit)
        .limit(count)
    )
    return list(conn.execute(statement))


def by_key(conn: Connection, regime: str, period: str) -> list[tuple[str, int]]:
    """(key of the finding: `V21|FORM/ROW/COLUMN`, how many)."""
    f = finding.c
    rows = conn.execute(_of(regime, period).with_only_columns(f.key, func.count()).group_by(f.key))
    return [(row[0], int(row[1])) for row in rows]


def by_period(conn: Connection, regime: str, periods: Sequence[str]) -> dict[tuple[str, str], int]:
    """(period, rule) -> points."""
    f, s = finding.c, submission.c
    rows = conn.execute(
        select(s.period, f.rule, func.count())
        .join_from(submission, finding, s.id == f.submission_id)
        .where(s.regime == regime, s.period.in_(list(periods)))
        .group_by(s.period, f.rule)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def page(conn: Connection, regime: str, period: str, asked: Asked) -> tuple[list[Any], int]:
    """Rows `submission_id, unit, unit_name, status, rule, severity, sheet, a1, item, name, message, expected, actual,
    explanation`, by unit, and how many in all."""
    f, s, o = finding.c, submission.c, obligation.c
    whole = _of(regime, period)
    if asked.rule:
        whole = whole.where(f.rule == asked.rule)
    if asked.unit:
        whole = whole.where(s.unit == asked.unit)
    if asked.form:
        whole = whole.where(f.key.contains(f"|{asked.form}/", autoescape=True))
    if asked.unexplained:
        whole = whole.where(_unexplained(regime, period))
    rows = (
        whole.with_only_columns(
            f.submission_id, s.unit, o.unit_name, s.status, f.rule, f.severity, f.sheet, f.a1, f.item, f.name,
            f.message, f.expected, f.actual, f.explanation,
        )
        .outerjoin(obligation, and_(o.regime == s.regime, o.period == s.period, o.unit == s.unit))
        .order_by(o.name_order, s.unit, f.id)
        .limit(asked.count)
        .offset(asked.first)
    )  # fmt: skip
    total = conn.execute(select(func.count()).select_from(whole.with_only_columns(f.id).subquery())).scalar_one()
    return list(conn.execute(rows)), int(total)


def _of(regime: str, period: str) -> Select[Any]:
    """The findings of everything a period received."""
    s = submission.c
    return (
        select(finding).join(submission, s.id == finding.c.submission_id).where(s.regime == regime, s.period == period)
    )


def _unexplained(regime: str, period: str) -> ColumnElement[bool]:
    """In a report that counts: what was returned is answered by the report after it."""
    f = finding.c
    o = official_submission.c
    ids = select(o.id).where(o.regime == regime, o.period == period)
    return and_(f.severity == "explain", f.explanation == "", f.submission_id.in_(ids))
