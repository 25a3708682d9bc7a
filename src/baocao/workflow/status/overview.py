"""Looking, without changing anything: where a period stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.outbox import OPERATOR
from baocao.model.pack import Pack
from baocao.model.report import Report, ReportStatus
from baocao.model.signed_copy import UnitCopyRule
from baocao.store import lead_comments, standing, waivers, windows
from baocao.store.mail import outbox_rows, reminder_ledger
from baocao.store.reports import corrections, deliveries, report_copies, reports, signoff
from baocao.store.submissions import submissions
from baocao.workflow.consolidating.differences import replaced
from baocao.workflow.consolidating.holding import objection_line
from baocao.workflow.copies.units import without_copy
from baocao.workflow.installation import Installation
from baocao.workflow.reports.attaching import said_of
from baocao.workflow.reports.narrating import whose_text
from baocao.workflow.sign_off.newer import newer_than, sentence, way_out
from baocao.workflow.sign_off.summary import target_counts

_NAMES_WHAT_IT_LACKS = set(ReportStatus) - {ReportStatus.DRAFT, ReportStatus.RETURNED}


def status(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Everything an operator asks first: window, units, mails, report, signature, dispatch."""
    pack, when = place.at(regime, period)
    with place.store.read() as conn:
        # Everything in one snapshot: counts, report and letters are of the same moment.
        opened = windows.window_of(conn, regime, period)
        totals = standing.statistics(conn, regime, period, as_of)
        report = reports.latest(conn, regime, period)
        # Of a draft or a returned version nobody decides: the next consolidation takes everything in.
        newer = newer_than(place, conn, report) if report and report.status in _NAMES_WHAT_IT_LACKS else ()
        data: dict[str, Any] = {
            "regime": regime,
            "period": period,
            "name": when.name,
            "as_of": as_of,
            "opened_at": opened.opened_at if opened else None,
            "unit_due_at": when.unit.due_at,
            "province_due_at": when.province.due_at,
            "top": place.pack(regime).regime.wording.top_short,
            "province_safe_on": when.province.safe_on,
            "units_expected": totals.expected,
            "accepted": totals.accepted,
            "late": totals.late,
            "corrected_late": list(totals.corrected_late),
            "corrected_late_names": [u.full_name for code in totals.corrected_late if (u := pack.unit(code))],
            "returned": totals.returned,
            "pending": totals.pending,
            "waived": totals.waived,
            "receipts": {s.unit: s.receipt_number for s in submissions.accepted(conn, regime, period)},
            "missing": list(totals.missing),
            "missing_names": [unit.full_name for code in totals.missing if (unit := pack.unit(code))],
            "submissions": {s.value: n for s, n in totals.submissions.items()},
            "mails": _mails(conn, regime, period),
            "mails_failed": _given_up(conn, regime, period),
            # Of the installation and not of the period: whoever looks at any period must learn that no mail leaves.
            "mail_trouble": _mail_trouble(conn),
            "broken_packs": place.broken_packs(),
            "reminders_sent": reminder_ledger.count_sent(conn, regime, period),
            **_copies(conn, pack, period),
            "exceptions": _exceptions(conn, pack, period, as_of),
            "objections": [objection_line(place, c) for c in lead_comments.open_objections(conn, regime, period)],
            "report": _report(conn, report) if report else None,
            "narrative": whose_text(conn, pack, period, pack.narrative_of(pack.rule_of(when.kind))),
            "newer_than_report": [n.as_data() for n in newer],
            "newer_said": f"{sentence(newer, report.version)}. {way_out(report)}" if report and newer else "",
            **_correction(conn, regime, period),
        }
    return data


def _copies(conn: Connection, pack: Pack, period: str) -> dict[str, Any]:
    """Which accepted reports lack their signed copy; None where the pack asks for none."""
    rule = pack.regime.unit_copy
    lacking = without_copy(conn, pack, period)
    return {
        "unit_copy": rule.value,
        "without_copy": None if rule is UnitCopyRule.NONE else list(lacking),
        "without_copy_names": [u.full_name for code in lacking if (u := pack.unit(code))],
    }


