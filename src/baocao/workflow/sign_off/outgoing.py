"""A signed report on its way out: who gets it, under which subject and metadata.

Signing asks for it in advance, so that nothing a dispatch would refuse is ever signed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.consolidation.recipients import check_recipients
from baocao.delivery.metadata import DocumentMetadata, MetadataError, document_metadata
from baocao.delivery.signature_rules import SignatureRefused, recheck_signature
from baocao.model.correction import Replaced
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.regime import Recipient
from baocao.model.report import Report, Signature, subject_of
from baocao.model.submission import Severity
from baocao.store.reports import corrections, reports, signoff
from baocao.workflow.consolidating.differences import also_to
from baocao.workflow.consolidating.differences import replaced as replaced_by
from baocao.workflow.installation import Installation, Refused


@dataclass(frozen=True)
class Outgoing:
    """What goes out, to whom: content as the report was made with, addresses of today."""

    report: Report
    signature: Signature
    pack: Pack
    """as the report was made with"""
    period: Period
    recipients: tuple[Recipient, ...]
    metadata: DocumentMetadata
    subject: str
    """Trích yếu"""
    replaced: Replaced | None
    """the dispatched report this one corrects"""


def outgoing(place: Installation, conn: Connection, report: Report, signature: Signature) -> Outgoing:
    """The report as it would be sent under this signature. Raises Refused with the field or rule that forbids it."""
    # Recipients, subject and lengths of then: the pack may have been edited while the report waited for its signature.
    pack, period = place.as_made(report.regime, report.period, reports.manifest(conn, report.id))
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    replaced = None if opened is None else replaced_by(conn, opened)
    before = [] if opened is None else signoff.dispatches(conn, opened.corrects_id)
    wrong = [f for f in check_recipients(pack, period.kind) if f.severity == Severity.BLOCKS]
    if wrong:
        raise Refused(f"Quy tắc {wrong[0].rule}: {wrong[0].message}")
    allowed = pack.rule_of(period.kind).recipients
    own = tuple(r for r in pack.regime.recipients if r.id in allowed)
    # A correction goes to whoever got the report it replaces as well.
    recipients = _addressed_today(place, report.regime, own + also_to(before, pack, allowed))
    mark = "" if replaced is None else " (đính chính)"
    subject = f"{subject_of(pack.regime.report.subject, pack.regime.programme, period)}{mark}"
    try:
        # Also what was signed: the rules of a signature may have become stricter, and here it can still be said why.
        recheck_signature(signature)
        metadata = document_metadata(pack.regime, period, signature, recipients, subject=subject, replaced=replaced)
    except (SignatureRefused, MetadataError) as error:
        raise Refused(str(error)) from error
    return Outgoing(report, signature, pack, period, recipients, metadata, subject, replaced)


def _addressed_today(place: Installation, regime: str, recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
    """An address is where mail is delivered now: that of today's pack, for whoever is in it."""
    # The one thing taken from today's pack: to write to an address that is known to be wrong helps nobody.
    now = {r.id: r.email for r in place.pack(regime).regime.recipients}
    return tuple(r.model_copy(update={"email": now[r.id]}) if now.get(r.id) else r for r in recipients)
