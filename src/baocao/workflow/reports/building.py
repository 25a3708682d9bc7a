"""From province values to documents, and the freeze that binds them to one hash."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.documents.consolidated_workbook.meta import ReportMeta
from baocao.documents.consolidated_workbook.workbook import build_workbook
from baocao.documents.freeze import SealedFile, content_sha256, manifest
from baocao.documents.narrative.office_texts import lost_figures, moved_figures
from baocao.documents.pdf_files.convert import pdf_available, to_pdf
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.cover_letter import build_cover_letter
from baocao.documents.word_report.narrative_check import check_narrative
from baocao.documents.word_report.report import build_report
from baocao.memory import no_garbage_expected
from baocao.model.correction import Correction
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Report, ReportStatus, Role, Signature
from baocao.model.signed_copy import UnitCopy
from baocao.model.submission import Submission, Timeliness
from baocao.model.unit import Unit
from baocao.store.reports import corrections, reports
from baocao.store.reports.gates import latest_gate
from baocao.store.reports.reports import input_hash_of
from baocao.store.submissions import submissions, unit_copies
from baocao.store.trail import events
from baocao.workflow.consolidating.differences import correction_of
from baocao.workflow.consolidating.drafting import Basis, basis_of
from baocao.workflow.consolidating.holding import require_no_open_objection
from baocao.workflow.consolidating.pinning import comments_kept
from baocao.workflow.copies.papers import papers
from baocao.workflow.copies.units import copies_of
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.sign_off.telling import ask_for_decision
from baocao.workflow.verb_answers import report_answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Names:
    """The files of one report version: codes only, so that they sort and never clash."""

    workbook: str
    outgoing: str
    """the workbook the recipients get"""
    word: str
    pdf: str
    cover_letter: str

    @classmethod
    def of(cls, report: Report) -> Names:
        """The names of a version's files, the same in every build."""
        stem = f"{report.period}_v{report.version}"
        return cls(
            workbook=f"tong-hop_{stem}.xlsx",
            outgoing=f"phu-luc-so-lieu_{stem}.xlsx",
            word=f"bao-cao_{stem}.docx",
            pdf=f"bao-cao_{stem}.pdf",
            cover_letter=f"to-trinh_{stem}.docx",
        )


def report_input(
    place: Installation,
    report: Report,
    basis: Basis,
    sent: Mapping[str, Submission],
    signature: Signature | None = None,
    correction: Correction | None = None,
) -> ReportInput:
    """What the Word report is made of; `sent` are the submissions that went in, by unit."""
    kept = timeliness(basis, sent)
    return ReportInput(
        pack=basis.pack,
        period=basis.period,
        result=basis.consolidation,
        version=report.version,
        as_of=place.day(report.regime, report.as_of),
        late=_units(basis, kept, Timeliness.LATE),
        corrected_late=_units(basis, kept, Timeliness.CORRECTED_LATE),
        signature=signature,
        correction=correction,
        term=basis.term,
        accepted=basis.accepted,
        year_ago=basis.pinned.year_ago.reports,
        comments=basis.pinned.comments,
        office=basis.pinned.office,
    )


def data_of(place: Installation, conn: Connection, report: Report, basis: Basis) -> ReportInput:
    """The same of a report's own submissions and correction."""
    return report_input(place, report, basis, _sent(conn, basis), correction=correction_for(conn, report, basis))


def timeliness(basis: Basis, sent: Mapping[str, Submission]) -> Mapping[str, Timeliness]:
    """Whether each unit in the report kept its deadline, by unit code. A report from before this was kept goes by the
    submissions that went in, as it was printed then."""
    # As it was then: a file that is decided later must not change what a frozen version prints about a unit.
    if basis.pinned.timeliness is not None:
        return {code: kept for code, kept in basis.pinned.timeliness.items() if code in sent}
    return {
        code: Timeliness.LATE if row.on_time is False else Timeliness.ON_TIME
        for code, row in sent.items()
        if row.on_time is not None
    }


def _units(basis: Basis, kept: Mapping[str, Timeliness], which: Timeliness) -> tuple[Unit, ...]:
    found = (basis.pack.unit(code) for code, value in sorted(kept.items()) if value is which)
    return tuple(unit for unit in found if unit is not None)