def _exceptions(conn: Connection, pack: Pack, period: str, as_of: datetime) -> list[dict[str, Any]]:
    """Waivers and extensions in force, by unit."""
    return [
        {
            "unit": code,
            "name": pack.unit_name(code),
            "kind": own.because.kind.value,
            "until": own.because.until,
            "reason": own.because.reason,
            "by": own.because.granted_by,
        }
        for code, own in waivers.deadlines(conn, pack.code, period, as_of).items()
        if own.because is not None
    ]


def _correction(conn: Connection, regime: str, period: str) -> dict[str, Any]:
    """The correction that is open and which dispatched report stays official meanwhile; None when none is open."""
    opened = corrections.waiting(conn, regime, period)
    if opened is None:
        return {"correction": None}
    official = replaced(conn, opened)
    return {
        "correction": {
            "corrects_version": official.version,
            "number": official.number,
            "symbol": official.symbol,
            "signed_on": official.signed_on,
            "reason": opened.reason,
            "by": opened.opened_by,
            "at": opened.opened_at,
        }
    }


def _mails(conn: Connection, regime: str, period: str) -> dict[str, int]:
    counts = outbox_rows.count_by_status(conn, regime=regime, period=period)
    return {status.lower(): count for status, count in counts.items()}


def _given_up(conn: Connection, regime: str, period: str) -> list[dict[str, Any]]:
    """The letters that go no further without somebody's help."""
    return [
        {"id": m.id, "unit": m.unit, "step": m.step, "recipient": m.recipient, "error": m.error}
        for m in outbox_rows.mails(conn, regime=regime, period=period, statuses=["FAILED"])
        # Given up because its recipient has the report: nobody need do anything.
        if not m.error.startswith(deliveries.CONFIRMED_OTHERWISE)
    ]


def _mail_trouble(conn: Connection) -> str:
    """Why mail itself does not leave, as the last sweep found; empty when the newest attempt went well."""
    # The alarm about the mail server is itself a letter: while it waits mail does not leave, and when it has left it
    # does.
    alarms = outbox_rows.mails(conn, unit=OPERATOR, statuses=["PENDING", "FAILED"])
    waiting = [m for m in alarms if m.step.startswith("alarm:mail-server")]
    return waiting[-1].error or waiting[-1].text.partition("\n\n")[0] if waiting else ""


def _report(conn: Connection, report: Report) -> dict[str, Any]:
    """A version with its decisions, its signature that stands and where each recipient is."""
    # The one that stands: a signature taken back has no number any more.
    signature = signoff.signed(conn, report.id)
    copy = None if signature is None else report_copies.attached(conn, report.id, signature.round)
    return {
        "report_id": report.id,
        "version": report.version,
        "status": report.status.value,
        "content_sha256": report.content_sha256,
        "created_at": report.created_at,
        "targets": target_counts(reports.sealed(conn, report.id)),
        "approvals": [
            {"role": a.role.told, "decision": a.decision.value, "by": a.by, "at": a.at, "note": a.note}
            for a in signoff.approvals(conn, report.id)
        ],
        "number": signature.signature.number if signature and signature.signature else None,
        "symbol": signature.signature.symbol if signature and signature.signature else None,
        "signed_copy": None if copy is None else said_of(copy),
        "dispatched": [
            {
                "recipient": d.recipient,
                "name": d.name,
                "address": d.address,
                "state": d.state.value,
                "at": d.handed_over_at,
                "queued_at": d.queued_at,
                "mail": d.mail,
                "error": d.error,
                "receipt": d.receipt,
                "confirmed_on": d.confirmed_on,
            }
            for d in deliveries.deliveries(conn, report.id)
        ],
    }
