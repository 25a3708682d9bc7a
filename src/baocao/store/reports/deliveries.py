"""Where each recipient of a signed report stands: on its way, refused, handed over, confirmed.

A report is dispatched when all its recipients were handed the package, which the database holds to as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from sqlalchemy import Connection, Row, select, update

from baocao.model.report import DeliveryState, Report, ReportStatus
from baocao.store.database import StepNotAllowed
from baocao.store.moves import move
from baocao.store.reports.reports import report_of
from baocao.store.tables import dispatch, outbox, report
from baocao.store.trail.rows import note
from baocao.text import day_text

CONFIRMED_OTHERWISE = "không gửi nữa: nơi nhận đã xác nhận"
"""How the error of a letter begins that needs no sending any more."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where one recipient of a report stands."""

    recipient: str
    name: str
    address: str
    state: DeliveryState
    mail: int | None
    """number of the letter in the outbox"""
    attempts: int
    error: str
    queued_at: datetime
    handed_over_at: datetime | None
    retry_at: datetime | None
    receipt: str | None
    confirmed_on: str | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a recipient says about the report it got."""

    reference: str
    """number of its letter, or its words"""
    on: date
    by: str
    """who recorded it"""
    filename: str = ""
    sha256: str = ""
    """of the kept file; empty without one"""


def settle(conn: Connection) -> list[Report]:
    """Note every package whose letter has left; SIGNED -> DISPATCHED where all recipients have theirs by now.

    Answers the reports that became dispatched. Run again, it changes nothing.
    """
    left = conn.execute(
        select(dispatch.c.id, dispatch.c.report_id, outbox.c.sent_at, outbox.c.recipient)
        .join(outbox, outbox.c.id == dispatch.c.outbox_id)
        .where(dispatch.c.handed_over_at.is_(None), dispatch.c.receipt.is_(None), outbox.c.status == "SENT")
    ).all()
    for row in left:
        conn.execute(
            update(dispatch)
            .where(dispatch.c.id == row.id)
            # The address it really went to: it may have been corrected since the dispatch.
            .values(handed_over_at=row.sent_at, address=parseaddr(row.recipient)[1] or row.recipient)
        )
        note(conn, dispatch, (row.id,), row.sent_at)
    waiting = (
        select(report.c.id)
        .where(report.c.status == ReportStatus.SIGNED.value)
        # Without this, "no package is open" would be true of a report that was sent to nobody yet.
        .where(select(dispatch.c.id).where(dispatch.c.report_id == report.c.id).exists())
        .where(
            ~select(dispatch.c.id)
            .where(dispatch.c.report_id == report.c.id, dispatch.c.handed_over_at.is_(None))
            .exists()
        )
        .order_by(report.c.id)
    )
    done = list(conn.execute(waiting).scalars())
    for id in done:
        move(conn, report, id, ReportStatus.SIGNED, ReportStatus.DISPATCHED)
    return [report_of(conn, id) for id in done]


def deliveries(conn: Connection, report_id: int) -> list[Delivery]:
    """Where each recipient stands, in the order they were written to; empty before the dispatch."""
    rows = conn.execute(
        select(
            dispatch,
            outbox.c.status,
            outbox.c.attempts,
            outbox.c.error,
            outbox.c.retry_at,
            outbox.c.recipient.label("mailbox"),
        )
        .outerjoin(outbox, outbox.c.id == dispatch.c.outbox_id)
        .where(dispatch.c.report_id == report_id)
        .order_by(dispatch.c.id)
    )
    return [
        Delivery(
            recipient=row.recipient,
            name=row.name,
            address=row.address if row.status in {None, "SENT"} else parseaddr(row.mailbox)[1] or row.address,
            state=_state(row),
            mail=row.outbox_id,
            attempts=row.attempts or 0,
            error=row.error or "",
            queued_at=row.dispatched_at,
            handed_over_at=row.handed_over_at,
            retry_at=row.retry_at,
            receipt=row.receipt,
            confirmed_on=row.confirmed_on,
        )
        for row in rows
    ]


def _state(row: Row[Any]) -> DeliveryState:
    if row.receipt is not None:
        return DeliveryState.CONFIRMED
    if row.handed_over_at is not None:
        return DeliveryState.HANDED_OVER
    return DeliveryState.REFUSED if row.status == "FAILED" else DeliveryState.QUEUED


def record_receipt(
    conn: Connection, report_id: int, recipient: str, said: Confirmation, at: datetime, *, accepted: bool
) -> None:
    """Note a recipient's confirmation, and with `accepted` that it took the report as it is. Never replaced.

    Who confirms has the report, by whatever road: a letter that still waits for it goes no more. Raises StepNotAllowed
    when the recipient was sent nothing or confirmed before.
    """
    found = conn.execute(
        select(dispatch).where(
            dispatch.c.report_id == report_id, dispatch.c.recipient == recipient, dispatch.c.receipt.is_(None)
        )
    ).one_or_none()
    if found is None:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: {recipient} chưa được gửi, hoặc đã xác nhận trước đó")
    conn.execute(
        update(dispatch)
        .where(dispatch.c.id == found.id)
        .values(
            receipt=said.reference,
            accepted_by_ministry_at=at if accepted else None,
            handed_over_at=found.handed_over_at or at,
            confirmed_on=said.on.isoformat(),
            confirmed_by=said.by,
            confirmation_name=said.filename or None,
            confirmation_sha256=said.sha256 or None,
        )
    )
    note(conn, dispatch, (found.id,), at)
    conn.execute(
        update(outbox)
        .where(outbox.c.id == found.outbox_id, outbox.c.status != "SENT")
        .values(
            status="FAILED",
            retry_at=None,
            # Otherwise a corrected entry of the pack would send it once more.
            address_of="",
            error=f"{CONFIRMED_OTHERWISE} ({said.reference}, {day_text(said.on)})",
        )
    )
