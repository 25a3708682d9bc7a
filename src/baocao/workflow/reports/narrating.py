"""Lời văn của báo cáo do văn phòng sửa: it goes out as a draft, comes back, and holds from the next version on.

A text that is taken never changes: every import is a new revision, with a name. The next consolidation begins a version
with it; no version that exists changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.texts.legible import why_unreadable
from baocao.documents.narrative.blocks import Section
from baocao.documents.narrative.draft import draft
from baocao.documents.narrative.edit_rules import NarrativeVerdict, judge
from baocao.documents.narrative.edited import Edited, from_wire, read_task
from baocao.documents.narrative.office_texts import as_written, catalogue
from baocao.documents.narrative.written import as_markdown, as_word
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.narrative_check import names_with_digits
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import Unreadable
from baocao.model.form import Form
from baocao.model.narrative import OfficeText
from baocao.model.pack import Pack
from baocao.model.report import Report, ReportStatus
from baocao.store.reports import narrative_texts, reports
from baocao.store.trail import events
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.consolidating.holding import require_not_decided
from baocao.workflow.installation import Installation, Refused, require_readable
from baocao.workflow.reports.building import data_of
from baocao.workflow.reports.versions import latest_report

_TOO_LATE = {
    ReportStatus.APPROVED: "đã duyệt: hãy trả lại (`baocao sign --return --note …`) trước",
    ReportStatus.SIGNED: "đã ký: hãy thu hồi chữ ký (`baocao revoke`), hoặc phát hành rồi mở đính chính",
    ReportStatus.DISPATCHED: "đã gửi: hãy mở đính chính (`baocao correct`) trước",
}


def export(place: Installation, regime: str, named: str, kind: str) -> tuple[str, bytes, dict[str, Any]]:
    """(file name, file, what it is of): the sections of a report for an office to edit, with those it has written.

    `named` is a report's number or a period, whose newest version is taken; `kind` is `docx` or `md`. Nothing is
    recorded. Raises Refused when there is no report yet.
    """
    with place.store.read() as conn:
        report = _named(conn, regime, named)
        told, drafted = drafted_of(place, conn, report)
        office = narrative_texts.in_force(conn, report.regime, report.period)
    sections = as_written(told, drafted, office)
    source = {
        "regime": report.regime,
        "period": report.period,
        "report": str(report.id),
        "version": str(report.version),
        "revision": str(office.revision if office else 0),
    }
    if kind == "md":
        data = as_markdown(source, sections)
    else:
        data = as_word(source, sections, f"Lời văn {told.title}", told.as_of)
    name = f"loi-van_{report.period}_v{report.version}.{kind}"
    figures = sum(len(section.figures) for section in sections)
    return name, data, {**source, "sections": [s.title for s in sections], "figures": figures}


def take(
    place: Installation, data: bytes, filename: str, *, by: str, as_of: datetime, confirm: bool = False
) -> dict[str, Any]:
    """Take an edited text in as the next revision; the file itself says which report it is of.

    Answers `{taken: False, questions}` when sentences hold numbers typed by hand and `confirm` is not given: whoever
    imports must have looked at them. Raises Refused with every fault when a protected figure was changed, a section is
    missing or unknown, the text cannot be read, somebody else's revision lies between, or the version was approved.
    """
    edited = _read(data, filename)
    require_readable("Người sửa", by)
    with place.store.begin() as conn:
        report, office = _of_file(conn, edited)
        require_open(conn, report)
        judged = _judged(place, conn, report, office, edited)
        judged.faults += [
            f"Mục “{s.title}”: {why}" for s in edited.sections if s.text and (why := why_unreadable(s.text))
        ]
        if judged.faults:
            raise Refused(_listed("Chưa nhận lời văn", judged.faults))
        answer = _answer(report, judged)
        # Inside the transaction although nothing is written: version, revision and figures are those the answer speaks
        # of.
        if judged.questions and not confirm:
            return {"taken": False, **answer, "next": "đối chiếu các số này, rồi chạy lại lệnh kèm --confirm-numbers"}
        # No revision for the same words: it would begin a version in which nothing differs.
        if judged.texts == (dict(office.texts) if office is not None else {}):
            return {"taken": False, **answer, "next": "không cần: lời văn trong tệp không khác lời văn đang dùng"}
        # The file as it came: what somebody confirmed can be looked at again.
        sha256 = place.store.files.put(data)
        kept = narrative_texts.record(
            conn,
            regime=report.regime,
            period=report.period,
            texts=judged.texts,
            confirmed=judged.questions,
            by=by,
            at=as_of,
            filename=filename,
            file_sha256=sha256,
        )
        _tell(conn, kept, "narrative_imported", {"report": report.id, "typed_numbers": judged.questions})
    return {"taken": True, "revision": kept.revision, "by": kept.by, **answer, "next": _next(report)}


def drop(
    place: Installation, regime: str, period: str, section: str | None, *, by: str, reason: str, as_of: datetime
) -> dict[str, Any]:
    """Go back to the system's draft, of one section (`IV`, or its code) or of all: a new revision without the office's
    text. Raises Refused when there is nothing to go back from, or the version was approved."""
    require_readable("Lý do", reason)
    with place.store.begin() as conn:
        office = narrative_texts.in_force(conn, regime, period)
        newest = reports.latest(conn, regime, period)
        if office is None or not office.texts or newest is None:
            raise Refused(f"Kỳ {period}: mọi mục đang là bản dự thảo tự động, không có gì để bỏ")
        require_open(conn, newest)
        gone = [code for code in office.texts if section in (None, code, code.partition("/")[2])]
        if not gone:
            raise Refused(f"Mục {section} đang là bản dự thảo tự động; văn phòng đã sửa: {', '.join(office.texts)}")
        if not reason.strip():
            raise Refused("Bỏ lời văn đã sửa phải ghi rõ lý do")
        kept = narrative_texts.record(
            conn,
            regime=regime,
            period=period,
            texts={code: text for code, text in office.texts.items() if code not in gone},
            confirmed=office.confirmed,
            by=by,
            at=as_of,
            note=reason,
        )
        _tell(conn, kept, "narrative_dropped", {"sections": gone, "reason": reason.strip()})
    return {"period": period, "revision": kept.revision, "dropped": gone, "by": kept.by, "next": _next(newest)}


def whose_text(conn: Connection, pack: Pack, period: str, form: Form | None) -> list[dict[str, Any]]:
    """Section by section whose text holds: the automatic draft, or the office's revision with its person and time."""
    revisions = narrative_texts.revisions(conn, pack.code, period)
    office = revisions[-1] if revisions else None
    tables = form.tables if form is not None else ()
    code = form.code if form is not None else ""
    titles = {f"{code}/{r.code}": f"{r.item} {r.name}".strip() for t in tables for r in t.rows}
    if office is None:
        return []
    found = []
    for code in office.texts:
        first = next(r for r in reversed(revisions) if r.texts.get(code) == office.texts[code])
        while first.revision > 1 and revisions[first.revision - 2].texts.get(code) == office.texts[code]:
            first = revisions[first.revision - 2]
        written = {"revision": first.revision, "by": first.by, "at": first.at}
        found.append({"section": code, "title": titles.get(code, code), **written})
    return found


