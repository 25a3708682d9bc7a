"""Lịch của Airflow: when a reporting period's run starts, and from when on the sweeps run.

A run's data interval begins at the opening of the window, not at the beginning of the reporting interval: the six-month
and the annual interval begin on the same day, and a DAG can have only one run a logical date (docs/adr/0002).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.timetables.simple import NullTimetable
from airflow.timetables.trigger import CronTriggerTimetable
from baocao_calendar import period_opening_at, periods_of, scheduled_periods

from baocao.model.period import Period
from baocao.settings import load_settings
from baocao.text import day_text

Moment = Literal["opens", "due"]
_LABELS = {"opens": "khi mở kỳ", "due": "sau hạn của đơn vị và ngày lấy ý kiến"}


def utc(instant: datetime) -> pendulum.DateTime:
    """The instant as Airflow wants it: pendulum, in UTC."""
    return pendulum.instance(instant.astimezone(UTC))


def interval_of(period: Period) -> DataInterval:
    """From the opening of the window to the province's deadline; the begin is unique among the regime's periods."""
    return DataInterval(start=utc(period.opens_at), end=utc(period.province.due_at))


def run_after(period: Period, moment: Moment) -> pendulum.DateTime:
    """`opens`: the opening instant. `due`: midnight after the units' deadline and the days kept free for comments."""
    if moment == "opens":
        return utc(period.opens_at)
    return utc(period.consolidates_after + timedelta(seconds=1))


_Place = tuple[datetime, datetime]


def _place(info: DagRunInfo) -> _Place:
    return info.run_after, info.data_interval.start


def _is_never(first: date) -> bool:
    return first > pendulum.now("UTC").add(years=100).date()


def _why_none(regime: str) -> str:
    """Why Airflow shows no next run: two short lines, the list cuts the third."""
    first = load_settings().schedule_from
    if first is None:
        return "Lịch không có kỳ nào từ go_live_on của gói; chạy tay bằng Trigger"
    if _is_never(first):
        return "Lịch tự chạy đang tắt; chạy tay bằng Trigger"
    return f"Không tự chạy trước {day_text(first)}; chạy tay bằng Trigger"