def correction_for(conn: Connection, report: Report, basis: Basis) -> Correction | None:
    """What this version corrects; None for an ordinary one."""
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    if opened is None:
        return None
    rule = basis.pack.rule_of(basis.period.kind)
    return correction_of(conn, opened, basis.pack, rule, basis.accepted, basis.consolidation)


def _sent(conn: Connection, basis: Basis) -> dict[str, Submission]:
    """The submissions a report is made of, by unit."""
    return {a.unit: submissions.submission_of(conn, a.submission_id) for a in basis.accepted}


def copies_in(conn: Connection, report: Report, basis: Basis) -> dict[str, UnitCopy] | None:
    """The signed copies a report is traced to, by unit code: of a draft those that came by its moment, then those it
    was frozen with. None for a report from before copies were kept."""
    bound = reports.sealed(conn, report.id)
    if bound is None:
        return copies_of(conn, report.regime, report.period, _sent(conn, basis), until=report.as_of)
    kept = bound.get("unit_copies")
    return None if kept is None else unit_copies.named(conn, [entry["id"] for entry in kept])


def render(place: Installation, conn: Connection, report: Report, basis: Basis) -> dict[str, bytes]:
    """The reproducible files of a report: the same basis always gives the same bytes.

    Both workbooks belong to what is approved and signed: the office's own, and the one the recipients get.
    """
    sent, correction = _sent(conn, basis), correction_for(conn, report, basis)
    kept = copies_in(conn, report, basis)
    # The workbook is written as it will be frozen, so that replay finds the same bytes at any later status.
    meta = ReportMeta(
        version=report.version,
        status=ReportStatus.FROZEN,
        as_of=report.as_of,
        report_id=report.id,
        submissions=sent,
        timeliness=timeliness(basis, sent),
        overruled=basis.overruled,
        correction=correction,
        papers=None if kept is None else papers(conn, sent, kept),
    )
    data = report_input(place, report, basis, sent, correction=correction)
    names = Names.of(report)

    def workbook(meta: ReportMeta) -> bytes:
        return build_workbook(basis.pack, basis.period, basis.consolidation, basis.accepted, meta, basis.term)

    return {
        names.workbook: workbook(meta),
        names.outgoing: workbook(replace(meta, outgoing=True)),
        names.word: build_report(data, templates=place.settings.templates),
        names.cover_letter: build_cover_letter(data, templates=place.settings.templates),
    }