def own_text_line(texts: list[dict[str, Any]]) -> str:
    """`văn phòng sửa lần 2 (do …): IV …; các mục khác là bản dự thảo tự động`."""
    if not texts:
        return "bản dự thảo tự động"
    parts = [f"{t['title']}: văn phòng sửa lần {t['revision']}, do {t['by']}" for t in texts]
    return f"{'; '.join(parts)}; các mục khác: bản dự thảo tự động"


def history(place: Installation, regime: str, period: str) -> list[dict[str, Any]]:
    """Every revision of a period: who, when, from which file, which sections, which typed numbers were confirmed."""
    with place.store.read() as conn:
        found = narrative_texts.revisions(conn, regime, period)
    return [
        {
            "revision": t.revision,
            "by": t.by,
            "at": t.at.astimezone(place.zone(regime)),
            "file": t.filename,
            "sha256": t.file_sha256,
            "sections": list(t.texts),
            "typed_numbers": list(t.confirmed),
            "note": t.note,
        }
        for t in found
    ]


def _named(conn: Connection, regime: str, named: str) -> Report:
    return reports.report_of(conn, int(named)) if named.isdigit() else latest_report(conn, regime, named)


def drafted_of(place: Installation, conn: Connection, report: Report) -> tuple[ReportInput, list[Section]]:
    """The figures a version was made of, with its own circumstances, and the sections as the system drafts them."""
    pack, period = place.at(report.regime, report.period)
    basis = basis_of(place, conn, pack, period, of=report)
    # Without the office's own text: this is the draft it is compared with.
    source = replace(data_of(place, conn, report, basis), office=None)
    return source, draft(source)


