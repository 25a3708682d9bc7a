"""The accepted reports of a term, read from the store and accumulated: for one unit, for the province."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from baocao.consolidation.accumulate import accumulate, accumulate_province, belongs
from baocao.model.period import Period
from baocao.model.regime import Pack
from baocao.model.submission import AcceptedCells
from baocao.model.term import ProvinceTerm, Sent, UnitTerm
from baocao.model.unit import Unit
from baocao.store import cells, submissions, waivers, windows
from baocao.store.past import accepted_periods
from baocao.store.values import typed_by
from baocao.workflow.workplace import Workplace


def unit_term(place: Workplace, conn: Connection, pack: Pack, period: Period, unit: str) -> UnitTerm:
    """What the accepted reports of one unit add up to at the cut-off day of `period`, a mid-term or end-term."""
    calendar = place.periods(period.regime)
    known = accepted_periods(conn, period.regime, unit)
    sent = []
    for then in calendar:
        if then.code not in known or not belongs(period, then):
            continue
        official = submissions.official(conn, period.regime, then.code, unit)
        if official is None:
            continue
        found = cells.cells_of(conn, official.id, typed_by(pack.for_period(then)))
        report = AcceptedCells(unit, official.id, official.sha256, official.filename, official.received_at, found)
        sent.append(Sent(then, report))
    return accumulate(pack, period, calendar, unit, sent)


def province_term(place: Workplace, conn: Connection, pack: Pack, period: Period) -> ProvinceTerm:
    """The province year by year and accumulated, from the accepted reports of the term."""
    calendar = place.periods(period.regime)
    known = accepted_periods(conn, period.regime)
    sent = [
        Sent(then, report)
        for then in calendar
        if then.code in known and belongs(period, then)
        for report in cells.accepted_cells(conn, period.regime, then.code, typed_by(pack.for_period(then)))
    ]

    def expected(then: Period) -> Sequence[Unit]:
        """Who owed the report when its window opened; without a window of ours, who was there on its cut-off day."""
        owed = [pack.unit(o.unit) for o in windows.obligations(conn, period.regime, then.code)]
        return [u for u in owed if u is not None] or pack.units_on(then.cutoff_on)

    def waived(then: Period) -> Collection[str]:
        granted = waivers.waivers(conn, period.regime, then.code)
        return {w.unit for w in granted if w.kind is waivers.WaiverKind.WAIVER}

    return accumulate_province(pack, period, calendar, sent, expected, waived)
