"""The accepted reports of a term, read from the store and accumulated: for one unit, for the province."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from baocao.consolidation.accumulate import accumulate, accumulate_province, belongs
from baocao.consolidation.lineage import contributions
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period, pack_cells
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells
from baocao.model.term_totals import AcceptedReport, ProvinceTerm, UnitTerm, YearBehind
from baocao.model.unit import Unit
from baocao.settings import ConfigurationError
from baocao.store import waivers, windows
from baocao.store.submissions import cells, submissions
from baocao.store.submissions.submissions import accepted_periods
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation, Refused, known_unit


def unit_term(place: Installation, conn: Connection, pack: Pack, period: Period, unit: str) -> UnitTerm:
    """What the accepted reports of one unit add up to at the cut-off day of `period`, a mid-term or end-term."""
    calendar = place.periods(period.regime)
    known = accepted_periods(conn, period.regime, unit)
    sent = []
    for then in calendar:
        if then.code not in known or not belongs(period, then):
            continue
        official = submissions.official(conn, period.regime, then.code, unit)
        # Accepted and then returned: the period is known and counts for nothing.
        if official is None:
            continue
        found = cells.cells_of(conn, official.id, typed_by(for_period(pack, then)))
        report = AcceptedCells.of(official, found, unit)
        sent.append(AcceptedReport(then, report))
    return accumulate(pack, period, calendar, unit, sent)


def province_term(
    place: Installation, conn: Connection, pack: Pack, period: Period, kept: Sequence[YearBehind] | None = None
) -> ProvinceTerm:
    """The province year by year and accumulated, from the accepted reports of the term.

    `kept` is what was kept of each year with a report: then it is made again from exactly those submissions, with who
    owed and who was excused as it was then, whatever was accepted or granted since.
    """
    if kept is not None:
        return _made_again(place, conn, pack, period, kept)
    calendar = place.periods(period.regime)
    known = accepted_periods(conn, period.regime)
    sent = [
        AcceptedReport(then, report)
        for then in calendar
        if then.code in known and belongs(period, then)
        for report in cells.accepted_cells(conn, period.regime, then.code, typed_by(for_period(pack, then)))
    ]

    def expected(then: Period) -> Sequence[Unit]:
        """Who owed the report when its window opened; without a window of ours, who was there on its cut-off day."""
        owed = [pack.unit(o.unit) for o in windows.obligations(conn, period.regime, then.code)]
        return [u for u in owed if u is not None] or pack.units_on(then.cutoff_on)

    def waived(then: Period) -> Collection[str]:
        return waivers.waived(conn, period.regime, then.code)

    return accumulate_province(pack, period, calendar, sent, expected, waived)


def _made_again(
    place: Installation, conn: Connection, pack: Pack, period: Period, kept: Sequence[YearBehind]
) -> ProvinceTerm:
    """The term from the submissions and the lists of units that were kept with a report."""
    by_code = {year.period: year for year in kept}
    sent = []
    for unit, id in (used for year in kept for used in year.used):
        # Whatever became of it since: a report is made again from what it was made from (ADR 0016, point 7).
        found = submissions.submission_of(conn, id)
        then = place.period(period.regime, found.period)
        values = cells.cells_of(conn, id, typed_by(for_period(pack, then)))
        sent.append(AcceptedReport(then, AcceptedCells.of(found, values, unit)))

    def expected(then: Period) -> Sequence[Unit]:
        return [u for code in by_code[then.code].expected if (u := pack.unit(code)) is not None]

    def waived(then: Period) -> Collection[str]:
        return by_code[then.code].waived

    # Only the years that were kept: a pack edited since may know others.
    calendar = [place.period(period.regime, code) for code in by_code]
    return accumulate_province(pack, period, calendar, sent, expected, waived)


def unit_answer(place: Installation, regime: str, period: str, unit: str, named: Iterable[str]) -> dict[str, Any]:
    """One unit's accumulated cells with period, submission, sheet and address of every part. Raises Refused."""
    pack, when = _evaluation(place, regime, period)
    known_unit(pack, unit)
    with place.store.read() as conn:
        found = unit_term(place, conn, pack, when, unit)
    wanted = _named(pack, named)
    return {
        "period": period,
        "unit": unit,
        "used": list(found.behind.used),
        "instead": dict(found.behind.instead),
        "missing": list(found.behind.missing),
        "cells": [
            {
                "cell": str(key),
                "way": a.way.value,
                "value": a.value,
                "nil": a.nil,
                "unanswered": list(a.unanswered),
                "parts": [
                    {
                        "period": p.period,
                        "submission_id": p.submission_id,
                        "sheet": p.sheet,
                        "a1": p.a1,
                        "value": p.value,
                    }
                    for p in a.parts
                ],
            }
            for key, a in found.cells.items()
            if not wanted or key in wanted
        ],
    }


def province_answer(place: Installation, regime: str, period: str, named: Iterable[str]) -> dict[str, Any]:
    """The province's cells year by year and accumulated; of cells asked for by name, every unit's part. Raises
    Refused."""
    pack, when = _evaluation(place, regime, period)
    with place.store.read() as conn:
        found = province_term(place, conn, pack, when)
    wanted = _named(pack, named)
    keys = wanted or tuple(found.values)
    return {
        "period": period,
        "years": [
            {
                "year": year,
                "report": y.wanted.code,
                "coverage": str(y.coverage),
                "missing": list(y.coverage.missing),
                "six_months_instead": list(y.instead),
            }
            for year, y in sorted(found.years.items())
        ],
        "cells": [
            {
                "cell": str(key),
                "accumulated": found.values.get(key),
                "years": [
                    {"year": year, "value": y.values.get(key)}
                    | ({"parts": _parts(key, y.accepted, pack)} if wanted else {})
                    for year, y in sorted(found.years.items())
                ],
            }
            for key in keys
        ],
    }


def _parts(key: CellKey, accepted: Iterable[AcceptedCells], pack: Pack) -> list[dict[str, Any]]:
    return [
        {"unit": c.unit, "submission_id": c.submission_id, "sheet": c.sheet, "a1": c.a1, "value": c.value}
        for c in contributions(key, accepted, pack)
    ]


def _evaluation(place: Installation, regime: str, period: str) -> tuple[Pack, Period]:
    pack, when = place.at(regime, period)
    if not when.is_evaluation:
        raise Refused(f"Kỳ {period} không phải kỳ đánh giá giữa kỳ, cuối kỳ: chỉ các kỳ đó mới có lũy kế giai đoạn")
    return pack, when


def _named(pack: Pack, named: Iterable[str]) -> tuple[CellKey, ...]:
    """The cells asked for. Raises ConfigurationError for one that no form has."""
    keys = []
    for name in named:
        key = CellKey.parse(name) if name.count("/") == 2 else None
        if key is None or key not in pack_cells(pack):
            raise ConfigurationError(f"--cell: không có ô {name!r}; hãy ghi dạng BIỂU/DÒNG/CỘT, như trong biểu")
        keys.append(key)
    return tuple(keys)
