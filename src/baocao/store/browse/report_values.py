"""Province figures as pages ask for them: of a form, of a cell, over the periods."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from baocao.model.form import CellKey
from baocao.model.report import ProvinceValue
from baocao.store.reports import reports
from baocao.store.tables import report, report_value

_V = report_value.c


def of_form(conn: Connection, report_id: int, form: str) -> dict[CellKey, ProvinceValue]:
    """The figures of one form of a report."""
    rows = conn.execute(select(report_value).where(_V.report_id == report_id, _V.form == form))
    return {value.key: value for value in map(reports.value_of, rows)}


def of_cell(conn: Connection, report_id: int, key: CellKey) -> ProvinceValue | None:
    """One figure of a report; None where it has none."""
    mine = _V.report_id == report_id, _V.form == key.form, _V.row == key.row, _V.col == key.column
    row = conn.execute(select(report_value).where(*mine)).one_or_none()
    return None if row is None else reports.value_of(row)


def newest_of_cell(conn: Connection, regime: str, key: CellKey) -> dict[str, Any]:
    """Period -> row `period, version, value, counted, expected` of the newest version that has this cell."""
    c = report.c
    rows = conn.execute(
        select(c.period, c.version, _V.value, _V.counted, _V.expected)
        .join(report_value, _V.report_id == c.id)
        .where(c.regime == regime, _V.form == key.form, _V.row == key.row, _V.col == key.column)
        .order_by(c.period, c.version)
    )
    # By version, so that the newest stays.
    return {row.period: row for row in rows}


def of_column(conn: Connection, regime: str, form: str, column: str) -> dict[str, dict[CellKey, ProvinceValue]]:
    """Period -> the column's cells in the newest version of its report."""
    newest = select(report.c.period, func.max(report.c.version).label("version"))
    newest_of = newest.where(report.c.regime == regime).group_by(report.c.period).subquery()
    rows = conn.execute(
        select(report.c.period.label("of_period"), report_value)
        .join(newest_of, (newest_of.c.period == report.c.period) & (newest_of.c.version == report.c.version))
        .join(report_value, _V.report_id == report.c.id)
        .where(report.c.regime == regime, _V.form == form, _V.col == column)
    )
    found: dict[str, dict[CellKey, ProvinceValue]] = {}
    for row in rows:
        value = reports.value_of(row)
        found.setdefault(row.of_period, {})[value.key] = value
    return found
