"""Reminders are a ledger, not a date match: what should have gone out by now, minus what is recorded.

`plan` decides and touches nothing; `run` records the decisions and enqueues the letters in one transaction. However
seldom or often it runs, each step of a unit's ladder is recorded once, never a lower one after a higher one, and of
several pending steps only the highest is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from baocao.calendar.workdays import WorkingDays
from baocao.delivery import outbox
from baocao.delivery.addresses import source_of
from baocao.delivery.contexts.common import Letterhead
from baocao.delivery.letters import Letter, render
from baocao.delivery.message import is_address, parse_address
from baocao.delivery.reminding.decisions import Outcome, ReminderDecision, RunResult
from baocao.delivery.reminding.ladder import LadderDeadline, ReminderDue, check_ladder, pending, steps_owed
from baocao.delivery.reminding.letters import UnitToRemind, context_of, digest_of
from baocao.delivery.submit_ways import SubmitWay, ways_of
from baocao.model.deadline import UnitDeadline, Waiver, unit_deadline
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.regime import ReminderStep
from baocao.settings import Settings
from baocao.store import standing
from baocao.store.mail import outbox_rows, reminder_ledger
from baocao.store.waivers import waivers
from baocao.store.windows import Obligation, window_of

WaysOf = Callable[[str], tuple[SubmitWay, ...]]


def plan(
    pack: Pack,
    period: Period,
    as_of: datetime,
    obligations: Iterable[Obligation],
    done: Collection[str],
    granted: Iterable[Waiver],
    ledger: Collection[tuple[str, str]],
    *,
    days: WorkingDays,
    opened_at: datetime | None = None,
    bounced: Collection[str] = (),
) -> list[ReminderDecision]:
    """Decide every step that is pending at `as_of`; by unit code, lower steps first.

    `done` are units with an accepted report, `ledger` the (unit, key) recorded so far, `opened_at` when the window
    really opened (the period's opening by default). Raises ConfigurationError for a ladder that cannot work.
    """
    check_ladder(pack.regime)
    grants = list(granted)
    # By unit code: two sweeps at once write the same rows of the ledger in the same order, so the second waits for the
    # first instead of both waiting for each other.
    decisions = []
    for owed in sorted(obligations, key=lambda o: o.unit):
        own = unit_deadline(owed.unit, owed.due_at, owed.locked_after, grants, as_of=as_of, added_at=owed.added_at)
        if owed.unit in done or not own.owes:
            continue
        deadline = _ladder_deadline(own, opened_at or period.opens_at)
        recorded = {key for unit, key in ledger if unit == owed.unit}
        due = pending(steps_owed(pack.regime, deadline, days), recorded, as_of)
        decisions += [_decision(pack, owed.unit, reminder, due, deadline, bounced) for reminder in due]
    return decisions


def _ladder_deadline(own: UnitDeadline, opened_at: datetime) -> LadderDeadline:
    """What the ladder counts from: the unit's own deadline, and when the unit was told of it."""
    return LadderDeadline(own.due_at, max(own.told_at or opened_at, opened_at), extended=own.extended)


def _decision(
    pack: Pack,
    unit: str,
    reminder: ReminderDue,
    pending: Sequence[ReminderDue],
    deadline: LadderDeadline,
    bounced: Collection[str],
) -> ReminderDecision:
    """What happens with one pending step of a unit: only the last of them is sent."""
    recipient = ""
    outcome = Outcome.OVERTAKEN
    if reminder is pending[-1]:
        recipient = _recipient(pack, unit, reminder.step, bounced)
        outcome = Outcome.SENT if recipient else Outcome.NO_ADDRESS
    return ReminderDecision(unit, reminder.step, reminder.key, reminder.fires_at.date(), outcome, recipient, deadline)


def _recipient(pack: Pack, code: str, step: ReminderStep, bounced: Collection[str]) -> str:
    """The address, or nothing when there is none that mail can go to.

    A head without an address of their own is written to at the unit's mailbox.
    """
    unit = pack.unit(code)
    authority = pack.regime.authority
    candidates = {
        "unit": [unit.email] if unit else [],
        "head": [unit.head_email, unit.email] if unit else [],
        "lead": [authority.lead_email],
        "leadership": [authority.leadership_email],
    }[step.to]
    # A mailbox that sent a letter back for good is no address until somebody says that it is good again (`unbounce`).
    usable = (a for a in candidates if is_address(a) and parse_address(a).addr_spec.lower() not in bounced)
    return next(usable, "")


def run(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    period: Period,
    days: WorkingDays,
    as_of: datetime,
    *,
    ways: WaysOf | None = None,
    reply_to: Callable[[str], str] | None = None,
    bounced: Collection[str] = (),
) -> RunResult:
    """Plan, record, enqueue: all in the caller's transaction; run again, or twice at once, it sends nothing twice.

    `ways` gives how a unit hands in, `reply_to` where its answers go; an address in `bounced` counts as none.
    """
    # Without a window nobody owes anything, and obligations are what is reminded of.
    window = window_of(conn, pack.code, period.code)
    if window is None:
        return RunResult(0, 0, 0, 0)
    # First of all: what a clock that was ahead has decided would stand above every step that is due now
    # (test_steps_decided_under_a_fast_clock_are_withdrawn).
    reminder_ledger.take_back(conn, pack.code, period.code, as_of)
    units = {s.obligation.unit: s for s in standing.standing_of(conn, pack.code, period.code, as_of)}
    decisions = plan(
        pack,
        period,
        as_of,
        [s.obligation for s in units.values()],
        {code for code, s in units.items() if s.accepted is not None},
        waivers(conn, pack.code, period.code),
        reminder_ledger.decided(conn, pack.code, period.code, as_of),
        days=days,
        opened_at=window.opened_at,
        bounced=bounced,
    )
    # The insert decides between two sweeps at once: whoever finds the row taken writes no letter
    # (test_sweeps_that_race_remind_once).
    mine = [d for d in decisions if _record(conn, pack.code, period.code, d, as_of)]
    ways = ways or (lambda unit: ways_of(settings, pack.code, unit))
    post = _RunLetters(conn, settings, pack, period, days, as_of, units, ways, reply_to or (lambda _: ""))
    sent = [d for d in mine if d.outcome is Outcome.SENT]
    # A step without an address is recorded all the same: a corrected one gets the next step, not all those before it.
    for decision in (d for d in sent if not d.step.digest):
        post.single(decision)
    digests: dict[str, list[ReminderDecision]] = {}
    for decision in (d for d in sent if d.step.digest):
        digests.setdefault(decision.step.id, []).append(decision)
    for together in digests.values():
        post.digest(together)
    missing = [d for d in mine if d.outcome is Outcome.NO_ADDRESS]
    for decision in missing:
        post.no_address(decision)
    single = sum(not d.step.digest for d in sent)
    return RunResult(len(sent), single + len(digests), len(mine) - len(sent) - len(missing), len(missing))


def _record(conn: Connection, regime: str, period: str, decision: ReminderDecision, as_of: datetime) -> bool:
    return reminder_ledger.record(
        conn,
        regime=regime,
        period=period,
        unit=decision.unit,
        key=decision.key,
        due_on=decision.due_on,
        outcome=decision.outcome.value,
        at=as_of,
    )


@dataclass(frozen=True)
class _RunLetters:
    """Writes the letters of one run."""

    conn: Connection
    settings: Settings
    pack: Pack
    period: Period
    days: WorkingDays
    as_of: datetime
    units: Mapping[str, standing.UnitStanding]
    ways: WaysOf
    reply_to: Callable[[str], str]

    @property
    def head(self) -> Letterhead:
        return Letterhead.of(self.pack.regime, self.period)

    def single(self, decision: ReminderDecision) -> None:
        """One letter about one unit."""
        today = self.as_of.astimezone(self.pack.regime.zone).date()
        # The unit's own link goes to its own mailbox only.
        head = replace(self.head, ways=self.ways(decision.unit)) if decision.step.to == "unit" else self.head
        context = context_of(head, self.pack, self._late(decision), decision.step, today, self.days)
        letter = render(self.settings.templates, context.outcome, context)
        self._enqueue([decision], decision.unit, f"remind:{decision.key}", letter)

    def digest(self, decisions: Sequence[ReminderDecision]) -> None:
        """One letter naming all these units. Its key follows from the units: a later digest names others."""
        late = [self._late(d) for d in decisions]
        context = digest_of(self.head, self.pack, late, len(self.units), self.as_of)
        letter = render(self.settings.templates, context.outcome, context)
        # The outbox holds one letter a (unit, step): two digests of one step, days apart, would be the same letter.
        names = outbox.digest_key(f"{d.unit} {d.key}" for d in decisions)
        self._enqueue(decisions, decisions[0].step.to, f"remind:{decisions[0].step.id}:{names}", letter)

    def no_address(self, decision: ReminderDecision) -> None:
        """An alarm, once a unit and period (or once a period, when the address of the office itself is missing)."""
        owed = self.units[decision.unit].obligation
        whose = owed.unit if decision.step.to in {"unit", "head"} else decision.step.to
        name = f"{owed.unit_name} (mã {owed.unit})" if whose == owed.unit else "Cơ quan đôn đốc"
        cure = (
            "Bổ sung cột email trong units.csv của gói chế độ báo cáo."
            if whose == owed.unit
            else f"Bổ sung authority.{decision.step.to}_email trong regime.yaml của gói chế độ báo cáo."
        )
        outbox.alarm(
            self.conn,
            self.settings,
            self.head,
            regime=self.pack.code,
            period=self.period.code,
            subject=f"{name} chưa có địa chỉ thư điện tử hợp lệ",
            text=f"Bước nhắc «{decision.key}» không gửi được vì không có địa chỉ nhận.\n\n{cure} "
            "Các bước nhắc sau sẽ gửi theo địa chỉ mới; trong lúc chờ, đề nghị liên hệ đơn vị bằng cách khác. "
            "Xem mục «Đơn vị chưa có địa chỉ thư» trong sổ tay vận hành.",
            key=f"no-address/{whose}",
            at=self.as_of,
        )

    def _late(self, decision: ReminderDecision) -> UnitToRemind:
        stands = self.units[decision.unit]
        return UnitToRemind(
            code=decision.unit,
            name=stands.obligation.unit_name,
            unit=self.pack.unit(decision.unit),
            due_at=decision.deadline.due_at,
            locked_after=stands.deadline.locked_after,
            standing=stands.standing,
        )

    def _enqueue(self, decisions: Sequence[ReminderDecision], key: str, step: str, letter: Letter) -> None:
        regime, period, recipient = self.pack.code, self.period.code, decisions[0].recipient
        row = outbox.enqueue(
            self.conn,
            regime=regime,
            period=period,
            unit=key,
            step=step,
            recipient=recipient,
            letter=letter,
            created_at=self.as_of,
            address_of=source_of(self.pack, key, recipient),
            reply_to=self.reply_to(key) if decisions[0].step.to == "unit" else "",
        )
        if row is None:
            row = outbox_rows.id_of(self.conn, regime=regime, period=period, unit=key, step=step)
        for decision in decisions:
            reminder_ledger.record_letter(self.conn, regime, period, decision.unit, decision.key, row)
