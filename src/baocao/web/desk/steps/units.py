"""What the office decides about one unit: more time, no report, and taking either back."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.web.common.typed import whole_number
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import short_instant
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON_TOLD, file_of, unit_step, warned
from baocao.web.desk.steps.step import Done
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.installation import Refused
from baocao.workflow.intake.giving_back import give_back, withdraw
from baocao.workflow.looking.unit_page import unit_view
from baocao.workflow.periods.waiving import waive, withdraw_waiver
from baocao.workflow.portal import asking, link_decisions


def _granting(*, excused: bool) -> Done:
    """Excuse the unit, or extend its deadline: one verb."""

    def done(ask: Ask, given: StepInput) -> str:
        answer = waive(
            *ask.where,
            ask.param("unit"),
            until=None if excused else given.day("until"),
            reason=given.text("reason"),
            **ask.decided,
        )
        what = (
            "Đã miễn báo cáo kỳ này cho đơn vị"
            if excused
            else f"Đã gia hạn tới {short_instant(answer['until'], ask.zone)}"
        )
        return f"{what}; thư báo đơn vị đã được lập.{warned(answer)}"

    return done


def _withdraw(ask: Ask, given: StepInput) -> str:
    answer = withdraw_waiver(*ask.where, ask.param("unit"), reason=given.text("reason"), **ask.decided)
    return f"Đã thu hồi; hạn của đơn vị là {short_instant(answer['due_at'], ask.zone)}.{warned(answer)}"


def _give_back(ask: Ask, given: StepInput) -> str:
    answer = give_back(
        *ask.where, ask.param("unit"), reason=given.text("reason"), until=given.days["until"], **ask.decided
    )
    return f"Đã trả lại; đơn vị được báo, hạn nộp lại {short_instant(answer['due_at'], ask.zone)}.{warned(answer)}"


def _withdraw_sending(ask: Ask, given: StepInput) -> str:
    number = whole_number(given.text("submission"), digits=12)
    # Numbers count over all units: the one in the form must be of the unit in the address, whose name was confirmed.
    if number is None or number not in dict(_sendings(ask, every=True)):
        raise Refused("Đơn vị không có lần gửi này trong kỳ")
    answer = withdraw(
        ask.place,
        number,
        reason=given.text("reason"),
        **ask.decided,
        regime=ask.code,
        period=ask.period.code,
    )
    back = answer["counts_again"]
    then = f"; báo cáo có biên nhận {back} có hiệu lực trở lại" if back else ""
    return f"Đã rút lần gửi số {number}{then}.{warned(answer)}"


def _sendings(ask: Ask, *, every: bool = False) -> Sequence[tuple[int, str]]:
    """What of the unit's may be withdrawn (`every`: whatever it sent)."""
    view = unit_view(*ask.where, ask.param("unit"))
    found = [s.detail.submission for s in view.sent if every or s.may_be_withdrawn]
    return [(s.id, f"Số {s.id}, {short_instant(s.received_at, ask.zone)}, {s.filename}") for s in found]


def _renew_link(ask: Ask, given: StepInput) -> str:
    link_decisions.renew(*ask.where, ask.param("unit"), reason=given.text("reason"), **ask.decided)
    return "Đã cấp liên kết mới và gửi cho đơn vị; liên kết cũ mất hiệu lực."


def _revoke_link(ask: Ask, given: StepInput) -> str:
    link_decisions.revoke(*ask.where, ask.param("unit"), reason=given.text("reason"), **ask.decided)
    return "Đã thu hồi liên kết và báo đơn vị; đơn vị không vào được trang nộp cho tới khi được cấp lại."


def _decline(ask: Ask, given: StepInput) -> str:
    # The same of a request: answered from another unit's page it would be answered unseen.
    asked = {str(r["id"]) for r in asking.open_requests(ask.place, ask.code) if r["unit"] == ask.param("unit")}
    if given.text("request") not in asked:
        raise Refused("Đơn vị không có đề nghị gia hạn nào như vậy đang chờ trả lời")
    asking.decline(ask.place, int(given.text("request")), reason=given.text("reason"), **ask.decided)
    return "Đã trả lời không đồng ý gia hạn; đơn vị đã được báo lý do."


