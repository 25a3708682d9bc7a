"""After the units' deadline each lead body gets the slice of the projects it leads (KH, IV.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.lead_bodies import SliceShared
from baocao.documents.slices.content import Slice, content_sha256, cut
from baocao.documents.slices.workbook import build_slice, slice_filename
from baocao.media_types import XLSX
from baocao.model.form import CellKey
from baocao.model.lead import CommentStatus, LeadComment
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Cell, Finding, Timeliness
from baocao.model.unit import Unit
from baocao.store import lead_comments, lead_slices, waivers, windows
from baocao.store.lead_slices import LeadSlice
from baocao.store.submissions import cells, submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.submissions import accepted_periods
from baocao.store.submissions.timeliness import timeliness_by_unit
from baocao.store.trail import events
from baocao.store.values import typed_by
from baocao.text import short_moment_text
from baocao.workflow.consolidating.drafting import Basis, basis_of
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.periods.earlier_periods import earlier_periods


@dataclass(frozen=True)
class _SliceInputs:
    """Everything slices are cut from, read in one snapshot."""

    basis: Basis
    before: Mapping[str, Mapping[CellKey, Cell]]
    previous_name: str
    findings: Mapping[str, Sequence[Finding]]
    timeliness: Mapping[str, Timeliness]
    handled: tuple[LeadComment, ...]

    def slice_of(self, lead: Unit, as_of: datetime) -> Slice:
        return cut(
            self.basis.pack,
            self.basis.period,
            lead,
            self.basis.consolidation,
            self.basis.accepted,
            before=self.before,
            findings=self.findings,
            timeliness=self.timeliness,
            handled=self.handled,
            as_of=as_of,
            previous_name=self.previous_name,
        )


def share_slices(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Send every lead body its slice. Idempotent: one letter a body and content.

    Raises Refused before the units' deadline has passed: a slice of half the reports would be commented for nothing.
    """
    when = place.period(regime, period)
    if as_of <= when.unit.due_at:
        raise Refused(
            f"Hạn của đơn vị là {short_moment_text(when.unit.due_at)}; phần số liệu chỉ được chia sẻ sau hạn đó. "
            "Muốn xem trước: `baocao lead slice`"
        )
    return {"shared": share_changed(place, regime, when, as_of, once_a_day=False), **flush(place, as_of)}


def share_changed(
    place: Installation, regime: str, period: Period, as_of: datetime, *, once_a_day: bool = True
) -> list[str]:
    """Put the slices whose content changed into the outbox; the codes of the bodies that get one.

    Nothing is cut while nothing it is cut from has changed. With `once_a_day` a body that got a slice today waits until
    tomorrow, so that late reports which trickle in do not become a letter each.
    """
    pack = place.pack(regime)
    today = place.day(regime, as_of)
    with place.store.read() as conn:
        # Two hashes: of what a slice is cut from, cheap and asked every hour, and of what came out, which decides
        # whether a letter is written.
        inputs = _input_sha256(conn, pack, period)
        shown = lead_slices.latest(conn, regime, period.code)
        # A body that got a slice today waits although it has changed: late reports that trickle in are one letter a
        # day.
        waiting = [
            lead
            for lead in _leads(conn, pack, period)
            if (last := shown.get(lead.code)) is None
            or (last.input_sha256 != inputs and not (once_a_day and place.day(regime, last.shared_at) == today))
        ]
        # Once for all bodies: this reads and consolidates the whole period.
        cut_from = _slice_inputs(place, conn, pack, period) if waiting else None
    if cut_from is None:
        return []
    return [
        lead.code
        for lead in waiting
        if _send(place, cut_from.slice_of(lead, as_of), inputs, as_of, again=lead.code in shown)
    ]


