"""What the office decides about one unit: more time, no report, and taking either back."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import short_instant
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON_TOLD, about_unit, file_of, to_unit, warned
from baocao.web.desk.steps.step import Done, Step
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
            ask.place,
            ask.code,
            ask.period.code,
            ask.param("unit"),
            until=None if excused else given.day("until"),
            reason=given.text("reason"),
            by=ask.asker.name,
            as_of=ask.now,
        )
        what = (
            "Đã miễn báo cáo kỳ này cho đơn vị"
            if excused
            else f"Đã gia hạn tới {short_instant(answer['until'], ask.zone)}"
        )
        return f"{what}; thư báo đơn vị đã được lập.{warned(answer)}"

    return done


def _withdraw(ask: Ask, given: StepInput) -> str:
    answer = withdraw_waiver(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã thu hồi; hạn của đơn vị là {short_instant(answer['due_at'], ask.zone)}.{warned(answer)}"


def _give_back(ask: Ask, given: StepInput) -> str:
    answer = give_back(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        reason=given.text("reason"),
        until=given.days["until"],
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã trả lại; đơn vị được báo, hạn nộp lại {short_instant(answer['due_at'], ask.zone)}.{warned(answer)}"


def _withdraw_sending(ask: Ask, given: StepInput) -> str:
    text = given.text("submission")
    if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) not in dict(_sendings(ask, every=True)):
        raise Refused("Đơn vị không có lần gửi này trong kỳ")
    answer = withdraw(
        ask.place,
        int(text),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
        regime=ask.code,
        period=ask.period.code,
    )
    back = answer["counts_again"]
    then = f"; báo cáo có biên nhận {back} có hiệu lực trở lại" if back else ""
    return f"Đã rút lần gửi số {text}{then}.{warned(answer)}"


def _sendings(ask: Ask, *, every: bool = False) -> Sequence[tuple[int, str]]:
    """What of the unit's may be withdrawn (`every`: whatever it sent)."""
    view = unit_view(ask.place, ask.code, ask.period.code, ask.param("unit"))
    found = [s.detail.submission for s in view.sent if every or s.may_be_withdrawn]
    return [(s.id, f"Số {s.id}, {short_instant(s.received_at, ask.zone)}, {s.filename}") for s in found]


def _renew_link(ask: Ask, given: StepInput) -> str:
    link_decisions.renew(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return "Đã cấp liên kết mới và gửi cho đơn vị; liên kết cũ mất hiệu lực."


def _revoke_link(ask: Ask, given: StepInput) -> str:
    link_decisions.revoke(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return "Đã thu hồi liên kết và báo đơn vị; đơn vị không vào được trang nộp cho tới khi được cấp lại."


def _decline(ask: Ask, given: StepInput) -> str:
    asked = {str(r["id"]) for r in asking.open_requests(ask.place, ask.code) if r["unit"] == ask.param("unit")}
    if given.text("request") not in asked:
        raise Refused("Đơn vị không có đề nghị gia hạn nào như vậy đang chờ trả lời")
    asking.decline(ask.place, int(given.text("request")), reason=given.text("reason"), by=ask.asker.name, as_of=ask.now)
    return "Đã trả lời không đồng ý gia hạn; đơn vị đã được báo lý do."


def _keep_copy(ask: Ask, given: StepInput) -> str:
    filename, data = file_of(given) or ("", b"")
    receive_signed_copy(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        filename=filename,
        data=data,
        channel="office",
        as_of=ask.now,
        by=ask.asker.name,
    )
    return "Đã lưu bản ký của đơn vị."


STEPS = (
    Step(
        "/p/{period}/u/{unit}/do/extend",
        "Gia hạn cho đơn vị",
        Need.DECIDE,
        (Field("until", "Hạn mới, hết ngày", "date", required=True), REASON_TOLD),
        _granting(excused=False),
        to_unit,
        says="Đơn vị nhận thư báo hạn mới ngay sau khi xác nhận.",
        button="Gia hạn",
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/waive",
        "Miễn báo cáo cho đơn vị",
        Need.DECIDE,
        (REASON_TOLD,),
        _granting(excused=True),
        to_unit,
        says="Đơn vị không còn nợ báo cáo kỳ này; số đơn vị phải báo cáo giảm đi. Đơn vị nhận thư báo.",
        button="Miễn báo cáo",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/withdraw-waiver",
        "Thu hồi việc miễn hoặc gia hạn",
        Need.DECIDE,
        (REASON_TOLD,),
        _withdraw,
        to_unit,
        says="Nghĩa vụ và hạn trước đó có hiệu lực trở lại. Đơn vị nhận thư báo.",
        button="Thu hồi",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/decline-extension",
        "Không đồng ý đề nghị gia hạn của đơn vị",
        Need.DECIDE,
        (Field("request", "", "hidden", required=True), REASON_TOLD),
        _decline,
        to_unit,
        button="Không đồng ý",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/give-back",
        "Trả lại báo cáo đã tiếp nhận",
        Need.DECIDE,
        (
            REASON_TOLD,
            Field("until", "Nhận lại tới hết ngày", "date", hint="Bắt buộc khi kỳ đã khóa; bỏ trống: hạn hiện nay."),
        ),
        _give_back,
        to_unit,
        says="Báo cáo hết hiệu lực, đơn vị phải nộp lại và nhận thư nêu lý do. Phiên bản báo cáo tổng hợp đã lập không "
        "đổi; người duyệt, người ký được báo. Đã ký thì phải thu hồi chữ ký, đã gửi thì phải mở đính chính trước.",
        button="Trả lại",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/withdraw",
        "Rút một lần gửi của đơn vị",
        Need.DECIDE,
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
        to_unit,
        says="Coi như chưa gửi. Báo cáo được tiếp nhận trước đó, nếu có, có hiệu lực trở lại. Dùng khi đơn vị đề nghị; "
        "muốn đơn vị sửa thì trả lại.",
        button="Rút",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/renew-link",
        "Cấp liên kết mới cho đơn vị",
        Need.DECIDE,
        (REASON_TOLD,),
        _renew_link,
        to_unit,
        says="Liên kết cũ tới trang nộp báo cáo mất hiệu lực ngay. Đơn vị nhận liên kết mới bằng thư.",
        button="Cấp liên kết mới",
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/revoke-link",
        "Thu hồi liên kết của đơn vị",
        Need.DECIDE,
        (REASON_TOLD,),
        _revoke_link,
        to_unit,
        button="Thu hồi liên kết",
        stop=True,
        about=about_unit,
    ),
    Step(
        "/p/{period}/u/{unit}/do/signed-copy",
        "Lưu bản ký của đơn vị nhận bằng cách khác",
        Need.DECIDE,
        (Field("file", "Tệp bản ký (PDF, JPEG, PNG)", "file", required=True),),
        _keep_copy,
        to_unit,
        button="Lưu bản ký",
        about=about_unit,
    ),
)
