"""Rows for the store's tests: everything has a sensible default, a test names only what it is about."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, update

from baocao.delivery import outbox
from baocao.delivery.letters import Letter
from baocao.model.form import CellKey
from baocao.model.report import Coverage, Decision, ProvinceValue, Report, Role, Signature
from baocao.model.submission import Answer, Cell, Finding, Severity, Submission, Value
from baocao.store import tables
from baocao.store.mail import outbox_rows
from baocao.store.reports import deliveries, reports, signoff
from baocao.store.submissions import receiving, submissions
from baocao.store.trail import events
from baocao.store.windows import Obligation

REGIME = "che-do-thu"
PERIOD = "2026-H1"
OPENED = datetime(2026, 6, 1, 1, tzinfo=UTC)
DUE = datetime(2026, 6, 19, 16, 59, 59, tzinfo=UTC)
CONTENT = hashlib.sha256(b"content").hexdigest()
PACKAGE = hashlib.sha256(b"package").hexdigest()


def minute(number: int) -> datetime:
    """The so-manieth minute after the opening."""
    return OPENED + timedelta(minutes=number)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def an_obligation(unit: str = "14797", **changes: Any) -> Obligation:
    values: dict[str, Any] = {
        "unit": unit,
        "unit_name": f"Xã {unit}",
        "is_lead_body": False,
        "due_at": DUE,
        "locked_after": DUE + timedelta(days=30),
    }
    return Obligation(**(values | changes))


def received(conn: Connection, unit: str = "14797", content: str = "", at: int = 0, **changes: Any) -> Submission:
    """A submission that arrived; the same unit and content are the same bytes."""
    values: dict[str, Any] = {
        "regime": REGIME,
        "period": PERIOD,
        "unit": unit,
        "channel": "folder",
        "filename": f"{unit}.xlsx",
        "sha256": sha(f"{unit} {content}"),
        "size": 42_000,
        "received_at": minute(at),
    }
    submission, _is_new = receiving.receive(conn, receiving.Arrived(**(values | changes)))
    return submission


def accepted(conn: Connection, unit: str = "14797", content: str = "", at: int = 0, **changes: Any) -> Submission:
    """A submission that arrived and was accepted at once."""
    submission = received(conn, unit, content, at, **changes)
    return accept(conn, submission)


def accept(conn: Connection, submission: Submission, *, on_time: bool = True) -> Submission:
    return submissions.accept(
        conn,
        submission,
        decided_at=submission.received_at + timedelta(seconds=1),
        on_time=on_time,
        receipt_number=f"TN-{submission.id}",
    )


def a_cell(name: str = "PL01/CT01/TH", value: Value | None = 12, answer: Answer | None = None, **changes: Any) -> Cell:
    if answer is None:
        answer = Answer.NIL if value is None else Answer.VALUE
    return Cell(CellKey.parse(name), answer, value, **({"sheet": "PL01", "a1": "D7"} | changes))


def a_finding(rule: str = "V35", **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "rule": rule,
        "severity": Severity.EXPLAIN,
        "sheet": "PL01",
        "a1": "D7",
        "item": "CT01",
        "name": "Số vụ",
        "message": "Số liệu tăng bất thường; hãy giải trình.",
        "expected": "10",
        "actual": "120",
        "suggestion": "12",
        "key": f"{rule}|PL01/CT01/TH",
        "explanation": "Đã rà soát",
    }
    return Finding(**(values | changes))


def a_value(name: str = "PL01/CT01/TH", value: int | Decimal | Fraction | None = 12, **changes: Any) -> ProvinceValue:
    values: dict[str, Any] = {"nil": value is None, "coverage": Coverage(163, 166, ("14797", "14800", "14803"))}
    return ProvinceValue(CellKey.parse(name), value, **(values | changes))


def a_draft(conn: Connection, at: int = 0, inputs: str = "inputs") -> Report:
    return reports.draft(
        conn, regime=REGIME, period=PERIOD, created_at=minute(at), as_of=minute(at), input_sha256=sha(inputs)
    )


def a_frozen(conn: Connection, at: int = 0, content: str = CONTENT) -> Report:
    draft = a_draft(conn, at)
    return reports.freeze(conn, draft.id, content_sha256=content, manifest={"files": {"a.xlsx": content}})


def a_signature(**changes: Any) -> Signature:
    values: dict[str, Any] = {
        "number": "123",
        "symbol": "BC-UBND",
        "signed_on": date(2026, 6, 23),
        "signer": "Người ký của bài thử",
        "signer_title": "Phó Chủ tịch",
    }
    return Signature(**(values | changes))


def decide(conn: Connection, report: Report, role: Role, decision: Decision, **changes: Any) -> Report:
    """A decision on exactly the content in hand; a signature is there when one is needed."""
    values: dict[str, Any] = {
        "content_sha256": report.content_sha256 or "",
        "by": f"người dùng {role}",
        "at": minute(100),
        "note": "Số liệu dự án 4 chưa khớp" if decision is Decision.RETURN else "",
        "signature": a_signature() if decision is Decision.SIGN else None,
    }
    return signoff.decide(conn, report.id, role=role, decision=decision, **(values | changes))


def a_signed(conn: Connection) -> Report:
    report = a_frozen(conn)
    decide(conn, report, Role.STANDING_OFFICE, Decision.APPROVE)
    return decide(conn, report, Role.PEOPLES_COMMITTEE, Decision.SIGN)


def send(conn: Connection, report: Report, recipient: str = "bo-cong-an", **changes: Any) -> Report:
    values: dict[str, Any] = {
        "recipient": recipient,
        "name": "Nơi nhận của bài thử",
        "address": f"{recipient}@nhan.example",
        "content_sha256": report.content_sha256 or "",
        "package_sha256": PACKAGE,
        "dispatched_at": minute(200),
        "recipients": ["bo-cong-an", "bo-tai-chinh"],
    }
    if "outbox_id" not in changes:
        said = {"regime": report.regime, "period": report.period, "unit": recipient}
        step = f"dispatch-v{report.version}"
        written = outbox.enqueue(
            conn,
            **said,
            step=step,
            recipient=values["address"],
            letter=Letter("Báo cáo", "text", "<p>html</p>"),
            created_at=values["dispatched_at"],
        )
        values["outbox_id"] = written or outbox_rows.id_of(conn, **said, step=step)
    return signoff.record_dispatch(conn, report.id, **(values | changes))


def mail_left(conn: Connection, report: Report, recipient: str, at: int = 210) -> None:
    """The mail server took the letter to that recipient."""
    mine = tables.outbox.c.unit == recipient, tables.outbox.c.step == f"dispatch-v{report.version}"
    conn.execute(update(tables.outbox).where(*mine).values(status="SENT", sent_at=minute(at)))


def dispatched(conn: Connection, report: Report) -> Report:
    """The signed report, handed to both its recipients."""
    for recipient in ("bo-cong-an", "bo-tai-chinh"):
        send(conn, report, recipient)
        mail_left(conn, report, recipient)
    deliveries.settle(conn)
    return reports.report_of(conn, report.id)


def an_event(conn: Connection, action: str = "submission_accepted", at: int | datetime = 0, **changes: Any) -> str:
    values: dict[str, Any] = {
        "at": minute(at) if isinstance(at, int) else at,
        "actor": "baocao",
        "action": action,
        "regime": REGIME,
        "period": PERIOD,
        "subject": "submission/1",
        "payload": {"đơn vị": "14797", "lần": 1, "ghi chú": None, "ô": ["PL01/CT01/TH"]},
    }
    values |= changes
    return events.append(conn, of=(values.pop("regime"), values.pop("period")), **values)
