"""Writing to people: the right context for each outcome, put into the outbox inside the business transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import contexts, outbox
from baocao.delivery.addresses import awaited, source_of
from baocao.delivery.contexts.common import LetterContext, Letterhead, addressee_of
from baocao.delivery.letters import render
from baocao.delivery.message import is_address
from baocao.delivery.submit_ways import SubmitWay, ways_of
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Severity, Submission, Verdict
from baocao.model.unit import Unit
from baocao.store.trail import events
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import personal_link
from baocao.workflow.mail.reply_addresses import reply_address

Attachments = Sequence[outbox.Attachment]


def unit_ways(
    place: Installation, conn: Connection, regime: str, period: Period | None, unit: str, at: datetime
) -> tuple[SubmitWay, ...]:
    """How this unit hands in for this period, as a letter to it says. Issues its personal link where there is none."""
    link = personal_link(place, conn, regime, period.code, unit, at=at) if period else None
    address = reply_address(place, regime, period.code, unit) if period else ""
    return ways_of(place.settings, regime, unit, link=link or "", address=address)


class PeriodMail:
    """The correspondence of one regime and period."""

    def __init__(self, place: Installation, pack: Pack, period: Period | None) -> None:
        self.place, self.pack, self.period = place, pack, period
        self.head = Letterhead.of(pack.regime, period)
        self._answering: tuple[str, Sequence[str]] = ("", ())

    def answering(self, unit: str, thread: Sequence[str]) -> PeriodMail:
        """From now on letters to this unit answer a message of its: they stand in its thread."""
        self._answering = (unit, thread)
        return self

    def post(
        self,
        conn: Connection,
        *,
        to: str,
        key: str,
        step: str,
        context: LetterContext,
        at: datetime,
        attachments: Attachments = (),
    ) -> int | None:
        """Put a letter into the outbox; None when this (unit, step) was written before.

        Without an address that mail can go to, the letter is held until the pack has one, and the operator is told.
        """
        if self.pack.unit(key) is not None:
            # The link is issued in the transaction of the letter that carries it: no link without a letter, and none in
            # a letter that was rolled back.
            context = contexts.with_ways(context, unit_ways(self.place, conn, self.pack.code, self.period, key, at))
        if context.anchored:
            # Before the event of this decision is appended: what stands in the letter is the head the letter found.
            context = contexts.anchored(context, *events.head(conn))
        letter: dict[str, Any] = {
            "regime": self.pack.code,
            "period": self.period.code if self.period else "",
            "unit": key,
            "step": step,
            "letter": render(self.place.settings.templates, context.outcome, context),
            "attachments": attachments,
            "created_at": at,
        }
        if self.pack.unit(key) is not None and self.period is not None:
            # Only a unit's own letter: the token in the address says whose letter was answered.
            letter["reply_to"] = reply_address(self.place, self.pack.code, self.period.code, key)
        if self._answering[0] == key:
            letter["thread"] = self._answering[1]
        if is_address(to):
            # With the entry it comes from, not with the address alone: corrected in the pack, it is used at the next
            # try.
            return outbox.enqueue(conn, recipient=to, address_of=source_of(self.pack, key, to), **letter)
        row = outbox.hold(conn, address_of=awaited(self.pack, key, to), **letter)
        self._no_address(conn, key, step, to, at)
        return row

    def _no_address(self, conn: Connection, key: str, step: str, to: str, at: datetime) -> None:
        """The alarm about somebody whom mail cannot reach; the letter itself is held."""
        unit = self.pack.unit(key)
        who = f"{unit.full_name} (mã {unit.code})" if unit else "Nơi nhận"
        where = "cột email trong units.csv" if unit else "các địa chỉ ở mục authority trong regime.yaml"
        what = f"địa chỉ «{to}» không dùng được" if to else "chưa có địa chỉ"
        self.alarm(
            conn,
            subject=f"{who} chưa có địa chỉ thư điện tử dùng được",
            text=f"Thư «{step}» gửi {who}: {what}. Thư được giữ lại. Hãy sửa {where} của gói chế độ báo cáo (hoặc "
            f"`baocao regime address {key} ĐỊA-CHỈ --by …`): lượt quét sau tự gửi theo địa chỉ mới. "
            "Xem mục «Đơn vị chưa có địa chỉ thư» trong sổ tay vận hành.",
            key=f"no-address/{key}",
            at=at,
        )

    def to_unit(
        self,
        conn: Connection,
        unit: Unit,
        *,
        context: LetterContext,
        step: str,
        at: datetime,
        attachments: Attachments = (),
    ) -> int | None:
        """A letter to a unit. A unit without an address is an alarm, not a silence, and its letter waits for one."""
        return self.post(conn, to=unit.email, key=unit.code, step=step, context=context, at=at, attachments=attachments)

    def alarm(self, conn: Connection, *, subject: str, text: str, key: str, at: datetime) -> int | None:
        """An alarm to the operator, once a key."""
        return outbox.alarm(
            conn,
            self.place.settings,
            self.head,
            regime=self.pack.code,
            period=self.period.code if self.period else "",
            subject=subject,
            text=text,
            key=key,
            at=at,
        )

    # contexts ------------------------------------------------------------------------------------------------------

    @property
    def _due(self) -> Period:
        if self.period is None:
            raise ValueError("this letter speaks of a period")
        return self.period

    def window_opened(
        self, unit: Unit, blank_name: str, due_at: datetime, locked_after: datetime, as_of: datetime
    ) -> LetterContext:
        """The first letter of a period, with the blank workbook."""
        return contexts.WindowOpened(
            head=self.head,
            addressee=addressee_of(unit),
            covers_from=self._due.covers_from,
            cutoff_on=self._due.cutoff_on,
            due_at=due_at,
            locked_after=locked_after,
            blank_name=blank_name,
            # A window may open after its own dates, when a DAG that was paused is resumed: the letter is written for
            # today.
            state="locked" if as_of > locked_after else "late" if as_of > due_at else "open",
        )

    def accepted(
        self,
        unit: Unit,
        submission: Submission,
        verdict: Verdict,
        *,
        size: int,
        forms: Sequence[contexts.ReceivedForm],
        on_time: bool,
        first_on_time: bool,
        report_note: str,
        marked_name: str,
        is_own_file: bool,
        copy_note: str = "",
    ) -> LetterContext:
        """The receipt, with what may need a word of explanation."""
        return contexts.Accepted(
            head=self.head,
            addressee=addressee_of(unit),
            receipt_number=submission.receipt_number or "",
            sha256=submission.sha256,
            filename=submission.filename,
            size=size,
            forms=tuple(forms),
            received_at=submission.received_at,
            on_time=on_time,
            first_on_time=first_on_time,
            report_note=report_note,
            to_explain=verdict.to_explain,
            marked_name=marked_name,
            is_own_file=is_own_file,
            replaces=submission.supersedes_id is not None,
            copy_note=copy_note,
        )

    def returned(
        self,
        unit: Unit,
        submission: Submission,
        verdict: Verdict,
        *,
        marked_name: str,
        is_own_file: bool,
        due_at: datetime,
        locked_after: datetime,
        as_of: datetime,
        keeps_accepted: bool,
    ) -> LetterContext:
        """What must be corrected, with the unit's own workbook marked up."""
        places = _places(verdict)
        return contexts.Returned(
            head=self.head,
            addressee=addressee_of(unit),
            blocking=verdict.blocking,
            to_explain=verdict.to_explain,
            filename=submission.filename,
            marked_name=marked_name,
            is_own_file=is_own_file,
            received_at=submission.received_at,
            due_at=due_at,
            locked_after=locked_after,
            overdue=as_of > due_at,
            keeps_accepted=keeps_accepted,
            places=places[: contexts.MOST_PLACES],
            more_places=max(0, len(places) - contexts.MOST_PLACES),
        )


def _places(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """Each cell to be corrected once, in the order of the points, and what stands in its row; of a point about a whole
    sheet what the sheet is."""
    blocking = [f for f in verdict.findings if f.severity is Severity.BLOCKS]
    # A cell breaks several rules at once; the letter names places to go to, the marked workbook says what is wrong
    # there.
    places = {(f"{f.sheet}: {f.a1 or 'cả trang'}" if f.sheet else "Cả tệp"): f for f in blocking}
    return tuple((where, f"{f.item} {f.name}".strip() if f.a1 else f.name) for where, f in places.items())
