"""What is written because of a message itself: to its sender, and to the operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.delivery.addresses import source_of
from baocao.delivery.contexts.common import Letterhead, addressee_of
from baocao.delivery.contexts.mail import Case, MailAnswer
from baocao.delivery.letters import render, size_text
from baocao.delivery.message import is_address
from baocao.intake.mail.message_opening import MAX_BYTES
from baocao.intake.mail.opened import OpenedMail
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.store.mail import messages
from baocao.workflow.arrivals.received import packs
from baocao.workflow.installation import Installation
from baocao.workflow.mail.alarms import own_head
from baocao.workflow.mail.letters import unit_ways
from baocao.workflow.mailbox.senders import Sender

SENDER = "mail-sender"
"""The `unit` of letters to addresses nobody has registered."""
ANSWERS_A_DAY = 3
"""To one unregistered address: two machines must not answer each other for ever."""


def answer(
    place: Installation,
    conn: Connection,
    mail: OpenedMail,
    who: Sender,
    case: Case,
    id: int,
    received_at: datetime,
    as_of: datetime,
) -> bool:
    """Put the answer into the outbox; False where none is written: the address may be forged, or has had enough today.

    A unit is answered at its own address, anybody else at the one they wrote from, always in the thread.
    """
    if not who.may_be_answered or not is_address(mail.sender):
        return False
    pack, period = _about(place, who)
    # Whoever is registered is never counted against the limit.
    known = pack.unit(who.unit) if pack and who.unit else None
    if known is None and messages.finished_since(conn, mail.sender, as_of - timedelta(days=1)) >= ANSWERS_A_DAY:
        return False
    head = Letterhead.of(pack.regime, period) if pack else own_head(place)
    if known is not None and pack is not None:
        head = replace(head, ways=unit_ways(place, conn, pack.code, period, known.code, as_of))
    # To the address in the pack, also when the unit wrote from another one of its own: a forged sender learns nothing.
    to = known.email if known is not None and is_address(known.email) else mail.sender
    context = MailAnswer(
        head=head,
        addressee=addressee_of(known) if known is not None else f"người gửi thư từ địa chỉ {mail.sender}",
        case=case,
        subject=mail.subject,
        files=tuple(file.name for file in mail.files),
        received_at=received_at,
        limit=size_text(MAX_BYTES),
    )
    done = outbox.enqueue(
        conn,
        regime=pack.code if pack else "",
        period=period.code if period else "",
        unit=known.code if known is not None else SENDER,
        # By the message's number: gone through again after a crash it is answered once.
        step=f"mail-{case}-{id}",
        recipient=to,
        letter=render(place.settings.templates, context.outcome, context),
        created_at=as_of,
        address_of=source_of(pack, known.code, to) if known is not None and pack is not None else "",
        thread=thread_of(mail),
    )
    return done is not None


def thread_of(mail: OpenedMail) -> tuple[str, ...]:
    """The Message-IDs an answer to this message stands behind."""
    return (*mail.references, *((mail.message_id,) if mail.message_id else ()))


def _about(place: Installation, who: Sender) -> tuple[Pack | None, Period | None]:
    """The regime and period the answer speaks of: those of the token, else the unit's only regime."""
    if who.token is not None:
        # The token says which letter was answered, even where it does not say by whom.
        return place.at(who.token.regime, who.token.period)
    found = [pack for pack in packs(place) if who.unit and pack.unit(who.unit) is not None]
    return (found[0], None) if found else (None, None)