def _read(data: bytes, filename: str) -> Edited:
    try:
        # Somebody else's Word file: read in the bounded child like every workbook.
        with ReaderProcess() as reader:
            return from_wire(reader.run(read_task, data, filename=filename))
    except Unreadable as error:
        raise Refused(f"{filename}: {error.message}") from error


def _of_file(conn: Connection, edited: Edited) -> tuple[Report, OfficeText | None]:
    """The version the file was exported from, and the revision in force."""
    stated = edited.source
    if not stated.get("report", "").isdigit() or not stated.get("revision", "").isdigit():
        raise Refused("Tệp không ghi rõ thuộc báo cáo nào; hãy xuất lại bằng `baocao narrative export`")
    report = reports.report_of(conn, int(stated["report"]))
    if (report.regime, report.period) != (stated.get("regime"), stated.get("period")):
        raise Refused(f"Tệp ghi báo cáo số {report.id} của kỳ {stated.get('period')}, không khớp với sổ; hãy xuất lại")
    office = narrative_texts.in_force(conn, report.regime, report.period)
    there = 0 if office is None else office.revision
    # Refused rather than merged: which of two sentences about one figure is right only a person can say.
    if there != int(stated["revision"]):
        who = "chưa có lần sửa nào" if office is None else f"đã có lần sửa {there} của {office.by}"
        raise Refused(
            f"Tệp xuất khi lời văn ở lần sửa {stated['revision']}, nay {who}. Hãy xuất lại rồi sửa trên bản mới, để "
            "không làm mất phần người khác đã sửa"
        )
    return report, office


def require_open(conn: Connection, report: Report) -> None:
    """Raises Refused with the way out when the newest version of the report's period was approved already."""
    require_not_decided(conn, report.regime, report.period, _TOO_LATE)


def _judged(
    place: Installation, conn: Connection, report: Report, office: OfficeText | None, edited: Edited
) -> NarrativeVerdict:
    told, drafted = drafted_of(place, conn, report)
    then = catalogue(told, drafted)
    pack, period = place.at(report.regime, report.period)
    basis = basis_of(place, conn, pack, period)
    # Two catalogues: figures as exported, to see what was changed by hand, and figures of now, to renew the others.
    now = catalogue(replace(data_of(place, conn, report, basis), office=None))
    exported = as_written(told, drafted, office)
    return judge(edited, exported, drafted, then, now, names_with_digits(told))


def _answer(report: Report, judged: NarrativeVerdict) -> dict[str, Any]:
    return {
        "period": report.period,
        "sections": list(judged.texts),
        "questions": judged.questions,
        "renewed": judged.renewed,
        "left_out": judged.left_out,
    }


def _next(report: Report) -> str:
    return f"baocao consolidate --period {report.period}"


def _listed(what: str, lines: list[str]) -> str:
    shown = [f"  {number}. {line}" for number, line in enumerate(lines[:40], 1)]
    more = [f"  và {len(lines) - 40} điểm khác"] if len(lines) > 40 else []
    return "\n".join([f"{what}, {len(lines)} điểm phải sửa:", *shown, *more])


def _tell(conn: Connection, kept: OfficeText, action: str, more: Mapping[str, Any]) -> None:
    payload = {
        "revision": kept.revision,
        "texts_sha256": kept.sha256,
        "section_sha256": {c: hashlib.sha256(t.encode()).hexdigest() for c, t in sorted(kept.texts.items())},
        "file_sha256": kept.file_sha256,
        **more,
    }
    events.append(conn, kept.at, kept.by, action, kept, f"narrative/{kept.id}", payload)
