"""Thu hồi chữ ký: a signed report that was not sent yet is taken back, and signed again over the same content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baocao.model.report import Decision, Role
from baocao.store.database import StaleStatus
from baocao.store.database import StepNotAllowed as StoreRefused
from baocao.store.reports import reports, signoff
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.sign_off.attempts import attempted
from baocao.workflow.sign_off.people import require_may_decide
from baocao.workflow.sign_off.telling import tell_revoked


def revoke(
    place: Installation, report_id: int, *, by: str, reason: str, as_of: datetime, user: str = ""
) -> dict[str, Any]:
    """Take the signature of a report back that was not sent: it waits for its signature again, content and approval as
    they are. Everybody who was told of the signature is told of this.

    Only who may sign may take back. Idempotent: a report that waits for its signature after a revocation with the same
    reason is answered as it is. Raises Refused with the way out.
    """
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        before = signoff.revocations(conn, report_id)
        standing = signoff.signed(conn, report_id)
    # Asked again after a death behind the commit: same person, same reason, same answer.
    if standing is None and before and (before[-1].reason, before[-1].by) == (reason.strip(), by.strip()):
        return {"report_id": report_id, "status": report.status.value, "round": before[-1].round, "repeated": True}
    what = {"role": Role.PEOPLES_COMMITTEE.value, "decision": "revoke", "by": by, "user": user, "note": reason}
    with attempted(place, report, what, as_of):
        pack, period = place.at(report.regime, report.period)
        try:
            with place.store.begin() as conn:
                # As a return and not as a signature: who approved may not sign, but whoever holds the signer's role may
                # take back.
                require_may_decide(place, conn, report, Role.PEOPLES_COMMITTEE, Decision.RETURN, by, user)
                standing = signoff.signed(conn, report_id)
                done = signoff.revoke(conn, report_id, by=by, reason=reason, at=as_of)
                assert standing is not None
                assert standing.signature is not None
                tell_revoked(PeriodMail(place, pack, period), conn, report, standing.signature, done.round, as_of)
                payload = {
                    "round": done.round,
                    "reason": done.reason,
                    "number": standing.signature.number,
                    "symbol": standing.signature.symbol,
                    "content_sha256": report.content_sha256 or "",
                    "user": user,
                }
                events.append(conn, as_of, by, "report_revoke", report, f"report/{report_id}", payload)
        except (StoreRefused, StaleStatus) as error:
            raise Refused(str(error)) from error
    flush(place, as_of)
    return {
        "report_id": report_id,
        "status": "APPROVED",
        "round": done.round,
        "repeated": False,
        "next": "baocao sign, hoặc clear nhiệm vụ hỏi chữ ký (`sign_off.committee`) của lượt chạy báo cáo",
    }
