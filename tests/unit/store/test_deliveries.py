"""Where each recipient of a report stands, on both databases: dispatched is only what was handed to everybody."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from baocao.model.report import DeliveryState, ReportStatus
from baocao.store.database import StepNotAllowed, Store
from baocao.store.reports import deliveries, reports, signoff
from baocao.store.tables import dispatch, outbox, report
from builders.sites.store import a_signed, dispatched, mail_left, minute, send

SAID = deliveries.Confirmation("TD-1", date(2026, 6, 24), "van-thu")


def states(store: Store, report_id: int) -> dict[str, DeliveryState]:
    with store.read() as conn:
        return {d.recipient: d.state for d in deliveries.deliveries(conn, report_id)}


def test_the_last_recipient_makes_a_report_dispatched(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
        send(conn, signed, "bo-cong-an")
        send(conn, signed, "bo-tai-chinh")
        assert deliveries.settle(conn) == []
        mail_left(conn, signed, "bo-cong-an")
        assert deliveries.settle(conn) == []
        assert reports.report_of(conn, signed.id).status is ReportStatus.SIGNED
    assert states(store, signed.id) == {
        "bo-cong-an": DeliveryState.HANDED_OVER,
        "bo-tai-chinh": DeliveryState.QUEUED,
    }
    with store.begin() as conn:
        mail_left(conn, signed, "bo-tai-chinh", 250)
        (done,) = deliveries.settle(conn)
        assert (done.id, done.status) == (signed.id, ReportStatus.DISPATCHED)
        assert deliveries.settle(conn) == []
        assert [d.handed_over_at for d in signoff.dispatches(conn, signed.id)] == [minute(210), minute(250)]


def test_an_undeliverable_letter_means_a_refused_recipient(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
        send(conn, signed, "bo-cong-an")
        conn.execute(update(outbox).values(status="FAILED", error="550 không có hộp thư"))
        assert deliveries.settle(conn) == []
        (only,) = deliveries.deliveries(conn, signed.id)
    assert (only.state, only.error, only.state.is_open) == (DeliveryState.REFUSED, "550 không có hộp thư", True)


def test_the_database_refuses_dispatch_with_open_recipients(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
    dispatched_now = update(report).where(report.c.id == signed.id).values(status="DISPATCHED")
    with pytest.raises(IntegrityError, match="not every recipient"), store.begin() as conn:
        conn.execute(dispatched_now)
    with store.begin() as conn:
        send(conn, signed, "bo-cong-an")
    with pytest.raises(IntegrityError, match="not every recipient"), store.begin() as conn:
        conn.execute(dispatched_now)


def test_the_database_keeps_the_moment_of_handover(store: Store) -> None:
    with store.begin() as conn:
        dispatched(conn, a_signed(conn))
    for moment in (None, minute(999)):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(update(dispatch).values(handed_over_at=moment))


def test_a_confirmation_is_recorded_once(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
        with pytest.raises(StepNotAllowed, match="chưa được gửi"):
            deliveries.record_receipt(conn, signed.id, "bo-cong-an", SAID, minute(300), accepted=False)
        send(conn, signed)
        with_file = deliveries.Confirmation("TD-1", date(2026, 6, 24), "van-thu", "xac-nhan.pdf", "ab" * 32)
        deliveries.record_receipt(conn, signed.id, "bo-cong-an", with_file, minute(300), accepted=True)
        (only,) = signoff.dispatches(conn, signed.id)
        assert (only.receipt, only.confirmed_on, only.confirmed_by) == ("TD-1", "2026-06-24", "van-thu")
        assert (only.confirmation_name, only.confirmation_sha256) == ("xac-nhan.pdf", "ab" * 32)
        assert only.accepted_by_ministry_at == minute(300)
        with pytest.raises(StepNotAllowed, match="đã xác nhận"):
            deliveries.record_receipt(conn, signed.id, "bo-cong-an", SAID, minute(301), accepted=False)


def test_a_confirming_recipient_gets_no_further_copy(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
        send(conn, signed)
        deliveries.record_receipt(conn, signed.id, "bo-cong-an", SAID, minute(300), accepted=False)
        (done,) = deliveries.settle(conn)
        assert done.status is ReportStatus.DISPATCHED
        letter = conn.execute(select(outbox.c.status, outbox.c.error)).one()
    assert letter.status == "FAILED"
    assert letter.error.startswith(deliveries.CONFIRMED_OTHERWISE)
    assert states(store, signed.id) == {"bo-cong-an": DeliveryState.CONFIRMED}