def build(place: Installation, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Write Excel, Word and PDF of a draft, freeze it, and tell the standing office that it waits.

    A report that is frozen already is answered as it is. Raises Refused while a lead body objects, and when something
    was accepted or an objection overruled since the consolidation: then the draft no longer says what the files would.
    """
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        if report.status is not ReportStatus.DRAFT:
            return report_answer(report, repeated=True)
        # The pack of today: a draft whose pack has changed since has another input hash, and is refused.
        pack, period = place.at(report.regime, report.period)
        require_no_open_objection(place, conn, report.regime, report.period, "lập văn bản")
        basis = _basis_of_the_draft(place, conn, pack, period, report_id)
        reread = _check_office_text(place, conn, report, basis)
        log.info("Kỳ %s: đang lập Excel, Word của báo cáo số %s", report.period, report_id)
        with no_garbage_expected():
            files = render(place, conn, report, basis)
            _check_narrative_figures(place, conn, report, basis, files[Names.of(report).word])
        gate = latest_gate(conn, report.regime, report.period)
        correction = correction_for(conn, report, basis)
        kept = copies_in(conn, report, basis) or {}
    # LibreOffice takes seconds: no transaction is open meanwhile. Files that are then not frozen are named by nothing.
    sealed = _with_pdf(place, report, files)
    has_pdf = not all(file.reproducible for file in sealed)
    bound = manifest(
        report=report,
        pack=pack,
        period=period,
        consolidation=basis.consolidation,
        accepted=basis.accepted,
        files=sealed,
        gate_sha256=gate.result_sha256 if gate else None,
        overruled=basis.overruled,
        correction=correction,
        office=basis.pinned.office,
        comments=basis.pinned.comments,
        reference=place.keep_reference(),
        templates=place.settings.templates / "word",
        unit_copies=kept.values(),
    )
    # Of the manifest, and so of everything it names: what people decide about from here on (ADR 0004).
    sha256 = content_sha256(bound)
    with place.store.begin() as conn:
        report = reports.freeze(
            conn, report_id, content_sha256=sha256, manifest=bound, findings=basis.consolidation.findings
        )
        payload = {"content_sha256": sha256, "files": {f.name: f.sha256 for f in sealed}, "pdf": has_pdf}
        events.append(conn, as_of, "baocao", "report_frozen", report, f"report/{report_id}", payload)
        # With the freeze: a frozen report that nobody was told of would wait until the deadline alarm.
        _ask_for_approval(PeriodMail(place, pack, period), conn, report, basis, as_of)
    flush(place, as_of)
    office = basis.pinned.office
    return {
        **report_answer(report, repeated=False),
        "files": [f.name for f in sealed],
        "pdf": has_pdf,
        "narrative": f"văn phòng sửa lần {office.revision}" if office and office.texts else "bản dự thảo tự động",
        "narrative_to_reread": reread,
    }


def _with_pdf(place: Installation, report: Report, files: Mapping[str, bytes]) -> list[SealedFile]:
    """The files in the store, with the Word report as PDF where this machine can make one."""
    names, put = Names.of(report), place.store.files.put
    log.info("Kỳ %s: đang lập PDF" if pdf_available() else "Kỳ %s: không có LibreOffice, bỏ qua PDF", report.period)
    pdf = to_pdf(files[names.word], ".docx") if pdf_available() else None
    sealed = [SealedFile(name, put(data), len(data), True) for name, data in sorted(files.items())]
    return sealed if pdf is None else [*sealed, SealedFile(names.pdf, put(pdf), len(pdf), False)]


def _basis_of_the_draft(place: Installation, conn: Connection, pack: Pack, period: Period, report_id: int) -> Basis:
    """What the draft was made from, with what the lead bodies had said by then: what they say meanwhile is for the next
    version. Raises Refused when it is not what there is now."""
    basis = basis_of(place, conn, pack, period)
    # Refused and not consolidated anew: the gate has passed over another input.
    if basis.input_sha256 != input_hash_of(conn, report_id):
        raise Refused(
            "Có báo cáo mới được tiếp nhận, hoặc phản đối bị bác, sau khi tổng hợp; hãy chạy lại từ bước tổng hợp"
        )
    kept = comments_kept(conn, corrections.pinned(conn, report_id) or {})
    return replace(basis, pinned=replace(basis.pinned, comments=kept))


def _check_office_text(place: Installation, conn: Connection, report: Report, basis: Basis) -> list[str]:
    """Sentences of the office's text whose figures have changed since they were written, to be read again. Raises
    Refused naming the sentences that speak of a figure there is no more: they cannot be printed."""
    office = basis.pinned.office
    if office is None or not office.texts:
        return []
    data = data_of(place, conn, report, basis)
    if lost := lost_figures(data, office):
        raise Refused(
            f"Lời văn văn phòng sửa lần {office.revision} có {len(lost)} câu nêu số liệu nay không còn: "
            f"{'; '.join(lost[:5])}. Hãy xuất lời văn (`baocao narrative export {report.period} …`), viết lại các câu "
            "đó rồi nhận lại, hoặc bỏ phần đã sửa (`baocao narrative drop`)"
        )
    return moved_figures(data, office)


def _check_narrative_figures(place: Installation, conn: Connection, report: Report, basis: Basis, word: bytes) -> None:
    """Every figure in a sentence is the figure of the table. Raises Refused naming the first that is not."""
    wrong = check_narrative(word, report_input(place, report, basis, _sent(conn, basis)))
    if wrong:
        raise Refused(
            f"Quy tắc {wrong[0].rule}: {len(wrong)} con số trong lời văn không khớp bảng số liệu; đầu tiên: "
            f"{wrong[0].subject}: {wrong[0].message} Hãy xem mẫu Word trong include/templates/word"
        )


def _ask_for_approval(period_mail: PeriodMail, conn: Connection, report: Report, basis: Basis, as_of: datetime) -> None:
    covered, step = basis.consolidation.coverage, f"report-{report.id}-waits"
    otherwise = (
        "trang chờ duyệt của hệ thống báo cáo; không dùng trang này thì báo quyết định cho bộ phận vận hành ghi nhận"
    )
    counted = covered.counted, covered.expected
    ask_for_decision(period_mail, conn, report, Role.STANDING_OFFICE, counted, otherwise, step, as_of)
