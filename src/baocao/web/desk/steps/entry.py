"""Nhập hộ: a unit's paper report typed into its forms on the desk, or its workbook uploaded, with the signed scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.forms.contract import INFO_ROWS
from baocao.forms.reading.child import ReaderProcess
from baocao.model.form import Form
from baocao.model.pack_views import entered_by
from baocao.model.submission import Finding
from baocao.store.database import StaleStatus
from baocao.web.common.draft_view import form_values, next_page, overview_values
from baocao.web.common.list_view import form_as_sent
from baocao.web.common.typed import or_404, whole_number
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import file_of, unit_step
from baocao.workflow.installation import Refused
from baocao.workflow.intake.checking import Checked
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal import drafts
from baocao.workflow.portal.drafts import FormDraft
from baocao.workflow.portal.office_entry import enter, office_holder

_ELSEWHERE = (
    "CHƯA LƯU: bản nháp vừa được lưu ở một cửa sổ khác. Những gì vừa điền vẫn còn trên trang này; hãy chép ra, tải lại "
    "trang rồi điền tiếp."
)


def overview(ask: Ask) -> Response:
    """The unit's forms and how far each is, as the office has typed them."""
    return _overview(ask, _draft(ask)[1])


def act(ask: Ask) -> Response:
    """POST: keep the information sheet; check everything, or begin again."""
    holder, draft = _draft(ask)
    # One form with several buttons: whatever was pressed, what was typed is kept first.
    step = ask.given("step")
    if step == "discard":
        drafts.discard(ask.place, holder)
        return ask.go(_home(ask), "Đã bỏ bản nháp.")
    draft = drafts.with_info(draft, {c.lower(): ask.given(f"info-{c.lower()}") for c in INFO_ROWS})
    # Before it is checked: a check that takes its time, or a page that is closed, must not cost what was typed.
    saved = _saved(ask, holder, draft)
    if saved is None:
        return _overview(ask, draft, said=_ELSEWHERE, status=409)
    if step == "check":
        return _overview(ask, saved, checked=drafts.checked(ask.place, holder, saved, ask.now))
    return ask.go(_home(ask), "Đã lưu bản nháp; CHƯA NỘP.")


def form_page(ask: Ask) -> Response:
    """One form, filled as far as the draft is."""
    # The draft of the office, kept under a name of its own: what the unit types itself on its page is another one.
    holder, draft = _draft(ask)
    return _show(ask, holder, draft, _form_of(ask))


def save_form(ask: Ask) -> Response:
    """POST: keep the form; then check it, or go on with the next one."""
    holder, draft = _draft(ask)
    form = _form_of(ask)
    draft = form_as_sent(draft, form, ask.given, set(ask.form.keys()))
    saved = _saved(ask, holder, draft)
    if saved is None:
        return _show(ask, holder, draft, form, said=_ELSEWHERE, status=409)
    step = ask.given("step")
    if step == "check":
        found = drafts.checked(ask.place, holder, saved, ask.now).findings
        return _show(ask, holder, saved, form, findings=found, is_checked=True)
    code, more = next_page(step, form, _forms(ask))
    page = f"{_home(ask)}/{code}" if code else _home(ask)
    return ask.go(f"{page}?them={more}" if more else page, "Đã lưu bản nháp; CHƯA NỘP.")


def _saved(ask: Ask, holder: Holder, draft: FormDraft) -> FormDraft | None:
    """The draft as it is kept; None when somebody saved it elsewhere meanwhile."""
    # The revision of the page, not of the store: only so is a draft noticed that was saved elsewhere meanwhile.
    revision = whole_number(ask.given("revision"), digits=9) or 0
    try:
        return drafts.save(ask.place, holder, replace(draft, revision=revision), ask.now)
    except StaleStatus:
        return None


def _draft(ask: Ask) -> tuple[Holder, FormDraft]:
    try:
        holder = office_holder(*ask.where, ask.param("unit"), ask.now)
    except Refused as error:
        # A unit that owes nothing has no such page; a refusal inside a page would speak of a step nobody took.
        raise HTTPException(404, str(error)) from None
    with ReaderProcess() as reader:
        return holder, drafts.draft_of(ask.place, reader, holder)


def _forms(ask: Ask) -> tuple[Form, ...]:
    unit = ask.pack.unit(ask.param("unit"))
    return tuple(entered_by(ask.pack, unit)) if unit is not None else ()


