"""Mail after the business transaction: sending what waits, and what the operator can do about a letter."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from baocao.delivery import outbox, sending
from baocao.delivery.addresses import address_at
from baocao.delivery.message import is_address, parse_address
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.settings import ConfigurationError
from baocao.store.mail import outbox_rows
from baocao.store.reports import deliveries, signoff
from baocao.store.trail import events
from baocao.text import short_moment_text
from baocao.workflow.installation import Installation, Refused

log = logging.getLogger(__name__)

RESENT_WITHIN = timedelta(days=45)
"""A letter that was given up is sent after all when the pack gives its recipient another address within this time."""


def flush(place: Installation, as_of: datetime) -> dict[str, Any]:
    """Send every pending letter that may go now, each to the address that stands in the pack today.

    A report all of whose recipients were handed their package is dispatched then. Answers `{mails_sent, mails_failed,
    mails_left, mail_trouble}`; the last one says why mail itself does not work.
    """
    book = _AddressBook(place)
    # Before the sweep, so that a corrected address is tried in this one.
    _resend_to_corrected_addresses(place, book, as_of)
    result = sending.flush(place.store, place.transport, as_of, address_of=book.address_of)
    # After it, and also where nothing left: an earlier process may have died between the last letter and this.
    settle(place, as_of)
    return {
        "mails_sent": result.sent,
        "mails_failed": result.failed,
        "mails_left": result.left,
        "mail_trouble": result.trouble,
    }


def settle(place: Installation, as_of: datetime) -> None:
    """Note which packages have left; a report whose last one has is dispatched."""
    with place.store.begin() as conn:
        for report in deliveries.settle(conn):
            sent = signoff.dispatches(conn, report.id)
            replaces = [
                e.payload["replaces"]
                for e in events.events(conn, subject=f"report/{report.id}")
                if e.action == "dispatch_started" and "replaces" in e.payload
            ]
            due_at = place.period(report.regime, report.period).province.due_at
            # By the last letter handed over (ADR 0026): queued in time and refused until the day after is late.
            late = max(d.handed_over_at or as_of for d in sent) > due_at
            payload = {
                "recipients": [d.recipient for d in sent],
                "package_sha256": sent[0].package_sha256,
                "content_sha256": report.content_sha256,
                # The report that a correction replaces was in its time; a correction has no date of its own to miss.
                "late": late and not replaces,
                **({"replaces": replaces[-1]} if replaces else {}),
            }
            events.append(conn, as_of, "baocao", "report_dispatched", report, f"report/{report.id}", payload)


class _AddressBook:
    """Where letters go by the packs of today; each pack is loaded once, and a broken one changes no address."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self._packs: dict[tuple[str, str], Pack | None] = {}

    def address_of(self, row: Row[Any] | outbox_rows.Mail) -> str | None:
        """Today's address of a letter; None where it keeps the one it has."""
        # From the settings of now: the alarm about a wrong operator's address is one of these.
        if row.unit == outbox.OPERATOR:
            return self.place.settings.operator_email
        if not row.address_of:
            return None
        pack = self._pack(row.regime, row.period)
        return None if pack is None else address_at(pack, row.unit, row.address_of)

    def _pack(self, regime: str, period: str) -> Pack | None:
        known = regime, period
        if known not in self._packs:
            try:
                pack = self.place.pack(regime)
                self._packs[known] = for_period(pack, self.place.period(regime, period)) if period else pack
            except ConfigurationError as error:
                log.warning("outbox: %s: addresses stay as they are: %s", regime, error)
                # A pack that does not load today holds no letter back.
                self._packs[known] = None
        return self._packs[known]


def _resend_to_corrected_addresses(place: Installation, book: _AddressBook, as_of: datetime) -> None:
    """Letters that were given up and whose recipient has another address by now go after all; a reminder does not,
    for the next step stands in its place."""
    with place.store.read() as conn:
        given_up = [
            m
            for m in outbox_rows.mails(conn, statuses=["FAILED"])
            if m.address_of and not m.step.startswith("remind:") and as_of - m.created_at <= RESENT_WITHIN
        ]
    for mail in given_up:
        today = book.address_of(mail)
        # The mailbox alone: a new display name does not make a refused address good.
        if today is None or (mail.recipient and _mailbox(today) == _mailbox(mail.recipient)):
            continue
        with place.store.begin() as conn:
            outbox.readdress(conn, mail.id, today, address_of=mail.address_of)
            _note(conn, mail, "mail_readdressed", "baocao", as_of, to=today, former=mail.recipient)


def _mailbox(address: str) -> str:
    return parse_address(address).addr_spec if is_address(address) else ""


