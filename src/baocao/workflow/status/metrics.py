"""Figures for the office's monitoring, in the text format of Prometheus: counts and times, never a figure of a report.

Everything is read from the database when it is asked for, so that every process answers the same and a restart loses
nothing. Times are told as of then: one `as_of`, the instant of asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from baocao.model.period import Period
from baocao.store import standing, windows
from baocao.store.mail import bounces, outbox_rows
from baocao.store.reports import corrections
from baocao.store.submissions.receiving import waiting
from baocao.store.submissions.timeliness import seconds_to_verdict
from baocao.workflow.installation import Installation

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHOWN_FOR = timedelta(days=90)
"""So long after the province's deadline a period is still told of."""
BUCKETS = (1.0, 2.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0)
"""Seconds from the arrival of a file to its verdict."""
_STATES = ("accepted", "late", "returned", "waiting", "missing", "waived")


def metrics_text(place: Installation, as_of: datetime) -> bytes:
    """All metrics as of then, as Prometheus reads them (`CONTENT_TYPE`)."""
    # A registry of its own for each answer: the library's global one adds figures of this process, which differ by
    # process.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(place, as_of))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, place: Installation, as_of: datetime) -> None:
        self.place, self.as_of = place, as_of

    def collect(self) -> Iterator[Metric]:
        with self.place.store.read() as conn:
            yield from self._periods(conn)
            yield from self._mail(conn)
            yield self._verdicts(conn)
            held = GaugeMetricFamily("baocao_files_waiting_for_sender", "Files whose sender the office must name")
            held.add_metric([], len(waiting(conn)))
            yield held
        # Behind the snapshot: packs are files.
        broken = GaugeMetricFamily("baocao_packs_broken", "Regime packs that cannot be used")
        broken.add_metric([], len(self.place.broken_packs()))
        yield broken

    def _periods(self, conn: Connection) -> Iterator[Metric]:
        """Units by state, days to the deadlines and whether it was dispatched, of every period still shown."""
        units = GaugeMetricFamily(
            "baocao_units",
            "Units by where their report stands; accepted includes late, missing includes returned and waiting",
            labels=["regime", "period", "state"],
        )
        left = GaugeMetricFamily(
            "baocao_days_to_deadline",
            "Days to the deadline; negative when it has passed",
            labels=["regime", "period", "level"],
        )
        done = GaugeMetricFamily(
            "baocao_report_dispatched", "1 when the period's report was handed over", labels=["regime", "period"]
        )
        for period in self._shown(conn):
            names = [period.regime, period.code]
            totals = standing.statistics(conn, period.regime, period.code, self.as_of)
            counts = (totals.accepted, totals.late, totals.returned, totals.pending, len(totals.missing), totals.waived)
            for state, count in zip(_STATES, counts, strict=True):
                units.add_metric([*names, state], count)
            for level, deadline in (("unit", period.unit), ("province", period.province)):
                left.add_metric([*names, level], (deadline.due_at - self.as_of) / timedelta(days=1))
            done.add_metric(names, corrections.last_dispatched(conn, period.regime, period.code) is not None)
        yield from (units, left, done)

    def _shown(self, conn: Connection) -> Iterator[Period]:
        # A broken pack is a number of its own; its periods would stop the figures of all the others.
        for regime in sorted(set(self.place.folders) - set(self.place.broken_packs())):
            known = {p.code: p for p in self.place.periods(regime)}
            for window in windows.open_windows(conn, regime):
                period = known.get(window.period)
                if period and window.opened_at <= self.as_of <= period.province.due_at + SHOWN_FOR:
                    yield period

    def _mail(self, conn: Connection) -> Iterator[Metric]:
        letters = GaugeMetricFamily("baocao_outbox_letters", "Letters that have not left, by why", labels=["state"])
        counts = outbox_rows.count_by_status(conn)
        for status, state in (("PENDING", "waiting"), ("FAILED", "given_up")):
            letters.add_metric([state], counts.get(status, 0))
        yield letters
        bad = GaugeMetricFamily("baocao_addresses_bouncing", "Addresses that letters came back from")
        bad.add_metric([], len(bounces.all_bounced(conn)))
        yield bad

    def _verdicts(self, conn: Connection) -> Metric:
        """From the arrival of a file to its verdict, of the last 24 hours, by channel."""
        family = HistogramMetricFamily(
            "baocao_verdict_seconds", "From a file's arrival to its verdict, of the last 24 hours", labels=["channel"]
        )
        took_of = seconds_to_verdict(conn, self.as_of - timedelta(days=1), self.as_of)
        for channel, took in took_of.items():
            # Buckets of Prometheus are cumulative; the last one is all of them.
            below = [(str(limit), float(sum(t <= limit for t in took))) for limit in BUCKETS]
            family.add_metric([channel], [*below, ("+Inf", float(len(took)))], sum(took))
        return family