class ReportingPeriodTimetable(Timetable):
    """One run a reporting period, each period once, however long the scheduler was away.

    `restriction.catchup` is ignored on purpose: a statutory window that was missed is opened late, never skipped.
    """

    # Of the grid. Airflow's own begins with the interval's end, and deadlines do not always follow the openings.
    run_ordering = ("logical_date",)

    def __init__(self, regime: str, moment: Moment) -> None:
        self.regime = regime
        self.moment: Moment = moment

    def serialize(self) -> dict[str, Any]:
        """What `deserialize` needs, for the serialized DAG."""
        return {"regime": self.regime, "moment": self.moment}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ReportingPeriodTimetable:
        """The timetable from what `serialize` gave."""
        return cls(data["regime"], data["moment"])

    @property
    def description(self) -> str:
        """What Airflow shows when the pointer rests on the schedule."""
        said = f"Mỗi kỳ báo cáo một lần, {_LABELS[self.moment]}."
        if scheduled_periods(self.regime):
            return said
        return (
            f"{said} Chỉ kỳ mở từ ngày đưa vào vận hành (go_live_on của gói, BAOCAO_SCHEDULE_FROM của máy chủ) trở đi "
            "mới tự chạy, nên chưa có lượt kế tiếp. Kỳ khác: bấm Trigger và chọn kỳ."
        )

    @property
    def summary(self) -> str:
        """What stands under Schedule. With nothing to come Airflow leaves Next Run empty, so the reason stands here."""
        periods = scheduled_periods(self.regime)
        if not periods:
            return _why_none(self.regime)
        last = max(periods, key=lambda p: run_after(p, self.moment))
        if run_after(last, self.moment) <= pendulum.now("UTC"):
            return f"Lịch đã hết, kỳ cuối {last.code}; chạy tay bằng Trigger"
        return f"{len(periods)} kỳ: {periods[0].code} đến {periods[-1].code}, {_LABELS[self.moment]}"

    def info(self, period: Period) -> DagRunInfo:
        """When the run of the period starts, and the days it covers."""
        return DagRunInfo(run_after=run_after(period, self.moment), data_interval=interval_of(period))

    def _next(self, last: _Place | None, restriction: TimeRestriction) -> DagRunInfo | None:
        """The first run after `last` in the order of running.

        That is not always the order of opening: a month's report can open after and be due before a longer one. When
        Airflow asks again after re-reading the DAG, it starts from the latest logical date and may be told a run that
        exists; it skips those.
        """
        infos = [self.info(p) for p in scheduled_periods(self.regime)]
        for info in sorted(infos, key=_place):
            if last is not None and _place(info) <= last:
                continue
            # A run before the DAG's start_date would turn green without a single task: compare the logical date.
            if restriction.earliest is not None and info.logical_date < restriction.earliest:
                continue
            # Not the end of the search: the next one in the order of running may have opened earlier.
            if restriction.latest is not None and info.logical_date > restriction.latest:
                continue
            return info
        return None

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        known = last_dagrun_info is not None and last_dagrun_info.data_interval is not None
        return self._next(_place(last_dagrun_info) if known else None, restriction)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The older form of the question, still asked when the timetable is combined with assets."""
        last = None
        if last_automated_data_interval is not None:
            start = last_automated_data_interval.start
            period = period_opening_at(self.regime, start)
            last = _place(self.info(period)) if period else (start, start)
        return self._next(last, restriction)

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """A run by hand works on the period whose window opened last, the first one before any has opened."""
        periods = periods_of(self.regime)
        opened = [p for p in periods if p.opens_at <= run_after]
        return interval_of(opened[-1] if opened else periods[0])

    def generate_run_id(
        self, *, run_type: Any, run_after: pendulum.DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """The period's code for scheduled runs, so that the grid reads as a calendar of periods."""
        period = period_opening_at(self.regime, data_interval.start) if data_interval else None
        if period is None:
            made = super().generate_run_id(run_type=run_type, run_after=run_after, data_interval=data_interval, **extra)
            return str(made)
        if run_type.value == "scheduled":
            return period.code
        return f"{run_type.value}__{period.code}__{run_after.in_timezone('UTC').format('YYYYMMDDTHHmmss.SSSSSS')}"


class SweepTimetable(CronTriggerTimetable):
    """A cron schedule that starts on the installation's `BAOCAO_SCHEDULE_FROM`, like the reporting windows.

    Missed sweeps are not made up for: the next one does all that is due.
    """

    def __init__(self, cron: str, *, timezone: Any, said: str = "", **kwargs: Any) -> None:
        super().__init__(cron, timezone=timezone, **kwargs)
        self.said = said
        """What stands under Schedule in place of the five fields of cron."""

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "said": self.said}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        # The parent builds the object from its own fields, without `said`.
        found = super().deserialize(data)
        assert isinstance(found, SweepTimetable)
        found.said = data.get("said", "")
        return found

    @property
    def summary(self) -> str:
        first = load_settings().schedule_from
        return _why_none("") if first is not None and _is_never(first) else self.said or super().summary

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next tick, none before the day of going live (`BAOCAO_SCHEDULE_FROM`)."""
        first = load_settings().schedule_from
        if first is not None:
            begin = utc(datetime.combine(first, time(), tzinfo=self._timezone))
            # Else a DAG that is switched on runs the last tick before now at once, whatever the day of going live.
            earliest = max(begin, restriction.earliest) if restriction.earliest else begin
            restriction = restriction._replace(earliest=earliest)
        return super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )


class StartedByHand(NullTimetable):
    """No schedule, and the page says so where Airflow would leave Schedule and Next Run empty."""

    description = "Không có lịch: một lượt cho mỗi yêu cầu, bấm Trigger và điền mẫu."

    @property
    def summary(self) -> str:
        return "Khi có yêu cầu: bấm Trigger"
