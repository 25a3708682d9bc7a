"""What the office decides about one unit: more time, no report, and taking either back."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import short_instant, state_name
from baocao.web.desk.steps.fields import Field, Given
from baocao.web.desk.steps.step import Step
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.looking.period_page import unit_line
from baocao.workflow.periods.waiving import waive, withdraw_waiver
from baocao.workflow.portal import asking, link_decisions
from baocao.workflow.workplace import Refused

_REASON = Field("reason", "Lý do", "area", required=True, hint="Được ghi vào nhật ký và nêu trong thư gửi đơn vị.")


def _back(ask: Ask) -> str:
    return ask.path("p", ask.period.code, "u", ask.param("unit"))


def _about(ask: Ask) -> Sequence[tuple[str, str]]:
    line = unit_line(ask.place, ask.code, ask.period.code, ask.param("unit"))
    unit = ask.pack.unit(ask.param("unit"))
    name = unit.full_name if unit else ask.param("unit")
    if line is None:
        return (("Đơn vị", name), ("Nghĩa vụ", "không có trong kỳ này"))
    return (
        ("Đơn vị", name),
        ("Tình trạng", state_name(line.standing, "standing")),
        ("Hạn hiện nay", short_instant(line.due_at, ask.zone)),
    )


def _warned(answer: dict[str, object]) -> str:
    warnings = answer["warnings"]
    return f" Lưu ý: {'; '.join(map(str, warnings)).rstrip('.')}." if isinstance(warnings, list) and warnings else ""


def _extend(ask: Ask, given: Given) -> str:
    answer = waive(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        until=given.day("until"),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã gia hạn tới {short_instant(answer['until'], ask.zone)}; thư báo đơn vị đã được lập.{_warned(answer)}"


def _waive(ask: Ask, given: Given) -> str:
    answer = waive(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        until=None,
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã miễn báo cáo kỳ này cho đơn vị; thư báo đơn vị đã được lập.{_warned(answer)}"


def _withdraw(ask: Ask, given: Given) -> str:
    answer = withdraw_waiver(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        reason=given.text("reason"),
        by=ask.asker.name,
        as_of=ask.now,
    )
    return f"Đã thu hồi; hạn của đơn vị là {short_instant(answer['due_at'], ask.zone)}.{_warned(answer)}"


def _renew_link(ask: Ask, given: Given) -> str:
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


def _revoke_link(ask: Ask, given: Given) -> str:
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


def _decline(ask: Ask, given: Given) -> str:
    asked = {str(r["id"]) for r in asking.open_requests(ask.place, ask.code) if r["unit"] == ask.param("unit")}
    if given.text("request") not in asked:
        raise Refused("Đơn vị không có đề nghị gia hạn nào như vậy đang chờ trả lời")
    asking.decline(ask.place, int(given.text("request")), reason=given.text("reason"), by=ask.asker.name, as_of=ask.now)
    return "Đã trả lời không đồng ý gia hạn; đơn vị đã được báo lý do."


def _keep_copy(ask: Ask, given: Given) -> str:
    upload = given.files["file"]
    receive_signed_copy(
        ask.place,
        ask.code,
        ask.period.code,
        ask.param("unit"),
        filename=(upload.filename or "ban-ky").rpartition("/")[2],
        data=upload.file.read(),
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
        (Field("until", "Hạn mới, hết ngày", "date", required=True), _REASON),
        _extend,
        _back,
        says="Đơn vị nhận thư báo hạn mới ngay sau khi xác nhận.",
        button="Gia hạn",
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/waive",
        "Miễn báo cáo cho đơn vị",
        Need.DECIDE,
        (_REASON,),
        _waive,
        _back,
        says="Đơn vị không còn nợ báo cáo kỳ này; số đơn vị phải báo cáo giảm đi. Đơn vị nhận thư báo.",
        button="Miễn báo cáo",
        stop=True,
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/withdraw-waiver",
        "Thu hồi việc miễn hoặc gia hạn",
        Need.DECIDE,
        (_REASON,),
        _withdraw,
        _back,
        says="Nghĩa vụ và hạn trước đó có hiệu lực trở lại. Đơn vị nhận thư báo.",
        button="Thu hồi",
        stop=True,
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/decline-extension",
        "Không đồng ý đề nghị gia hạn của đơn vị",
        Need.DECIDE,
        (Field("request", "", "hidden", required=True), _REASON),
        _decline,
        _back,
        button="Không đồng ý",
        stop=True,
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/renew-link",
        "Cấp liên kết mới cho đơn vị",
        Need.DECIDE,
        (_REASON,),
        _renew_link,
        _back,
        says="Liên kết cũ tới trang nộp báo cáo mất hiệu lực ngay. Đơn vị nhận liên kết mới bằng thư.",
        button="Cấp liên kết mới",
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/revoke-link",
        "Thu hồi liên kết của đơn vị",
        Need.DECIDE,
        (_REASON,),
        _revoke_link,
        _back,
        button="Thu hồi liên kết",
        stop=True,
        about=_about,
    ),
    Step(
        "/p/{period}/u/{unit}/do/signed-copy",
        "Lưu bản ký của đơn vị nhận bằng cách khác",
        Need.DECIDE,
        (Field("file", "Tệp bản ký (PDF, JPEG, PNG)", "file", required=True),),
        _keep_copy,
        _back,
        button="Lưu bản ký",
        about=_about,
    ),
)