# what the operator does ---------------------------------------------------------------------------------------------


def list_mails(
    place: Installation, regime: str | None, period: str | None, *, unit: str | None, statuses: Collection[str]
) -> list[dict[str, Any]]:
    """The letters, oldest first; without `statuses` those that have not left."""
    with place.store.read() as conn:
        found = outbox_rows.mails(
            conn, regime=regime, period=period, unit=unit, statuses=statuses or ["PENDING", "FAILED"]
        )
    return [_line(m) for m in found]


def show_mail(place: Installation, id: int) -> dict[str, Any]:
    """One letter with its text. Raises StoreError."""
    with place.store.read() as conn:
        mail = outbox_rows.mail(conn, id)
    return {**_line(mail), "message_id": mail.message_id, "files": list(mail.files), "text": mail.text}


def retry_mails(
    place: Installation, regime: str | None, period: str | None, ids: Collection[int], *, by: str, as_of: datetime
) -> dict[str, Any]:
    """Try these letters again at once, all that were given up or wait when none is named. Raises StoreError."""
    with place.store.begin() as conn:
        chosen = list(ids) or [
            m.id
            for m in outbox_rows.mails(conn, regime=regime, period=period, statuses=["PENDING", "FAILED"])
            # Without numbers only what has had trouble: letters that merely wait are sent by the next sweep anyhow.
            if m.recipient and (m.error or m.status == "FAILED") and not _is_closed(m)
        ]
        for id in chosen:
            mail = outbox_rows.mail(conn, id)
            if _is_closed(mail):
                raise Refused(f"Thư số {id}: {mail.error}")
            outbox.requeue(conn, id)
            _note(conn, mail, "mail_retried", by, as_of)
    return {"retried": chosen, **flush(place, as_of)}


def readdress_mail(
    place: Installation, id: int, address: str, *, by: str, as_of: datetime, again: bool = False
) -> dict[str, Any]:
    """Send one letter to another address, whatever the pack says; one that has left only `again`. Raises Refused,
    StoreError."""
    if not by.strip():
        raise Refused("--by: hãy ghi người quyết định đổi địa chỉ")
    with place.store.begin() as conn:
        mail = outbox_rows.mail(conn, id)
        if _is_closed(mail):
            raise Refused(f"Thư số {id}: {mail.error}")
        if mail.status == "SENT" and not again:
            assert mail.sent_at is not None
            raise Refused(
                f"Thư số {id}: đã gửi tới {mail.recipient} lúc {short_moment_text(mail.sent_at)} (UTC), nơi đó vẫn giữ "
                "thư. Muốn gửi thêm tới địa chỉ mới, chạy lại với --again"
            )
        try:
            outbox.readdress(conn, id, address)
        except ValueError as error:
            raise Refused(f"Thư số {id}: {error}") from None
        _note(conn, mail, "mail_readdressed", by, as_of, to=address, former=mail.recipient)
    flushed = flush(place, as_of)
    with place.store.read() as conn:
        return {**_line(outbox_rows.mail(conn, id)), **flushed}


def _is_closed(mail: outbox_rows.Mail) -> bool:
    """A letter that goes no more: its recipient confirmed to have the report."""
    return mail.status == "FAILED" and not mail.address_of and mail.error.startswith(deliveries.CONFIRMED_OTHERWISE)


def _note(conn: Any, mail: outbox_rows.Mail, action: str, actor: str, at: datetime, **more: str) -> None:
    payload = {"unit": mail.unit, "step": mail.step, "status": mail.status, "error": mail.error, **more}
    events.append(conn, at, actor, action, mail, f"mail/{mail.id}", payload)


def _line(mail: outbox_rows.Mail) -> dict[str, Any]:
    shown = ("id", "regime", "period", "unit", "step", "recipient", "subject", "status", "attempts", "error")
    times = ("created_at", "retry_at", "sent_at")
    return {name: getattr(mail, name) for name in (*shown, *times)}


def mails_text(lines: Collection[dict[str, Any]]) -> str:
    """One line a letter, for people."""
    if not lines:
        return "Không có thư nào như vậy."
    told = []
    for m in lines:
        why = f"; {m['error']}" if m["error"] else ""
        again = f"; thử lại từ {short_moment_text(m['retry_at'])} (UTC)" if m["retry_at"] else ""
        told.append(
            f"{m['id']:>6} {m['status']:<7} {m['unit']:<12} {m['step']:<24} {m['recipient'] or '(chưa có địa chỉ)'}"
            f"  {m['attempts']} lần{why}{again}"
        )
    return "\n".join(told)