def _send(place: Installation, found: Slice, inputs: str, as_of: datetime, *, again: bool) -> bool:
    """Write, keep and enqueue one slice; False when this content was sent before."""
    content = content_sha256(found)
    regime, period, lead = found.pack.code, found.period.code, found.lead
    # A slice whose inputs changed elsewhere comes out as it was: then the workbook need not even be built.
    with place.store.read() as conn:
        if any(
            s.unit == lead.code and s.content_sha256 == content for s in lead_slices.of_period(conn, regime, period)
        ):
            return False
    sha256 = place.store.files.put(build_slice(found))
    period_mail = PeriodMail(place, found.pack, found.period)
    words = found.pack.regime.wording
    with place.store.begin() as conn:
        # Another sweep was first: the letter is that sweep's.
        if not lead_slices.record(conn, regime, period, LeadSlice(lead.code, content, inputs, sha256, as_of)):
            return False
        period_mail.to_unit(
            conn,
            lead,
            context=SliceShared(
                head=period_mail.head,
                addressee=addressee_of(lead),
                slice_name=slice_filename(found),
                projects=tuple(f"{p.called(words)}: {p.name}" for p in found.pack.regime.led_by(lead.projects)),
                again=again,
                # Only while there is time: a slice sent later must not invite comments that hold nothing any more.
                comments_until=until if (until := found.period.comments_until) and as_of < until else None,
            ),
            # By content: figures that change and change back are not sent a second time.
            step=f"slice-{content[:16]}",
            at=as_of,
            attachments=[outbox.Attachment(slice_filename(found), sha256, XLSX)],
        )
        payload = {"content_sha256": content, "file_sha256": sha256, "coverage": str(found.coverage)}
        events.append(conn, as_of, "baocao", "slice_shared", (regime, period), f"unit/{lead.code}", payload)
    return True


def slice_for(place: Installation, regime: str, period: str, lead: str, as_of: datetime) -> tuple[str, bytes]:
    """File name and bytes of a body's slice as it stands now; nothing is recorded. Raises Refused."""
    pack, when = place.at(regime, period)
    who = lead_body(pack, lead)
    with place.store.read() as conn:
        found = _slice_inputs(place, conn, pack, when).slice_of(who, as_of)
    return slice_filename(found), build_slice(found)


def lead_body(pack: Pack, code: str) -> Unit:
    """The lead body with this code. Raises Refused naming the known ones."""
    who = pack.unit(code)
    if who is None or not who.is_lead_body:
        known = ", ".join(u.code for u in pack.units if u.is_lead_body)
        raise Refused(f"Không có đơn vị chủ trì mã {code!r}; hiện có: {known}")
    return who


def _leads(conn: Connection, pack: Pack, period: Period) -> list[Unit]:
    owed = [pack.unit(o.unit) for o in windows.obligations(conn, pack.code, period.code) if o.is_lead_body]
    return [unit for unit in owed if unit is not None and unit.is_lead_body]


def _input_sha256(conn: Connection, pack: Pack, period: Period) -> str:
    """One hash over what a slice of the period can depend on; cheap, for it is asked every hour."""
    official = submissions.accepted(conn, pack.code, period.code)
    excused = waivers.waivers(conn, pack.code, period.code)
    lines = [
        pack.sha256,
        *(f"{s.unit} {s.id} {s.sha256}" for s in official),
        # Waivers change who is named as missing in a slice; comments that were closed are printed with their answers.
        *(f"{w.unit} {w.kind.value} {w.granted_at.isoformat()} {w.withdrawn_at or ''}" for w in excused),
        *(f"{c.id} {c.status.value}" for c in _handled(conn, pack, period)),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _handled(conn: Connection, pack: Pack, period: Period) -> tuple[LeadComment, ...]:
    said = lead_comments.of_period(conn, pack.code, period.code)
    return tuple(c for c in said if c.status is not CommentStatus.OPEN)


def _slice_inputs(place: Installation, conn: Connection, pack: Pack, period: Period) -> _SliceInputs:
    """What the slices of a period are cut from, read once for all bodies."""
    basis = basis_of(place, conn, pack, period)
    official = submissions.accepted(conn, pack.code, period.code)
    earlier = earlier_periods(place, period, accepted_periods(conn, pack.code))
    # The units' figures before, for the column beside them: read once for all bodies.
    before = cells.accepted_cells(conn, pack.code, earlier[0], typed_by(pack)) if earlier else []
    calendar = {p.code: p.name for p in place.periods(pack.code)}
    name = calendar.get(earlier[0], f"số liệu nền {earlier[0]}") if earlier else ""
    return _SliceInputs(
        basis=basis,
        before={a.unit: a.cells for a in before},
        previous_name=name,
        findings={s.unit: findings_of(conn, s.id) for s in official},
        timeliness=timeliness_by_unit(conn, pack.code, period.code),
        handled=_handled(conn, pack, period),
    )
