"""Sign-off and dispatch: nothing moves left, nothing is signed or sent but what was seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from baocao.model.report import Decision, ReportStatus, Role
from baocao.store.database import ContentMismatch, StaleStatus, StepNotAllowed, Store, StoreError
from baocao.store.reports import deliveries, reports, signoff
from baocao.store.tables import approval, dispatch
from builders.sites.store import (
    CONTENT,
    PACKAGE,
    a_draft,
    a_frozen,
    a_signature,
    a_signed,
    decide,
    dispatched,
    mail_left,
    minute,
    send,
    sha,
)

OFFICE, COMMITTEE = Role.STANDING_OFFICE, Role.PEOPLES_COMMITTEE
APPROVE, SIGN, RETURN = Decision.APPROVE, Decision.SIGN, Decision.RETURN


class Undo(Exception):  # noqa: N818
    """Leaves a transaction without a trace."""


def test_approval_then_signature_then_dispatch_to_every_recipient(store: Store) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
        assert decide(conn, report, OFFICE, APPROVE).status is ReportStatus.APPROVED
        assert decide(conn, report, COMMITTEE, SIGN).status is ReportStatus.SIGNED
        assert send(conn, report, "bo-cong-an").status is ReportStatus.SIGNED
        assert send(conn, report, "bo-tai-chinh").status is ReportStatus.SIGNED
        assert dispatched(conn, report).status is ReportStatus.DISPATCHED
        first, second = signoff.approvals(conn, report.id)
        assert (first.role, first.decision, first.signature) == (OFFICE, APPROVE, None)
        assert (second.role, second.decision, second.signature) == (COMMITTEE, SIGN, a_signature())
        assert (second.content_sha256, second.by, second.at) == (CONTENT, f"người dùng {COMMITTEE}", minute(100))
        assert signoff.signed(conn, report.id) == second
        assert [d.recipient for d in signoff.dispatches(conn, report.id)] == ["bo-cong-an", "bo-tai-chinh"]


@pytest.mark.parametrize(("role", "before"), [(OFFICE, []), (COMMITTEE, [(OFFICE, APPROVE)])])
def test_a_return_says_why_and_ends_the_version(store: Store, role: Role, before: list[tuple[Role, Decision]]) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
        for step in before:
            decide(conn, report, *step)
        assert decide(conn, report, role, RETURN).status is ReportStatus.RETURNED
        assert signoff.approvals(conn, report.id)[-1].note == "Số liệu dự án 4 chưa khớp"
        assert signoff.signed(conn, report.id) is None
        assert a_draft(conn).version == 2
    for wrong in ((OFFICE, APPROVE), (COMMITTEE, SIGN), (COMMITTEE, RETURN)):
        with pytest.raises(StaleStatus, match="RETURNED"), store.begin() as conn:
            decide(conn, report, *wrong)


def test_a_decision_needs_the_reports_own_content(store: Store) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
    for wrong in (sha("changed"), "", CONTENT.upper()):
        with pytest.raises(ContentMismatch, match=CONTENT), store.begin() as conn:
            decide(conn, report, OFFICE, APPROVE, content_sha256=wrong)
    with store.read() as conn:
        assert reports.report_of(conn, report.id) == report
        assert signoff.approvals(conn, report.id) == []


def test_a_draft_cannot_be_decided_on(store: Store) -> None:
    with store.begin() as conn:
        report = a_draft(conn)
        with pytest.raises(ContentMismatch, match="chưa chốt"):
            decide(conn, report, OFFICE, APPROVE, content_sha256="")


@pytest.mark.parametrize(
    ("role", "decision", "wrong", "told"),
    [
        (OFFICE, SIGN, {}, "cơ quan ban hành ký"),
        (COMMITTEE, APPROVE, {}, "cơ quan ban hành ký"),
        (OFFICE, RETURN, {"note": " "}, "lý do"),
        (OFFICE, APPROVE, {"by": ""}, "người quyết định"),
        (OFFICE, APPROVE, {"signature": a_signature()}, "Ký ban hành"),
        (COMMITTEE, SIGN, {"signature": None}, "số, ký hiệu"),
        (COMMITTEE, SIGN, {"signature": a_signature(number="")}, "đủ số"),
        (COMMITTEE, SIGN, {"signature": a_signature(signer=" ")}, "đủ số"),
        (COMMITTEE, SIGN, {"signature": a_signature(number="1" * 12)}, "11 ký tự"),
        (COMMITTEE, SIGN, {"signature": a_signature(symbol="B" * 31)}, "30 ký tự"),
    ],
)
def test_an_incomplete_decision_is_refused_without_trace(
    store: Store, role: Role, decision: Decision, wrong: dict[str, Any], told: str
) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
        if role is COMMITTEE:
            report = decide(conn, report, OFFICE, APPROVE)
        before = signoff.approvals(conn, report.id)
    with pytest.raises(StepNotAllowed, match=told), store.begin() as conn:
        decide(conn, report, role, decision, **wrong)
    with store.read() as conn:
        assert reports.report_of(conn, report.id) == report
        assert signoff.approvals(conn, report.id) == before


def test_a_replaced_version_cannot_be_signed(store: Store) -> None:
    with store.begin() as conn:
        first = a_frozen(conn)
        second = a_draft(conn)
        decide(conn, first, OFFICE, APPROVE)  # a draft replaces nothing yet
        reports.freeze(conn, second.id, content_sha256=sha("second"), manifest={})
    with pytest.raises(StepNotAllowed, match="phiên bản 2"), store.begin() as conn:
        decide(conn, first, COMMITTEE, SIGN)


def test_a_signature_taken_back_is_given_again_in_another_round(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        taken = signoff.revoke(conn, report.id, by=" văn thư ", reason=" sai ngày ký ", at=minute(110))
        assert (taken.round, taken.by, taken.reason, taken.at) == (1, "văn thư", "sai ngày ký", minute(110))
        assert signoff.signed(conn, report.id) is None
        assert reports.report_of(conn, report.id).status is ReportStatus.APPROVED
        decide(conn, report, COMMITTEE, SIGN, signature=a_signature(number="124"), at=minute(120))
        again = signoff.signed(conn, report.id)
        assert again is not None and again.signature is not None
        assert (again.round, again.signature.number) == (2, "124")
        assert signoff.revoke(conn, report.id, by="văn thư", reason="nhầm số", at=minute(130)).round == 2
        assert [(r.round, r.reason) for r in signoff.revocations(conn, report.id)] == [
            (1, "sai ngày ký"),
            (2, "nhầm số"),
        ]
        assert signoff.signed(conn, report.id) is None


@pytest.mark.parametrize(
    ("upto", "wrong", "told"),
    [
        ("signed", {"by": " "}, "phải ghi rõ người thu hồi và lý do"),
        ("signed", {"reason": " "}, "phải ghi rõ người thu hồi và lý do"),
        ("approved", {}, "đang là APPROVED, không có chữ ký nào để thu hồi"),
        ("taken back", {}, "đang là APPROVED, không có chữ ký nào để thu hồi"),
        ("sent to one", {}, "đã bắt đầu gửi đi, không thu hồi chữ ký được"),
        ("dispatched", {}, "đang là DISPATCHED, không có chữ ký nào để thu hồi"),
    ],
)
def test_a_signature_is_taken_back_only_while_it_stands_here(
    store: Store, upto: str, wrong: dict[str, Any], told: str
) -> None:
    back: dict[str, Any] = {"by": "văn thư", "reason": "sai ngày ký", "at": minute(110)}
    with store.begin() as conn:
        report = a_frozen(conn)
        decide(conn, report, OFFICE, APPROVE)
        if upto != "approved":
            decide(conn, report, COMMITTEE, SIGN)
        if upto == "taken back":
            signoff.revoke(conn, report.id, **back)
        if upto in {"sent to one", "dispatched"}:
            send(conn, report, "bo-cong-an")
        if upto == "dispatched":
            send(conn, report, "bo-tai-chinh")
            dispatched(conn, report)
        before = reports.report_of(conn, report.id), signoff.revocations(conn, report.id)
    with pytest.raises(StepNotAllowed, match=told), store.begin() as conn:
        signoff.revoke(conn, report.id, **{**back, **wrong})
    with store.read() as conn:
        assert (reports.report_of(conn, report.id), signoff.revocations(conn, report.id)) == before


def test_the_longest_number_and_symbol_are_taken(store: Store) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
        decide(conn, report, OFFICE, APPROVE)
        longest = a_signature(number="1" * 11, symbol="B" * 30)
        assert decide(conn, report, COMMITTEE, SIGN, signature=longest).status is ReportStatus.SIGNED


STEPS = st.sampled_from(
    [(role, decision) for role in Role for decision in Decision] + ["send bo-cong-an", "send bo-tai-chinh"]
)
RIGHTWARDS = {
    "FROZEN": {"APPROVED", "RETURNED"},
    "APPROVED": {"SIGNED", "RETURNED"},
    "SIGNED": {"DISPATCHED"},
    "DISPATCHED": set(),
    "RETURNED": set(),
}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_the_status_of_a_report_only_moves_forward(store: Store, steps: list[Any]) -> None:
    with pytest.raises(Undo), store.begin() as conn:
        report = a_frozen(conn)
        for step in steps:
            before = reports.report_of(conn, report.id).status
            try:
                if isinstance(step, str):
                    send(conn, report, step.removeprefix("send "))
                    mail_left(conn, report, step.removeprefix("send "))
                    deliveries.settle(conn)
                else:
                    decide(conn, report, *step)
            except StoreError:
                assert reports.report_of(conn, report.id).status is before
            else:
                after = reports.report_of(conn, report.id).status
                assert after is before or after in RIGHTWARDS[before]
        status = reports.report_of(conn, report.id).status
        decisions = [(a.role, a.decision) for a in signoff.approvals(conn, report.id)]
        assert (status in {"SIGNED", "DISPATCHED"}) == (decisions == [(OFFICE, APPROVE), (COMMITTEE, SIGN)])
        raise Undo


def test_an_unsigned_report_is_not_dispatched(store: Store) -> None:
    with store.begin() as conn:
        report = a_frozen(conn)
        for _ in range(2):
            with pytest.raises(StepNotAllowed, match="chưa được ký"):
                send(conn, report)
            if reports.report_of(conn, report.id).status is ReportStatus.FROZEN:
                decide(conn, report, OFFICE, APPROVE)
        assert signoff.dispatches(conn, report.id) == []


def test_only_the_signed_content_is_dispatched(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        with pytest.raises(ContentMismatch, match="không phát hành"):
            send(conn, report, content_sha256=sha("changed"))
        assert signoff.dispatches(conn, report.id) == []


def test_a_stranger_to_the_report_kind_gets_nothing(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        with pytest.raises(StepNotAllowed, match="không phải nơi nhận"):
            send(conn, report, "nguoi-la")
        assert signoff.dispatches(conn, report.id) == []


def test_dispatching_again_after_a_crash_changes_nothing(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        send(conn, report)
    with store.begin() as conn:
        send(conn, report, dispatched_at=minute(999))
        (only,) = signoff.dispatches(conn, report.id)
        assert (only.dispatched_at, only.package_sha256, only.receipt) == (minute(200), PACKAGE, None)
        send(conn, report, "bo-tai-chinh")
        assert send(conn, report, "bo-tai-chinh").status is ReportStatus.SIGNED
        assert dispatched(conn, report).status is ReportStatus.DISPATCHED


def test_another_package_for_the_recipient_is_refused(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        send(conn, report)
    with pytest.raises(StepNotAllowed, match="gói khác"), store.begin() as conn:
        send(conn, report, package_sha256=sha("another package"))


def test_the_database_keeps_decisions_and_dispatches_unchanged(store: Store) -> None:
    with store.begin() as conn:
        report = a_signed(conn)
        send(conn, report)
        said = deliveries.Confirmation("TD-1", date(2026, 6, 24), "van-thu")
        deliveries.record_receipt(conn, report.id, "bo-cong-an", said, minute(300), accepted=False)
    for statement in (
        update(approval).values(by="x"),
        delete(approval),
        update(dispatch).values(receipt="x"),
        delete(dispatch),
    ):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)