def _form_of(ask: Ask) -> Form:
    return or_404(next((f for f in _forms(ask) if f.code == ask.param("form")), None))


def _home(ask: Ask) -> str:
    return ask.path("p", ask.period.code, "u", ask.param("unit"), "entry")


def _overview(
    ask: Ask, draft: FormDraft, *, said: str = "", checked: Checked | None = None, status: int = 200
) -> Response:
    return ask.page(
        "entry.html",
        section="units",
        status=status,
        unit=ask.pack.unit(ask.param("unit")),
        **overview_values(draft, _forms(ask), checked.findings if checked else ()),
        home=_home(ask),
        said=said,
        checked=checked,
    )


def _show(
    ask: Ask,
    holder: Holder,
    draft: FormDraft,
    form: Form,
    *,
    findings: Sequence[Finding] = (),
    is_checked: bool = False,
    said: str = "",
    status: int = 200,
) -> Response:
    return ask.page(
        "entry_form.html",
        section="units",
        status=status,
        unit=ask.pack.unit(ask.param("unit")),
        **form_values(draft, form, drafts.computed(ask.place, holder, draft), findings, ask.query("them")),
        is_checked=is_checked,
        saved=False,
        home=_home(ask),
        action=f"{_home(ask)}/{form.code}",
        said=said,
    )


def _enter(ask: Ask, given: StepInput, workbook: tuple[str, bytes] | None) -> str:
    answer = enter(
        *ask.where,
        ask.param("unit"),
        workbook=workbook,
        # Empty bytes are refused by the verb in its own words: the field is required, so nobody meets them in a
        # browser.
        scan=file_of(given, "scan") or ("", b""),
        reason=given.text("reason"),
        arrived_on=given.days["arrived_on"],
        **ask.decided,
    )
    return _said(answer)


def _said(answer: dict[str, Any]) -> str:
    outcome, points = answer["outcome"], len(answer["findings"])
    if outcome == "accepted":
        return "Báo cáo nhập hộ đã được tiếp nhận; đơn vị được gửi biên nhận."
    if outcome == "returned":
        return f"Báo cáo nhập hộ CHƯA ĐẠT: {points} điểm phải sửa, xem ở lần gửi dưới đây; sửa rồi nộp lại."
    if outcome == "duplicate":
        return "Báo cáo nhập hộ trùng với lần gửi trước; kết quả giữ nguyên."
    return "Tệp nhập hộ không nhận được như một báo cáo; xem lý do ở lần gửi dưới đây."


_COMMON = (
    Field("scan", "Bản giấy đã ký của đơn vị (PDF, JPEG, PNG)", "file", required=True),
    Field("arrived_on", "Ngày bản giấy đến", "date", hint="Là ngày tính nhận; bỏ trống: bây giờ."),
    Field(
        "reason",
        "Lý do nhập hộ",
        "area",
        required=True,
        hint="Ví dụ: đơn vị mất mạng, gửi bản giấy; ghi số công văn. Được ghi vào nhật ký.",
    ),
)

# Routes of their own and no `Step`: a form is filled in over several pages, and only sending it is one act.
RULES = tuple(
    RouteRule(method, f"/r/{{regime}}/p/{{period}}/u/{{unit}}/entry{more}", Permission.DECIDE, handler)
    for method, more, handler in (
        ("GET", "", overview),
        ("POST", "", act),
        ("GET", "/{form}", form_page),
        ("POST", "/{form}", save_form),
    )
)
STEPS = (
    unit_step(
        "enter-file",
        "Nộp hộ tệp báo cáo của đơn vị",
        (Field("file", "Tệp báo cáo (.xlsx)", "file", required=True), *_COMMON),
        lambda ask, given: _enter(ask, given, file_of(given)),
        button="Nộp hộ",
        says="Tệp đi qua đúng các bước kiểm tra như mọi báo cáo; trong sổ ghi rõ cơ quan tổng hợp nhập, ai nhập.",
    ),
    unit_step(
        "enter-typed",
        "Nộp báo cáo giấy đã nhập hộ",
        _COMMON,
        lambda ask, given: _enter(ask, given, None),
        button="Nộp hộ",
        says="Số liệu đã điền thành tệp biểu mẫu của đơn vị và đi qua đúng các bước kiểm tra như mọi báo cáo; trong sổ "
        "ghi rõ cơ quan tổng hợp nhập, ai nhập.",
    ),
)
