"""The reminder sweep: the ledger of every open period, the alarms of our own, and the outbox."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.delivery.contexts.common import Letterhead
from baocao.delivery.reminding import inspections as inspection_reminders
from baocao.delivery.reminding import reminders
from baocao.model.pack_parts.wording import Wording
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.report import ReportStatus
from baocao.settings import ConfigurationError
from baocao.store import waivers, windows
from baocao.store.mail import bounces
from baocao.store.reports import corrections, reports
from baocao.store.submissions import receiving
from baocao.text import day_text, short_moment_text
from baocao.workflow.copies.units import remind_of_copies
from baocao.workflow.installation import Installation
from baocao.workflow.lead_bodies.sharing import share_changed
from baocao.workflow.mail.alarms import head_without_pack, own_head
from baocao.workflow.mail.letters import PeriodMail, unit_ways
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mail.reply_addresses import reply_address

STUCK_AFTER = timedelta(hours=1)
"""A file that is still RECEIVED after this long is an alarm."""
CORRECTION_DAYS = 2
"""Working days a correction may take before it is an alarm a day."""
AT_RISK_DAYS = 1
"""From this many working days before the province's safe day, an unsent report is an alarm a day."""
FIRST_WARNING_DAYS = 3
"""So many working days before the safe day the first alarm about an unsent report is raised."""
ALARM_FOR = timedelta(days=60)
"""So long after its deadline a report that was never dispatched is still an alarm a day."""

log = logging.getLogger(__name__)
_Work = Callable[[Installation, str, datetime], Counter[str]]


