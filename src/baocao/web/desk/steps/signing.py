"""Approve, return, sign, take back: the decisions about a report, each bound to the content that was on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException

from baocao.model.report import Report, Role
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import below, file_of, warned
from baocao.web.desk.steps.step import CHECKED, Done, Step
from baocao.workflow.installation import Refused
from baocao.workflow.reports.attaching import attach_signed
from baocao.workflow.reports.versions import newest_report
from baocao.workflow.sign_off import signing
from baocao.workflow.sign_off.coverage import overrule_coverage
from baocao.workflow.sign_off.revoking import revoke

_NOTE = Field("note", "Ý kiến", "area")
_WHY = Field("note", "Lý do trả lại, điều cần sửa", "area", required=True)
_KNOWINGLY = Field("knowingly", "Đã biết có báo cáo mới hơn chưa đưa vào bản này, vẫn quyết định", "check")
_REPORT = Field("report", "", "hidden", required=True, default=lambda ask: str(_newest(ask).id))
_CONTENT = Field("content", "", "hidden", required=True, default=lambda ask: _newest(ask).content_sha256 or "")
"""What the page showed: a report that was built anew meanwhile is refused by the verb."""


def _newest(ask: Ask) -> Report:
    try:
        return newest_report(*ask.where)
    except Refused as error:
        raise HTTPException(404, str(error)) from None


def _shown(ask: Ask, given: StepInput) -> tuple[int, str]:
    """The report and content the decision is about; it must be one of this regime and period."""
    # Both are hidden fields of the page that was read; the verb would refuse an older content, but not say where to
    # look.
    newest = _newest(ask)
    if given.text("report") != str(newest.id):
        raise Refused(f"Đã có phiên bản {newest.version} mới hơn; hãy mở lại trang báo cáo và xem trước khi quyết định")
    return newest.id, given.text("content")


def _about(ask: Ask) -> Sequence[tuple[str, str]]:
    report = _newest(ask)
    return (
        ("Phiên bản", str(report.version)),
        ("Mã nội dung", (report.content_sha256 or "")[:16]),
        ("Người quyết định", ask.asker.name),
    )


def _office(decision: str, said: str) -> Done:
    def done(ask: Ask, given: StepInput) -> str:
        report_id, content = _shown(ask, given)
        answer = signing.approve(
            ask.place,
            report_id,
            content,
            decision,
            note=given.text("note"),
            user=ask.asker.account,
            knowingly=given.is_set("knowingly"),
            **ask.decided,
        )
        # After the verb: our row is the decision, Airflow only hears of it (ADR 0028).
        ask.questions.decided(ask.code, ask.period.code, report_id, Role.STANDING_OFFICE.value)
        return said + warned(answer)

    return done


def _committee(ask: Ask, given: StepInput, decision: str) -> dict[str, Any]:
    report_id, content = _shown(ask, given)
    answer = signing.sign(
        ask.place,
        report_id,
        content,
        decision,
        # None and not "": the verb puts the pack's symbol and title in the place of what was left empty.
        **{f.name: given.text(f.name) or None for f in _SIGNATURE},
        note=given.text("note"),
        user=ask.asker.account,
        knowingly=given.is_set("knowingly"),
        **ask.decided,
    )
    ask.questions.decided(ask.code, ask.period.code, report_id, Role.PEOPLES_COMMITTEE.value)
    return answer


def _sign(ask: Ask, given: StepInput) -> str:
    answer = _committee(ask, given, "sign")
    return f"Đã ghi chữ ký, số {given.text('number')}.{warned(answer)}"


def _return_by_committee(ask: Ask, given: StepInput) -> str:
    _committee(ask, given, "return")
    return "Đã trả lại báo cáo; cơ quan thường trực đã được báo."


def _revoke(ask: Ask, given: StepInput) -> str:
    report = _newest(ask)
    revoke(ask.place, report.id, reason=given.text("reason"), **ask.decided, user=ask.asker.account)
    return "Đã thu hồi chữ ký; báo cáo chờ ký lại."


def _accept_coverage(ask: Ask, given: StepInput) -> str:
    _, content = _shown(ask, given)
    # Compared here, because this verb, unlike approve and sign, takes no content to be bound to.
    if content != (_newest(ask).content_sha256 or ""):
        raise Refused("Báo cáo đã được lập lại sau khi mở trang này; hãy mở lại trang báo cáo và xem trước")
    answer = overrule_coverage(*ask.where, reason=given.text("reason"), **ask.decided)
    return f"Đã chấp nhận phiên bản {answer['version']} với {answer['coverage']} đơn vị."


# Offered twice below: to whoever signs, and to the office, which may be the one that holds the paper.
def _attach(ask: Ask, given: StepInput) -> str:
    filename, data = file_of(given) or ("", b"")
    answer = attach_signed(ask.place, _newest(ask).id, data, filename, scan=given.is_set("scan"), **ask.decided)
    lacking = f" Còn thiếu: {answer['missing']}." if answer["missing"] else ""
    return f"Đã gắn bản ký: {answer['said']}.{lacking}"


_SIGNATURE = (
    Field("number", "Số văn bản", required=True, hint="Số do văn thư cấp."),
    Field("symbol", "Ký hiệu văn bản", default=lambda ask: ask.regime.authority.symbol),
    Field("signed_on", "Ngày ký", "date", required=True),
    Field("signer", "Họ và tên người ký", required=True),
    Field("signer_title", "Chức vụ người ký", default=lambda ask: ask.regime.authority.signer_block[-1]),
)

_SIGNED_COPY = (
    Field("file", "Tệp PDF đã ký số, hoặc bản quét", "file", required=True),
    Field("scan", "Đây là bản quét của văn bản ký giấy", "check"),
)
_SIGNED_COPY_SAYS = (
    "Tải bản PDF có số và ngày ký ở trang báo cáo, ký số lên đúng tệp đó rồi gắn vào đây. Tệp được đối chiếu "
    "từng byte với bản của hệ thống; chỉ chữ ký số được thêm vào."
)


def _step(
    name: str,
    title: str,
    permission: Permission,
    fields: tuple[Field, ...],
    done: Done,
    button: str,
    says: str = "",
    confirm: str = CHECKED,
    *,
    stop: bool = False,
) -> Step:
    """What is decided about the report on its page."""
    path = f"/p/{{period}}/do/{name}"
    return Step(path, title, fields, done, below("report"), permission, says, confirm, button, stop, _about)


STEPS = (
    _step(
        "accept-coverage",
        "Chấp nhận báo cáo có ít đơn vị hơn mức phải đạt",
        Permission.APPROVE,
        (
            _REPORT,
            _CONTENT,
            Field("reason", "Lý do", "area", required=True, hint="Hiện cho người duyệt, người ký."),
        ),
        _accept_coverage,
        says="Chỉ có hiệu lực với đúng nội dung đang chờ; phiên bản lập sau phải được chấp nhận lại.",
        button="Chấp nhận",
    ),
    _step(
        "approve",
        "Duyệt báo cáo, trình ký",
        Permission.APPROVE,
        (_REPORT, _CONTENT, _NOTE, _KNOWINGLY),
        _office("approve", "Đã duyệt; báo cáo chờ ký."),
        confirm="Tôi đã đọc báo cáo và duyệt đúng nội dung có mã trên",
        button="Duyệt, trình ký",
    ),
    _step(
        "return-by-office",
        "Trả lại báo cáo để sửa",
        Permission.APPROVE,
        (_REPORT, _CONTENT, _WHY),
        _office("return", "Đã trả lại báo cáo."),
        button="Trả lại",
        stop=True,
    ),
    _step(
        "sign",
        "Ký ban hành báo cáo",
        Permission.SIGN,
        (_REPORT, _CONTENT, *_SIGNATURE, _NOTE, _KNOWINGLY),
        _sign,
        confirm="Tôi đã đọc báo cáo và ký đúng nội dung có mã trên",
        button="Ký ban hành",
    ),
    _step(
        "return-by-committee",
        "Trả lại báo cáo",
        Permission.SIGN,
        (_REPORT, _CONTENT, _WHY),
        _return_by_committee,
        button="Trả lại",
        stop=True,
    ),
    _step(
        "revoke",
        "Thu hồi chữ ký chưa gửi",
        Permission.SIGN,
        (Field("reason", "Lý do thu hồi", "area", required=True),),
        _revoke,
        button="Thu hồi chữ ký",
        stop=True,
    ),
    _step(
        "attach-signed",
        "Gắn bản đã ký của báo cáo",
        Permission.SIGN,
        _SIGNED_COPY,
        _attach,
        button="Gắn bản ký",
        says=_SIGNED_COPY_SAYS,
    ),
    _step(
        "file-signed",
        "Gắn bản đã ký của báo cáo",
        Permission.DECIDE,
        _SIGNED_COPY,
        _attach,
        button="Gắn bản ký",
        says=_SIGNED_COPY_SAYS,
    ),
)
