"""Lời văn của báo cáo: the generated draft beside what the office writes, its versions, and going back to the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.documents.narrative.marks import spans
from baocao.media_types import DOCX
from baocao.web.common.typed import whole_number
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON, below, file_of
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.reports import narrating
from baocao.workflow.reports.own_text import LONGEST, OwnSection, OwnText, own_text, write_section

_CHECKED = "Đã đối chiếu các số tự ghi (không gắn với số liệu nào của báo cáo)"


def show(ask: Ask) -> Response:
    """Whose text each section is, and every revision."""
    known = own_text(*ask.where)
    if known is None:
        return ask.page("no_report.html", section="report")
    return ask.page("own_text.html", section="report", known=known, spans=spans)


def export(ask: Ask) -> Response:
    """The whole text as a file for an office to edit."""
    kind = ask.param("kind")
    if kind not in {"docx", "md"}:
        raise HTTPException(404)
    name, data, _ = narrating.export(*ask.where, kind)
    return ask.file(data, name, DOCX if kind == "docx" else "text/markdown; charset=utf-8")


def _known(ask: Ask) -> tuple[OwnText, OwnSection]:
    """The section of the address. Raises HTTPException 404."""
    known = own_text(*ask.where)
    section = known.section(ask.param("section")) if known is not None else None
    if known is None or section is None:
        raise HTTPException(404)
    return known, section


def _beside(ask: Ask) -> Mapping[str, Any]:
    known, section = _known(ask)
    return {"known": known, "own": section, "spans": spans}


def _about(ask: Ask) -> Sequence[tuple[str, str]]:
    known, section = _known(ask)
    whose = f"lần sửa {section.revision}, {section.by}" if section.by else "bản dự thảo tự động"
    return (("Mục", section.title), ("Số liệu của", f"phiên bản {known.report.version}"), ("Đang dùng", whose))


def _write(ask: Ask, given: StepInput) -> str:
    report, revision = (whole_number(given.text(name), digits=12) for name in ("report", "revision"))
    # Two hidden fields that the page filled in: only a request made by hand has anything else in them.
    if report is None or revision is None:
        raise HTTPException(400)
    answer = write_section(
        *ask.where,
        ask.param("section"),
        given.text("text"),
        # Of the page and not of now: only so is a text noticed that somebody else has written meanwhile.
        report=report,
        revision=revision,
        **ask.decided,
        confirm=given.is_set("numbers"),
    )
    return _taken(answer)


def _import(ask: Ask, given: StepInput) -> str:
    name, data = file_of(given) or ("", b"")
    return _taken(narrating.take(ask.place, data, name, **ask.decided, confirm=given.is_set("numbers")))


def _taken(answer: dict[str, Any]) -> str:
    """Raises Refused when the text was not taken: numbers nobody has looked at, or nothing that differs."""
    # As a refusal, so that the form comes back with the text in it and the box to be ticked below.
    if not answer["taken"] and answer["questions"]:
        listed = "\n".join(f"  {line}" for line in answer["questions"])
        raise Refused(f"Có số tự ghi, hãy đối chiếu từng số rồi đánh dấu ô «{_CHECKED}»:\n{listed}")
    if not answer["taken"]:
        raise Refused("Lời văn không khác lời văn đang dùng; không có gì để ghi")
    more = [*answer["renewed"], *answer["left_out"]]
    told = f" Lưu ý: {'; '.join(more)}." if more else ""
    return f"Đã ghi lần sửa {answer['revision']}; phiên bản tổng hợp sau in lời văn này.{told}"


def _drop(ask: Ask, given: StepInput) -> str:
    answer = narrating.drop(*ask.where, given.text("section") or None, reason=given.text("reason"), **ask.decided)
    return f"Đã trở lại bản dự thảo tự động ở {len(answer['dropped'])} mục; phiên bản tổng hợp sau in theo đó."


def _written(ask: Ask) -> Sequence[tuple[str, str]]:
    known = own_text(*ask.where)
    return [(s.row, s.title) for s in known.sections if s.by] if known is not None else []


_NUMBERS = Field("numbers", _CHECKED, "check")

STEPS = (
    Step(
        "/p/{period}/report/text/{section}",
        "Sửa lời văn của một mục",
        (
            Field("report", "", "hidden", required=True, default=lambda ask: str(_known(ask)[0].report.id)),
            Field("revision", "", "hidden", required=True, default=lambda ask: str(_known(ask)[0].revision)),
            Field(
                "text",
                "Lời văn",
                "area",
                hint="Số trong hai ngoặc nhọn là số liệu được bảo vệ: xóa cùng câu, chuyển sang câu khác được; sửa "
                "số thì không nhận.",
                default=lambda ask: _known(ask)[1].text,
                rows=26,
                longest=LONGEST,
            ),
            _NUMBERS,
        ),
        _write,
        below("report", "text"),
        confirm="Tôi đã đọc lại và chịu trách nhiệm về lời văn này",
        button="Ghi lời văn",
        about=_about,
        template="own_text_edit.html",
        more=_beside,
    ),
    Step(
        "/p/{period}/do/text-import",
        "Nhận lời văn đã sửa trong Word",
        (Field("file", "Tệp .docx hoặc .md đã xuất từ trang này", "file", required=True), _NUMBERS),
        _import,
        below("report", "text"),
        says="Tệp tự cho biết thuộc báo cáo nào. Số liệu được bảo vệ mà bị sửa thì không nhận, nêu rõ chỗ và hai số.",
        button="Nhận lời văn",
    ),
    Step(
        "/p/{period}/do/text-drop",
        "Trở lại bản dự thảo tự động",
        (
            Field("section", "Mục", "choice", options=_written, hint="Bỏ trống: mọi mục văn phòng đã sửa."),
            REASON,
        ),
        _drop,
        below("report", "text"),
        says="Các lần sửa cũ vẫn còn trong sổ.",
        button="Bỏ lời văn đã sửa",
        stop=True,
    ),
)
