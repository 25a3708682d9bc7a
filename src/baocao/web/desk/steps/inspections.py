"""Kiểm tra: the register as a page, and its acts: plan, notice, begin, end, conclusion, cancel."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml
from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.delivery.letters import day_text
from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON, file_of
from baocao.web.desk.steps.step import Step
from baocao.workflow.inspections import inspecting
from baocao.workflow.inspections.inspection_overview import inspection_file, inspections
from baocao.workflow.installation import Refused

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def show(ask: Ask) -> Response:
    """The register in the order of the planned days, with what is due next."""
    text = ask.query("nam")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None
    if ask.regime.inspections is None:
        return ask.page("inspections.html", section="inspections", found=None, year=year)
    return ask.page(
        "inspections.html", section="inspections", found=inspections(ask.place, ask.code, ask.now, year=year), year=year
    )


def draft(ask: Ask) -> Response:
    """The notice as a draft, for the inspecting body to sign."""
    name, data = inspecting.draft_notice(ask.place, ask.code, ask.number("inspection"), ask.now)
    return ask.file(data, name, _WORD)


def file(ask: Ask) -> Response:
    """The notice as it was sent, or the conclusion."""
    found = inspection_file(ask.place, ask.code, ask.number("inspection"), ask.param("what"))
    if found is None:
        raise HTTPException(404)
    data, name = found
    return ask.file(data, name, mimetypes.guess_type(name)[0] or "application/octet-stream")


def _back(ask: Ask) -> str:
    return ask.path("inspections")


def _about(ask: Ask) -> Sequence[tuple[str, str]]:
    """The inspection of the address. Raises HTTPException 404 where there is none."""
    if ask.regime.inspections is None:
        raise HTTPException(404)
    rows = inspections(ask.place, ask.code, ask.now)["inspections"]
    one: dict[str, Any] | None = next((r for r in rows if r["id"] == ask.number("inspection")), None)
    if one is None:
        raise HTTPException(404)
    return (
        ("Cuộc kiểm tra", f"số {one['id']}, kế hoạch {one['decision']}"),
        ("Đơn vị", one["unit_name"]),
        ("Cơ quan kiểm tra", one["lead_name"]),
        ("Thời gian", f"{day_text(one['from'])} đến {day_text(one['to'])}"),
        ("Tình trạng", one["status_name"]),
    )


def _plan(ask: Ask, given: StepInput) -> str:
    name, data = file_of(given) or ("", b"")
    return _planned(ask, given, data, name)


def _add(ask: Ask, given: StepInput) -> str:
    """One inspection as a plan of one line, so that it goes through the same reading as a file."""
    row = {key: given.text(key) for key in ("unit", "lead", "content", "documents")}
    row |= {key: given.day(key).isoformat() for key in ("planned_from", "planned_to")}
    return _planned(ask, given, yaml.safe_dump([row], allow_unicode=True).encode(), "ke-hoach.yaml")


def _planned(ask: Ask, given: StepInput, data: bytes, name: str) -> str:
    if not given.text("year").isascii() or not given.text("year").isdigit():
        raise Refused("Năm kế hoạch: hãy ghi bốn chữ số, ví dụ 2026")
    answer = inspecting.plan_inspections(
        ask.place,
        ask.code,
        data,
        name,
        year=int(given.text("year")),
        decision=given.text("decision"),
        decided_on=given.day("decided_on"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    if not answer["new"]:
        return f"Kế hoạch {answer['decision']} đã có trong sổ, không có gì mới."
    return f"Đã ghi {answer['new']} cuộc kiểm tra theo kế hoạch {answer['decision']}; các đơn vị đã được báo."


def _notify(ask: Ask, given: StepInput) -> str:
    first, last = given.days["first"], given.days["last"]
    if (first is None) != (last is None):
        raise Refused("Thời gian ghi trong thông báo: hãy ghi cả ngày đầu và ngày cuối, hoặc bỏ trống cả hai")
    answer = inspecting.notify_inspection(
        ask.place,
        ask.code,
        ask.number("inspection"),
        number=given.text("number"),
        symbol=given.text("symbol"),
        signed_on=given.day("signed_on"),
        signer=given.text("signer"),
        signer_title=given.text("signer_title"),
        announced=(first, last) if first and last else None,
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã gửi thông báo số {answer['number']}, kiểm tra từ {day_text(answer['from'])}."


def _start(ask: Ask, given: StepInput) -> str:
    answer = inspecting.start(
        ask.place, ask.code, ask.number("inspection"), on=given.day("on"), by=ask.asker.name, as_of=ask.now
    )
    return f"Đã ghi ngày bắt đầu; chậm nhất kết thúc ngày {day_text(answer['last_day'])}."


def _finish(ask: Ask, given: StepInput) -> str:
    answer = inspecting.finish(
        ask.place,
        ask.code,
        ask.number("inspection"),
        on=given.day("on"),
        record_on=given.days["record_on"],
        note=given.text("note"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    over = " (quá số ngày cho phép)" if answer["over_run"] else ""
    due: date = answer["conclusion_due_on"]
    return f"Đã ghi kết thúc sau {answer['working_days']} ngày làm việc{over}; hạn kết luận {day_text(due)}."


def _conclude(ask: Ask, given: StepInput) -> str:
    name, data = file_of(given) or ("", b"")
    answer = inspecting.conclude(
        ask.place,
        ask.code,
        ask.number("inspection"),
        number=given.text("number"),
        on=given.day("on"),
        data=data,
        filename=name,
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã ghi kết luận {answer['number']}{', sau hạn' if answer['late'] else ''}; đơn vị đã được gửi."


def _cancel(ask: Ask, given: StepInput) -> str:
    inspecting.cancel(
        ask.place, ask.code, ask.number("inspection"), reason=given.text("reason"), by=ask.asker.name, as_of=ask.now
    )
    return "Đã hủy cuộc kiểm tra."


_DECISION = (
    Field(
        "year", "Năm kế hoạch", "number", required=True, default=lambda ask: str(ask.place.day(ask.code, ask.now).year)
    ),
    Field("decision", "Số, ký hiệu kế hoạch", required=True, hint="Ví dụ 12/KH-UBND."),
    Field("decided_on", "Ngày ban hành", "date", required=True),
)
_ONE = "/inspections/{inspection}/"

STEPS = (
    Step(
        "/inspections/plan",
        "Nạp kế hoạch kiểm tra",
        Need.DECIDE,
        (
            *_DECISION,
            Field(
                "file",
                "Tệp kế hoạch (CSV hoặc YAML)",
                "file",
                required=True,
                hint="Mỗi dòng một đơn vị: unit, lead, planned_from, planned_to, content, documents.",
            ),
        ),
        _plan,
        _back,
        says="Cả tệp được ghi hoặc không dòng nào được ghi. Đơn vị được kiểm tra nhận thư báo.",
        button="Nạp kế hoạch",
    ),
    Step(
        "/inspections/add",
        "Bổ sung một cuộc kiểm tra",
        Need.DECIDE,
        (
            *_DECISION,
            Field("unit", "Mã đơn vị được kiểm tra", required=True),
            Field(
                "lead",
                "Cơ quan kiểm tra",
                "choice",
                required=True,
                options=lambda ask: [(u.code, u.full_name) for u in ask.place.pack(ask.code).units if u.is_lead_body],
            ),
            Field("planned_from", "Từ ngày", "date", required=True),
            Field("planned_to", "Đến hết ngày", "date", required=True),
            Field("content", "Nội dung kiểm tra", "area", required=True),
            Field("documents", "Tài liệu đơn vị chuẩn bị", "area"),
        ),
        _add,
        _back,
        says="Là một kế hoạch bổ sung, phải có số riêng. Đơn vị được kiểm tra nhận thư báo.",
        button="Bổ sung",
    ),
    Step(
        f"{_ONE}notify",
        "Gửi thông báo kiểm tra đã ký",
        Need.DECIDE,
        (
            Field("number", "Số thông báo", required=True),
            Field("symbol", "Ký hiệu", hint="Bỏ trống: TB và tên viết tắt của cơ quan."),
            Field("signed_on", "Ngày ký", "date", required=True),
            Field("signer", "Người ký", required=True),
            Field("signer_title", "Chức vụ người ký", required=True),
            Field("first", "Kiểm tra từ ngày", "date", hint="Chỉ ghi khi khác kế hoạch."),
            Field("last", "Đến hết ngày", "date", hint="Chỉ ghi khi khác kế hoạch."),
        ),
        _notify,
        _back,
        button="Gửi thông báo",
        about=_about,
    ),
    Step(
        f"{_ONE}start",
        "Ghi ngày bắt đầu kiểm tra",
        Need.DECIDE,
        (Field("on", "Ngày bắt đầu", "date", required=True),),
        _start,
        _back,
        button="Ghi bắt đầu",
        about=_about,
    ),
    Step(
        f"{_ONE}finish",
        "Ghi kết quả: ngày kết thúc và biên bản",
        Need.DECIDE,
        (
            Field("on", "Ngày kết thúc", "date", required=True),
            Field("record_on", "Ngày lập biên bản", "date", hint="Bỏ trống: ngày kết thúc."),
            Field("note", "Lý do quá số ngày cho phép", "area", hint="Chỉ bắt buộc khi quá số ngày."),
        ),
        _finish,
        _back,
        button="Ghi kết thúc",
        about=_about,
    ),
    Step(
        f"{_ONE}conclude",
        "Ghi kết luận và gửi đơn vị",
        Need.DECIDE,
        (
            Field("number", "Số, ký hiệu kết luận", required=True),
            Field("on", "Ngày ban hành", "date", required=True),
            Field("file", "Tệp kết luận (PDF hoặc DOCX)", "file", required=True),
        ),
        _conclude,
        _back,
        button="Ghi kết luận",
        about=_about,
    ),
    Step(
        f"{_ONE}cancel",
        "Hủy cuộc kiểm tra",
        Need.DECIDE,
        (REASON,),
        _cancel,
        _back,
        button="Hủy cuộc kiểm tra",
        stop=True,
        about=_about,
    ),
)
