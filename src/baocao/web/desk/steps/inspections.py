"""Kiểm tra: the register as a page, and its acts: plan, notice, begin, end, conclusion, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml
from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.media_types import DOCX, media_type_of
from baocao.text import day_text
from baocao.web.common.typed import or_404, whole_number
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON, file_of
from baocao.web.desk.steps.step import Done, Step
from baocao.workflow.inspections import inspecting
from baocao.workflow.inspections.listing import inspection_file, inspections
from baocao.workflow.installation import Installation, Refused


def show(ask: Ask) -> Response:
    """The register in the order of the planned days, with what is due next."""
    year = whole_number(text, digits=4) if len(text := ask.query("nam")) == 4 else None
    has_any = ask.regime.inspections is not None
    found = inspections(ask.place, ask.code, ask.now, year=year) if has_any else None
    return ask.page("inspections.html", section="inspections", found=found, year=year)


def draft(ask: Ask) -> Response:
    """The notice as a draft, for the inspecting body to sign."""
    name, data = inspecting.draft_notice(*_inspection(ask), ask.now)
    return ask.file(data, name, DOCX)


def file(ask: Ask) -> Response:
    """The notice as it was sent, or the conclusion."""
    found = or_404(inspection_file(*_inspection(ask), ask.param("what")))
    data, name = found
    return ask.file(data, name, media_type_of(name))


def _inspection(ask: Ask) -> tuple[Installation, str, int]:
    return ask.place, ask.code, ask.number("inspection")


def _back(ask: Ask) -> str:
    return ask.path("inspections")


def _about(ask: Ask) -> Sequence[tuple[str, str]]:
    """The inspection of the address. Raises HTTPException 404 where there is none."""
    # The role was checked for the regime; that it keeps no register is said by there being no such page.
    if ask.regime.inspections is None:
        raise HTTPException(404)
    rows = inspections(ask.place, ask.code, ask.now)["inspections"]
    one: dict[str, Any] = or_404(next((r for r in rows if r["id"] == ask.number("inspection")), None))
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
    # The number of the plan is new each time: the register knows a plan by its number and the bytes of its file.
    return _planned(ask, given, yaml.safe_dump([row], allow_unicode=True).encode(), "ke-hoach.yaml")


def _planned(ask: Ask, given: StepInput, data: bytes, name: str) -> str:
    year = whole_number(given.text("year"), digits=4000)
    if year is None:
        raise Refused("Năm kế hoạch: hãy ghi bốn chữ số, ví dụ 2026")
    answer = inspecting.plan_inspections(
        ask.place,
        ask.code,
        data,
        name,
        year=year,
        decision=given.text("decision"),
        decided_on=given.day("decided_on"),
        **ask.decided,
    )
    if not answer["new"]:
        return f"Kế hoạch {answer['decision']} đã có trong sổ, không có gì mới."
    return f"Đã ghi {answer['new']} cuộc kiểm tra theo kế hoạch {answer['decision']}; các đơn vị đã được báo."


def _notify(ask: Ask, given: StepInput) -> str:
    first, last = given.days["first"], given.days["last"]
    # One day alone would be filled up from the plan, and the notice would announce days nobody meant.
    if (first is None) != (last is None):
        raise Refused("Thời gian ghi trong thông báo: hãy ghi cả ngày đầu và ngày cuối, hoặc bỏ trống cả hai")
    answer = inspecting.notify_inspection(
        *_inspection(ask),
        number=given.text("number"),
        symbol=given.text("symbol"),
        signed_on=given.day("signed_on"),
        signer=given.text("signer"),
        signer_title=given.text("signer_title"),
        announced=(first, last) if first and last else None,
        **ask.decided,
    )
    return f"Đã gửi thông báo số {answer['number']}, kiểm tra từ {day_text(answer['from'])}."


def _start(ask: Ask, given: StepInput) -> str:
    answer = inspecting.start(*_inspection(ask), on=given.day("on"), **ask.decided)
    return f"Đã ghi ngày bắt đầu; chậm nhất kết thúc ngày {day_text(answer['last_day'])}."


def _finish(ask: Ask, given: StepInput) -> str:
    answer = inspecting.finish(
        *_inspection(ask), on=given.day("on"), record_on=given.days["record_on"], note=given.text("note"), **ask.decided
    )
    over = " (quá số ngày cho phép)" if answer["over_run"] else ""
    due: date = answer["conclusion_due_on"]
    return f"Đã ghi kết thúc sau {answer['working_days']} ngày làm việc{over}; hạn kết luận {day_text(due)}."


def _conclude(ask: Ask, given: StepInput) -> str:
    name, data = file_of(given) or ("", b"")
    answer = inspecting.conclude(
        *_inspection(ask), number=given.text("number"), on=given.day("on"), data=data, filename=name, **ask.decided
    )
    return f"Đã ghi kết luận {answer['number']}{', sau hạn' if answer['late'] else ''}; đơn vị đã được gửi."


def _cancel(ask: Ask, given: StepInput) -> str:
    inspecting.cancel(*_inspection(ask), reason=given.text("reason"), **ask.decided)
    return "Đã hủy cuộc kiểm tra."


_DECISION = (
    Field(
        "year", "Năm kế hoạch", "number", required=True, default=lambda ask: str(ask.place.day(ask.code, ask.now).year)
    ),
    Field("decision", "Số, ký hiệu kế hoạch", required=True, hint="Ví dụ 12/KH-UBND."),
    Field("decided_on", "Ngày ban hành", "date", required=True),
)


def _step(name: str, title: str, fields: tuple[Field, ...], done: Done, button: str, *, stop: bool = False) -> Step:
    """What is written down about one inspection."""
    path = f"/inspections/{{inspection}}/{name}"
    return Step(path, title, fields, done, _back, button=button, stop=stop, about=_about)


STEPS = (
    Step(
        "/inspections/plan",
        "Nạp kế hoạch kiểm tra",
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
    _step(
        "notify",
        "Gửi thông báo kiểm tra đã ký",
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
        button="Gửi thông báo",
    ),
    _step(
        "start",
        "Ghi ngày bắt đầu kiểm tra",
        (Field("on", "Ngày bắt đầu", "date", required=True),),
        _start,
        button="Ghi bắt đầu",
    ),
    _step(
        "finish",
        "Ghi kết quả: ngày kết thúc và biên bản",
        (
            Field("on", "Ngày kết thúc", "date", required=True),
            Field("record_on", "Ngày lập biên bản", "date", hint="Bỏ trống: ngày kết thúc."),
            Field("note", "Lý do quá số ngày cho phép", "area", hint="Chỉ bắt buộc khi quá số ngày."),
        ),
        _finish,
        button="Ghi kết thúc",
    ),
    _step(
        "conclude",
        "Ghi kết luận và gửi đơn vị",
        (
            Field("number", "Số, ký hiệu kết luận", required=True),
            Field("on", "Ngày ban hành", "date", required=True),
            Field("file", "Tệp kết luận (PDF hoặc DOCX)", "file", required=True),
        ),
        _conclude,
        button="Ghi kết luận",
    ),
    _step(
        "cancel",
        "Hủy cuộc kiểm tra",
        (REASON,),
        _cancel,
        button="Hủy cuộc kiểm tra",
        stop=True,
    ),
)
