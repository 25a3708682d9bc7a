"""A slice that comes back with comments: taken in and screened as a report is, kept as comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.lead_bodies import CommentsReceived, RefusedLine
from baocao.forms.contract import KIND_KEY, SLICE_KEY, SLICE_KIND
from baocao.forms.reading.raw import RawWorkbook
from baocao.intake.identify import Identity
from baocao.intake.lead_comments import Refusal, read_remarks
from baocao.model.lead import LeadComment
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Rejection, Screening
from baocao.model.unit import Unit
from baocao.store.submissions import submissions
from baocao.store.trail import events
from baocao.text import capitalised
from baocao.workflow.arrivals.received import ReceivedFile
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.lead_bodies.objecting import note_raised, record
from baocao.workflow.mail.letters import PeriodMail

COMMENTS = "comments"
"""The outcome of a file with comments."""


@dataclass(frozen=True)
class CommentFile:
    """The slice of a lead body, come back."""

    pack: Pack
    period: Period
    lead: Unit
    raw: RawWorkbook


def recognise(found: Identity, raw: RawWorkbook, pack: Pack, sender: Unit | None) -> CommentFile | Rejection | None:
    """Whether this is a slice come back; None for a report. A slice is taken from the body it was cut for only."""
    if raw.meta.get(KIND_KEY) != SLICE_KIND:
        return None
    if not found.unit.is_lead_body or (sender is not None and sender.code != found.unit.code):
        return Rejection(
            Screening.UNKNOWN_UNIT,
            f"Tệp là phần số liệu của {found.unit.full_name} (mã {found.unit.code}); chỉ đơn vị chủ trì đó được gửi ý "
            "kiến bằng tệp này. Hãy dùng tệp phần số liệu đã gửi cho đơn vị mình.",
        )
    return CommentFile(pack, found.period, found.unit, raw)


def take_comments(place: Installation, file: ReceivedFile, known: CommentFile, as_of: datetime) -> str:
    """Record every line that can be, answer with what was taken and what was not, in one transaction.

    A line that stands there already is not recorded twice; the same file sent again is answered again. Raises
    StaleStatus when another process has decided it meanwhile.
    """
    period_mail = PeriodMail(place, known.pack, known.period).answering(file.sender, file.thread)
    regime, period, lead = known.pack.code, known.period.code, known.lead
    subject = f"comments/{file.sha256}"
    remarks, refusals = read_remarks(known.raw, known.pack, lead)
    with place.store.begin() as conn:
        # The first statement: of two processes with this file the second fails here, before a comment is written twice.
        submissions.keep_as_comments(conn, file.id, decided_at=as_of)
        stands: list[LeadComment] = []
        taken: list[LeadComment] = []
        for remark in remarks:
            try:
                said, new = record(
                    conn,
                    period_mail,
                    lead,
                    remark,
                    by=lead.code,
                    as_of=as_of,
                    source_sha256=file.sha256,
                    slice_sha256=known.raw.meta.get(SLICE_KEY, ""),
                )
            except Refused as refused:
                refusals.append(Refusal(remark.where, str(refused)))
                continue
            stands.append(said)
            if new:
                taken.append(said)
        period_mail.to_unit(
            conn,
            lead,
            context=CommentsReceived(
                head=period_mail.head,
                addressee=addressee_of(lead),
                filename=file.filename,
                received_at=file.received_at,
                taken=tuple(_line(known.pack, said) for said in stands),
                refused=tuple(RefusedLine(r.where, r.message) for r in refusals),
            ),
            step=f"comments-{file.id}",
            at=as_of,
        )
        note_raised(conn, taken, as_of)
        payload = {
            "lead": lead.code,
            "filename": file.filename,
            "taken": [said.id for said in taken],
            "refused": [r.where for r in refusals],
        }
        events.append(conn, as_of, lead.code, "lead_comments_received", (regime, period), subject, payload)
        told = {"sha256": file.sha256, "sender": lead.code}
        events.append(conn, as_of, "baocao", "submission_comments", None, f"submission/{file.id}", told)
    return COMMENTS


def _line(pack: Pack, said: LeadComment) -> str:
    kind = said.kind.label
    return f"{capitalised(kind)} số {said.id}: {said.subject}, {pack.unit_name(said.unit)}"
