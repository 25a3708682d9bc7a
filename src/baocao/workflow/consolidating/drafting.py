"""From accepted submissions to a draft of the report: its basis, the gate, the province values."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.consolidation.province import consolidate as add_up
from baocao.consolidation.recompute import recompute
from baocao.memory import no_garbage_expected
from baocao.model.consolidated import Consolidation
from baocao.model.lead import LeadComment
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Report, ReportStatus
from baocao.model.submission import AcceptedCells
from baocao.model.term_totals import ProvinceTerm
from baocao.store import lead_comments, windows
from baocao.store.reports import corrections, reports
from baocao.store.reports.gates import latest_gate, record_gate
from baocao.store.reports.reports import input_hash_of
from baocao.store.submissions import cells
from baocao.store.trail import events
from baocao.store.values import typed_by
from baocao.workflow.auditing.recorded import require_cells_as_accepted
from baocao.workflow.consolidating.differences import correction_of
from baocao.workflow.consolidating.holding import require_comments_awaited, require_no_open_objection
from baocao.workflow.consolidating.pinning import PinnedInputs, pinned_inputs
from baocao.workflow.installation import GateDisagreement, Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.verb_answers import report_answer

log = logging.getLogger(__name__)

_SENT_FOR_SIGNING = {ReportStatus.APPROVED, ReportStatus.SIGNED, ReportStatus.DISPATCHED}


@dataclass(frozen=True)
class Basis:
    """Everything a report of a period is made from, read in one snapshot."""

    pack: Pack
    period: Period
    accepted: tuple[AcceptedCells, ...]
    consolidation: Consolidation
    gate_sha256: str
    """what the gate must have passed: pack and accepted submissions"""
    input_sha256: str
    """the same, with who owed, who was excused, the figures compared with, and the objections overruled"""
    pinned: PinnedInputs
    overruled: tuple[LeadComment, ...] = ()
    """objections of lead bodies that the report is made over"""

    @property
    def term(self) -> ProvinceTerm | None:
        """Of a mid-term or end-term report: the accepted reports of the term."""
        return self.pinned.term


def input_hash(pack: Pack, accepted: Sequence[AcceptedCells], more: Iterable[str] = ()) -> str:
    """One hash over what goes in: the pack, every accepted submission with the sha256 of its file, and `more`."""
    lines = [pack.sha256, *(f"{a.unit} {a.submission_id} {a.sha256}" for a in accepted)]
    lines += more
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def basis_of(
    place: Installation,
    conn: Connection,
    pack: Pack,
    period: Period,
    accepted: Sequence[AcceptedCells] | None = None,
    of: Report | None = None,
) -> Basis:
    """Read and consolidate; `accepted` replaces the stored cells (replay hands in what it read from the raw files).

    With `of` a report's own pinned inputs are taken, as they were when it was drafted: who owed, who was excused, what
    it was compared with, which reports of the term it accumulates, which overruled objections it tells of. Raises
    Refused when the window was never opened.
    """
    if windows.window_of(conn, pack.code, period.code) is None:
        raise Refused(f"Kỳ {period.code} chưa mở; hãy chạy `baocao open --period {period.code}` trước")
    # Hundreds of thousands of cells live at once here, and none of them is garbage.
    with no_garbage_expected():
        return _basis(place, conn, pack, period, accepted, of)


def _basis(
    place: Installation,
    conn: Connection,
    pack: Pack,
    period: Period,
    accepted: Sequence[AcceptedCells] | None,
    of: Report | None,
) -> Basis:
    """The body of `basis_of`, while the garbage collector is held back."""
    if accepted is None:
        # Before a figure is used: cells changed in the database behind our back must not reach a report that is signed.
        require_cells_as_accepted(conn, pack.code, period.code)
        accepted = cells.accepted_cells(conn, pack.code, period.code, typed_by(pack))
    pinned = pinned_inputs(place, conn, pack, period, None if of is None else of.id)
    expected = [unit for code in pinned.expected if (unit := pack.unit(code)) is not None]
    added = add_up(
        pack, period, accepted, expected, set(pinned.waived), pinned.year_ago, pinned.just_before, pinned.sources
    )
    if of is None:
        overruled = lead_comments.overruled(conn, pack.code, period.code)
    else:
        overruled = lead_comments.of_report(conn, of.id)
    more = [*pinned.lines(), *(f"overruled {c.id}" for c in overruled)]
    hashes = input_hash(pack, accepted), input_hash(pack, accepted, more)
    return Basis(pack, period, tuple(accepted), added, *hashes, pinned, tuple(overruled))


def gate(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Great Expectations over all accepted cells, stacked. Its verdict must agree with ours.

    Raises GateDisagreement (after keeping the result and raising the alarm) when it does not.
    """
    # Here and not above: Great Expectations takes seconds and 160 MB to import, and building, signing off
    # and sharing import this module without running the gate.
    from baocao.checks.consolidation_gate.gate import run_gate

    pack, when = place.at(regime, period)
    with place.store.read() as conn:
        require_cells_as_accepted(conn, regime, period)
        accepted = cells.accepted_cells(conn, regime, period, typed_by(pack))
        before = latest_gate(conn, regime, period)
    if not accepted:
        raise Refused(f"Kỳ {period} chưa có báo cáo nào được tiếp nhận; chưa thể tổng hợp")
    inputs = input_hash(pack, accepted)
    log.info("Kỳ %s: cổng kiểm tra trên số liệu của %s báo cáo", period, len(accepted))
    # The same input gives the same verdict: a task that is cleared in Airflow does not pay for it twice.
    if before is not None and before.input_sha256 == inputs and before.agrees:
        return {"gate_id": before.id, "agrees": True, "evaluated": before.evaluated, "repeated": True}
    with no_garbage_expected():
        result = run_gate(pack, when, accepted, place.settings.templates)
    # Kept whatever it says, and outside the transaction: a disagreement is what somebody will want to read.
    result_sha, page_sha = place.store.files.put(result.result_json), place.store.files.put(result.page_html)
    with place.store.begin() as conn:
        row = record_gate(
            conn,
            regime=regime,
            period=period,
            ran_at=as_of,
            input_sha256=inputs,
            agrees=result.agrees,
            evaluated=result.evaluated,
            failed=result.failed,
            result_sha256=result_sha,
            page_sha256=page_sha,
            disagreements=result.disagreements,
        )
        payload = {"evaluated": result.evaluated, "failed": result.failed, "result_sha256": result_sha}
        action = "gate_agreed" if result.agrees else "gate_disagreed"
        events.append(conn, as_of, "baocao", action, (regime, period), f"gate/{row.id}", payload)
        if not result.agrees:
            PeriodMail(place, pack, when).alarm(
                conn,
                subject=f"Cổng kiểm tra không thống nhất, kỳ {period}",
                text=f"Cổng kiểm tra tìm thấy {len(result.disagreements)} chỗ mà bước kiểm tra đã cho qua. Báo cáo "
                "tổng hợp đã dừng lại. Xem trang kết quả của cổng và mục «Cổng kiểm tra không khớp» trong sổ tay "
                "vận hành.",
                key=f"gate/{inputs[:16]}",
                at=as_of,
            )
    # Raised behind the commit: inside, result and alarm would be rolled back with it.
    if not result.agrees:
        flush(place, as_of)
        raise GateDisagreement(
            f"Cổng kiểm tra không thống nhất với bước kiểm tra ở {len(result.disagreements)} chỗ (lần chạy {row.id}); "
            "báo cáo dừng lại, người vận hành đã được báo"
        )
    return {"gate_id": row.id, "agrees": True, "evaluated": result.evaluated, "repeated": False}