def remind(place: Installation, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """For every open period: the pending steps of the ladder, and the alarms that are due; for every inspection the
    pending step about its next act; after the units' deadline the slices of the lead bodies. Then send the outbox.

    Periods whose report has been dispatched are done: nobody is reminded of them. A regime whose pack cannot be used
    is left out with an alarm; the others go on. `failed` names it.
    """
    total: Counter[str] = Counter(dict.fromkeys(("reminders", "overtaken", "no_address", "alarms"), 0))
    codes = [regime] if regime else sorted(place.folders)
    # One regime after the other, each on its own: a broken pack of one office must not silence the others.
    failed = [code for code in codes if not _isolated(place, code, as_of, total, _remind_regime)]
    with place.store.begin() as conn:
        # Once for all: a file that was never opened has no regime yet.
        total["alarms"] += _stuck(place, conn, as_of)
    # Also when every regime failed: what earlier sweeps have queued does not depend on a pack.
    mails = flush(place, as_of)
    # After the letters have left: cutting slices takes seconds, and trouble with it must hold no reminder back.
    total["slices"] = 0
    unshared = [c for c in codes if c not in failed and not _isolated(place, c, as_of, total, _share)]
    if total["slices"] or unshared:
        more = flush(place, as_of)
        mails = {**more, **{name: mails[name] + more[name] for name in ("mails_sent", "mails_failed")}}
    return {**total, **mails, "failed": sorted([*failed, *unshared])}


def _isolated(place: Installation, regime: str, as_of: datetime, total: Counter[str], work: _Work) -> bool:
    """One regime's part of the sweep; its trouble is an alarm and stops nobody else."""
    try:
        total.update(work(place, regime, as_of))
    except Exception as error:
        log.exception("remind: %s", regime)
        _alarm_about_regime(place, regime, error, as_of)
        return False
    return True


def _alarm_about_regime(place: Installation, regime: str, error: Exception, as_of: datetime) -> None:
    """One alarm a day and fault; it needs nothing of the pack that does not work."""
    said = str(error) if isinstance(error, ConfigurationError) else f"{type(error).__name__}: {error}"
    with place.store.begin() as conn:
        outbox.alarm(
            conn,
            place.settings,
            head_without_pack(place, regime),
            regime=regime,
            period="",
            subject=f"Không đôn đốc được chế độ báo cáo {regime}",
            text=f"Lượt quét bỏ qua chế độ {regime}; các chế độ khác vẫn chạy. Lỗi: {said}\n\n"
            "Xem mục «Gói chế độ báo cáo hỏng» trong sổ tay vận hành.",
            key=f"remind-failed/{as_of:%Y-%m-%d}/{outbox.digest_key([said])}",
            at=as_of,
        )


def _remind_regime(place: Installation, code: str, as_of: datetime) -> Counter[str]:
    """The ledgers of one regime: periods, signed copies, inspections, and its alarms; what was done, counted."""
    counted: Counter[str] = Counter()
    # A transaction a period: ledger and letters of one are one fact, and a long sweep holds the writers' lock for none
    # of them longer than that.
    for period in _open(place, code, as_of):
        with place.store.begin() as conn:
            done = reminders.run(
                conn,
                place.settings,
                for_period(place.pack(code), period),
                period,
                place.working_days,
                as_of,
                ways=partial(unit_ways, place, conn, code, period, at=as_of),
                reply_to=partial(reply_address, place, code, period.code),
                bounced={found.address for found in bounces.all_bounced(conn)},
            )
        counted.update(reminders=done.sent, overtaken=done.overtaken, no_address=done.no_address)
        counted["reminders"] += remind_of_copies(place, for_period(place.pack(code), period), period, as_of)
    # Not among the open ones: the report is owed long after the units' last day.
    for period in _not_dispatched(place, code, as_of):
        with place.store.begin() as conn:
            counted["alarms"] += _deadline_at_risk(place, conn, code, period, as_of)
    with place.store.begin() as conn:
        done = inspection_reminders.run(conn, place.settings, place.pack(code), place.working_days, as_of)
        counted.update(reminders=done.sent, overtaken=done.overtaken, no_address=done.no_address)
        counted["alarms"] += _corrections_waiting(place, conn, code, as_of)
    return counted


def _share(place: Installation, code: str, as_of: datetime) -> Counter[str]:
    """The slices of the lead bodies, once the units' deadline has passed; how many went out."""
    return Counter(
        slices=sum(
            len(share_changed(place, code, period, as_of))
            for period in _open(place, code, as_of)
            if as_of > period.unit.due_at
        )
    )


def _not_dispatched(place: Installation, regime: str, as_of: datetime) -> list[Period]:
    """Periods whose report is owed and not dispatched, also long after the units' last day."""
    known = {p.code: p for p in place.periods(regime)}
    with place.store.read() as conn:
        opened = [w for w in windows.open_windows(conn, regime) if w.period in known and w.opened_at <= as_of]
        found = [known[w.period] for w in opened if corrections.last_dispatched(conn, regime, w.period) is None]
    return [p for p in found if not p.is_rehearsal and as_of <= p.province.due_at + ALARM_FOR]


def _open(place: Installation, regime: str, as_of: datetime) -> list[Period]:
    """Open windows that are not locked and whose report is not on its way to the ministry."""
    known = {p.code: p for p in place.periods(regime)}
    result = []
    with place.store.read() as conn:
        for window in windows.open_windows(conn, regime):
            period = known.get(window.period)
            # A window opened at a later business time does not exist yet for a period that is played.
            if period is None or window.opened_at > as_of or as_of > _last_lock(conn, period, as_of):
                continue
            # A correction that is being made has its own alarm: the statutory report is out.
            if corrections.last_dispatched(conn, regime, period.code) is None:
                result.append(period)
    return result


def _last_lock(conn: Connection, period: Period, as_of: datetime) -> datetime:
    """When nothing is awaited from anybody any more: the lock, or the last extension that runs beyond it."""
    # An extension may run beyond the lock of everybody: its unit is reminded until then.
    own = waivers.deadlines(conn, period.regime, period.code, as_of).values()
    return max([period.unit.locked_after, *(d.locked_after for d in own)])


def _deadline_at_risk(place: Installation, conn: Connection, regime: str, period: Period, as_of: datetime) -> int:
    """One alarm a day while the province's report is not dispatched and its safe day is near or past."""
    today = place.day(regime, as_of)
    safe_on = period.province.safe_on
    # Working days, as the safe day is one: an alarm nobody reads before Monday warns of nothing.
    first, daily_from = (place.working_days.add(safe_on, -days) for days in (FIRST_WARNING_DAYS, AT_RISK_DAYS))
    if today < daily_from and today != first:
        return 0
    report = reports.latest(conn, regime, period.code)
    words = place.pack(regime).regime.wording
    stands = "chưa lập" if report is None else f"phiên bản {report.version}, trạng thái {report.status.value}"
    waits = _waits(words, report.status if report else ReportStatus.DRAFT)
    row = PeriodMail(place, place.pack(regime), period).alarm(
        conn,
        subject=f"Nguy cơ trễ hạn gửi báo cáo {period.name}",
        text=f"Hạn gửi của {words.top_short} là hết ngày {day_text(period.province.due_at)}, nên gửi chậm nhất "
        f"{day_text(period.province.safe_on)}. Báo cáo tổng hợp: {stands}, {waits}.\n\n"
        "Xem mục «Nguy cơ trễ hạn» trong sổ tay vận hành.",
        # By the day: a sweep runs every hour, the alarm is one a day.
        key=f"deadline/{today.isoformat()}",
        at=as_of,
    )
    return 0 if row is None else 1


def _waits(words: Wording, status: ReportStatus) -> str:
    """What keeps a report from being sent, as the end of a sentence."""
    return {
        ReportStatus.DRAFT: "chưa hoàn thành tổng hợp",
        ReportStatus.FROZEN: f"đang chờ {words.approver} duyệt",
        ReportStatus.APPROVED: f"đang chờ {words.signer} ký",
        ReportStatus.SIGNED: "đã ký, chưa phát hành",
        ReportStatus.RETURNED: "đã bị trả lại, chờ sửa và tổng hợp lại",
        ReportStatus.DISPATCHED: "đã phát hành",
    }[status]


def _corrections_waiting(place: Installation, conn: Connection, regime: str, as_of: datetime) -> int:
    """One alarm a day while a correction is open and nothing was dispatched, from some working days after it was
    opened and after the last unit could send again."""
    known, today, alarms = {p.code: p for p in place.periods(regime)}, place.day(regime, as_of), 0
    for window in windows.open_windows(conn, regime):
        period, opened = known.get(window.period), corrections.waiting(conn, regime, window.period)
        if period is None or opened is None or opened.opened_at > as_of:
            continue
        own = waivers.deadlines(conn, regime, period.code, as_of).values()
        # Counted from the last unit that may still send: before that nobody is late with the correction.
        start = place.day(regime, max([opened.opened_at, *(d.due_at for d in own if d.extended)]))
        if today < place.working_days.add(start, CORRECTION_DAYS):
            continue
        report = reports.latest(conn, regime, period.code)
        assert report is not None
        made, words = report.version > opened.corrects_version, place.pack(regime).regime.wording
        stands = f"đã có phiên bản {report.version}, {_waits(words, report.status)}" if made else "chưa được tổng hợp"
        row = PeriodMail(place, place.pack(regime), period).alarm(
            conn,
            subject=f"Đính chính báo cáo {period.name} chưa hoàn thành",
            text=f"Đính chính phiên bản {opened.corrects_version} mở ngày "
            f"{day_text(place.day(regime, opened.opened_at))} "
            f"{stands}. Báo cáo đã gửi vẫn có hiệu lực tới khi bản đính chính được gửi. "
            "Xem mục «Đính chính đang chờ» trong sổ tay vận hành.",
            key=f"correction/{opened.id}/{today.isoformat()}",
            at=as_of,
        )
        alarms += row is not None
    return alarms


def deadline_alarm(place: Installation, regime: str, period: str, text: str, as_of: datetime) -> dict[str, Any]:
    """An alarm raised by Airflow (a deadline alert, a failed task); once a text, regime and period.

    The sweeps serve all regimes: theirs comes with an empty `regime` and `period`.
    """
    when = place.period(regime, period) if regime and period else None
    head = Letterhead.of(place.pack(regime).regime, when) if when else own_head(place, regime)
    with place.store.begin() as conn:
        row = outbox.alarm(
            conn,
            place.settings,
            head,
            regime=regime,
            period=period,
            subject=f"Cảnh báo vận hành, kỳ {period}" if period else "Cảnh báo vận hành",
            text=text,
            # By its text: Airflow raises all alerts of a run again when the run is deleted and made anew.
            key=f"alert/{outbox.digest_key([text])}",
            at=as_of,
        )
    return {"alarmed": row is not None, **flush(place, as_of)}


def _stuck(place: Installation, conn: Connection, as_of: datetime) -> int:
    """A file nobody has judged within the hour: no silent time-out."""
    alarms = 0
    # What waits for the office is not among them: it has an alarm of its own, and people take their time.
    for row in receiving.pending(conn):
        if as_of - row.received_at < STUCK_AFTER:
            continue
        done = outbox.alarm(
            conn,
            place.settings,
            own_head(place, row.regime),
            regime=row.regime,
            period=row.period,
            subject="Bài nộp bị kẹt quá một giờ",
            text=f"Tệp {row.filename} nhận lúc {short_moment_text(row.received_at)} (UTC) vẫn chưa được xử lý. "
            "Xem mục «Bài nộp bị kẹt» trong sổ tay vận hành.",
            key=f"stuck-hour/{row.id}",
            at=as_of,
        )
        alarms += done is not None
    return alarms