def _keep_copy(ask: Ask, given: StepInput) -> str:
    filename, data = file_of(given) or ("", b"")
    receive_signed_copy(
        *ask.where, ask.param("unit"), filename=filename, data=data, channel="office", as_of=ask.now, by=ask.asker.name
    )
    return "Đã lưu bản ký của đơn vị."


STEPS = (
    unit_step(
        "extend",
        "Gia hạn cho đơn vị",
        (Field("until", "Hạn mới, hết ngày", "date", required=True), REASON_TOLD),
        _granting(excused=False),
        button="Gia hạn",
        says="Đơn vị nhận thư báo hạn mới ngay sau khi xác nhận.",
    ),
    unit_step(
        "waive",
        "Miễn báo cáo cho đơn vị",
        (REASON_TOLD,),
        _granting(excused=True),
        button="Miễn báo cáo",
        says="Đơn vị không còn nợ báo cáo kỳ này; số đơn vị phải báo cáo giảm đi. Đơn vị nhận thư báo.",
        stop=True,
    ),
    unit_step(
        "withdraw-waiver",
        "Thu hồi việc miễn hoặc gia hạn",
        (REASON_TOLD,),
        _withdraw,
        button="Thu hồi",
        says="Nghĩa vụ và hạn trước đó có hiệu lực trở lại. Đơn vị nhận thư báo.",
        stop=True,
    ),
    unit_step(
        "decline-extension",
        "Không đồng ý đề nghị gia hạn của đơn vị",
        (Field("request", "", "hidden", required=True), REASON_TOLD),
        _decline,
        button="Không đồng ý",
        stop=True,
    ),
    unit_step(
        "give-back",
        "Trả lại báo cáo đã tiếp nhận",
        (
            REASON_TOLD,
            Field("until", "Nhận lại tới hết ngày", "date", hint="Bắt buộc khi kỳ đã khóa; bỏ trống: hạn hiện nay."),
        ),
        _give_back,
        button="Trả lại",
        says="Báo cáo hết hiệu lực, đơn vị phải nộp lại và nhận thư nêu lý do. Phiên bản báo cáo tổng hợp đã lập không "
        "đổi; người duyệt, người ký được báo. Đã ký thì phải thu hồi chữ ký, đã gửi thì phải mở đính chính trước.",
        stop=True,
    ),
    unit_step(
        "withdraw",
        "Rút một lần gửi của đơn vị",
        (
            Field(
                "submission",
                "Lần gửi",
                "choice",
                required=True,
                options=lambda ask: [(str(id), said) for id, said in _sendings(ask)],
            ),
            REASON_TOLD,
        ),
        _withdraw_sending,
        button="Rút",
        says="Coi như chưa gửi. Báo cáo được tiếp nhận trước đó, nếu có, có hiệu lực trở lại. Dùng khi đơn vị đề nghị; "
        "muốn đơn vị sửa thì trả lại.",
        stop=True,
    ),
    unit_step(
        "renew-link",
        "Cấp liên kết mới cho đơn vị",
        (REASON_TOLD,),
        _renew_link,
        button="Cấp liên kết mới",
        says="Liên kết cũ tới trang nộp báo cáo mất hiệu lực ngay. Đơn vị nhận liên kết mới bằng thư.",
    ),
    unit_step(
        "revoke-link",
        "Thu hồi liên kết của đơn vị",
        (REASON_TOLD,),
        _revoke_link,
        button="Thu hồi liên kết",
        stop=True,
    ),
    unit_step(
        "signed-copy",
        "Lưu bản ký của đơn vị nhận bằng cách khác",
        (Field("file", "Tệp bản ký (PDF, JPEG, PNG)", "file", required=True),),
        _keep_copy,
        button="Lưu bản ký",
    ),
)