def consolidate(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Province values of the period as a draft report.

    Takes up the newest version when nothing has changed since (so a rerun makes nothing new); begins the next version
    after a return, when something was accepted after the freeze, or when the correction of a dispatched report was
    opened (`correcting.correct`). A report that was signed off is answered as it is. Raises Refused when a lead body's
    objection is open or the days kept free for comments are not over, when the gate has not passed over exactly this
    input, and when a correction says nothing new.
    """
    pack, when = place.at(regime, period)
    log.info("Kỳ %s: đang tổng hợp số liệu", period)
    # Reading and draft in one transaction; what is accepted meanwhile makes another input hash, which `build` refuses.
    with place.store.begin() as conn:
        require_no_open_objection(place, conn, regime, period, "tổng hợp")
        require_comments_awaited(conn, pack, when, as_of)
        basis = basis_of(place, conn, pack, when)
        newest = reports.latest(conn, regime, period)
        # Asked before the gate: a report that went to be signed is answered also when files have come since.
        if newest is not None and _stands(conn, newest):
            return report_answer(newest, repeated=True)
        same = newest is not None and input_hash_of(conn, newest.id) == basis.input_sha256
        if newest is not None and newest.status is ReportStatus.FROZEN and same:
            return report_answer(newest, repeated=True)
        # Of exactly this input: a file accepted between gate and consolidation has been seen by no gate.
        passed = latest_gate(conn, regime, period)
        if passed is None or not passed.agrees or passed.input_sha256 != basis.gate_sha256:
            raise Refused(f"Kỳ {period}: cổng kiểm tra chưa qua đúng số liệu này; hãy chạy lại bước cổng kiểm tra")
        # With the draft and not with the freeze: from here on figures exist that only this pack explains (ADR 0018).
        place.keep_pack(conn, pack, as_of)
        _refuse_empty_correction(conn, basis, newest)
        report = reports.draft(
            conn,
            regime=regime,
            period=period,
            created_at=as_of,
            as_of=as_of,
            input_sha256=basis.input_sha256,
            gate_id=passed.id,
        )
        # What went in is kept as ids: cells of an accepted submission never change, so figures follow from them
        # (ADR 0025).
        reports.insert_inputs(conn, report.id, [(a.unit, a.submission_id) for a in basis.accepted])
        lead_comments.list_in_report(conn, report.id, basis.overruled)
        reports.insert_values(conn, report.id, basis.consolidation.values.values())
        corrections.pin(conn, report.id, basis.pinned.as_json())
        # Added up once more by other means (`sql/checks`), over the rows just written and not over the values in
        # memory.
        wrong = recompute(conn, place.settings.sql, report.id, pack)
        if wrong:
            # Leaving here rolls the draft back: a report that does not add up is never seen by anybody.
            raise Refused(f"Cộng lại bằng SQL cho kết quả khác ở {len(wrong)} ô; {wrong[0].message}")
        payload = {
            "version": report.version,
            "coverage": str(basis.consolidation.coverage),
            "missing": [u.code for u in basis.consolidation.missing],
            "input_sha256": basis.input_sha256,
            "overruled": [c.id for c in basis.overruled],
        }
        events.append(conn, as_of, "baocao", "report_drafted", (regime, period), f"report/{report.id}", payload)
    return report_answer(report, repeated=False)


def _stands(conn: Connection, newest: Report) -> bool:
    """Whether the newest version went to be signed, and no correction of it was opened."""
    corrected = newest.status is ReportStatus.DISPATCHED and corrections.opened_on(conn, newest.id) is not None
    return newest.status in _SENT_FOR_SIGNING and not corrected


def _refuse_empty_correction(conn: Connection, basis: Basis, newest: Report | None) -> None:
    """A correction corrects something. Raises Refused when its figures and texts are those that were dispatched."""
    # A draft that was never frozen is taken up again under its number.
    following = 1 if newest is None else newest.version + (newest.status is not ReportStatus.DRAFT)
    opened = corrections.of_version(conn, basis.pack.code, basis.period.code, following)
    if opened is None or opened.is_of_document:
        return
    rule = basis.pack.rule_of(basis.period.kind)
    if correction_of(conn, opened, basis.pack, rule, basis.accepted, basis.consolidation).is_empty:
        raise Refused(
            f"Kỳ {basis.period.code}: không có gì để đính chính, số liệu và lời văn trùng phiên bản "
            f"{opened.corrects_version} đã phát hành. Hãy chờ đơn vị nộp lại, hoặc mở nhận lại bằng "
            f"`baocao correct --period {basis.period.code} --unit MÃ --until NGÀY`"
        )
