"""What the office decides about a period: sources, corrections, receipts, requests, rehearsals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from baocao.model.period import Request
from baocao.store.reports.deliveries import Confirmation
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import state_name
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import REASON, below, file_of
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.periods.special import Days, rehearse, request_report
from baocao.workflow.reports.correcting import correct
from baocao.workflow.reports.dispatching import acknowledge, dispatch
from baocao.workflow.reports.versions import newest_report
from baocao.workflow.sign_off.sources import decide_source


def _decide_source(ask: Ask, given: StepInput) -> str:
    answer = decide_source(
        *ask.where, given.text("row"), stands=given.text("stands"), reason=given.text("reason"), **ask.decided
    )
    return f"Đã chọn nguồn cho {', '.join(answer['rows'])}; có hiệu lực khi tổng hợp lại."


def _correct(ask: Ask, given: StepInput) -> str:
    correct(
        *ask.where,
        reason=given.text("reason"),
        **ask.decided,
        units=given.many["units"],
        until=given.days["until"],
        document=given.is_set("document"),
    )
    return "Đã mở đính chính; báo cáo đã gửi vẫn có hiệu lực tới khi bản đính chính được gửi."


def _receipt(ask: Ask, given: StepInput) -> str:
    # A confirmation on the telephone has no file.
    filename, data = file_of(given) or ("", None)
    on = given.days["on"] or ask.place.day(ask.code, ask.now)
    said = Confirmation(given.text("reference"), on, ask.asker.name, filename)
    acknowledge(*ask.where, given.text("recipient"), said, ask.now, accepted=given.is_set("accepted"), file=data)
    return "Đã ghi xác nhận của nơi nhận."


def _recipients(ask: Ask) -> Sequence[tuple[str, str]]:
    # Of an ad hoc report the only recipient is who asked for it; the kind's own list does not hold there (ADR 0019).
    wanted = ask.pack.rule_of(ask.period.kind).recipients if ask.period.request is None else ()
    return [(r.id, r.name) for r in ask.regime.recipients if not wanted or r.id in wanted]


def _dispatch(ask: Ask, given: StepInput) -> str:
    if ask.period.is_rehearsal:
        raise Refused("Đây là kỳ diễn tập: báo cáo không bao giờ được gửi đi")
    answer = dispatch(ask.place, newest_report(*ask.where).id, ask.now)
    return f"{state_name(answer['status'], 'report')}; {len(answer['recipients'])} nơi nhận."


def _days(given: StepInput, covers: date | None = None, cutoff: date | None = None) -> Days:
    return Days(covers or given.day("covers_from"), cutoff or given.day("cutoff"), *_before(given))


def _before(given: StepInput) -> tuple[date, date]:
    return given.day("unit_before"), given.day("province_before")


def _request(ask: Ask, given: StepInput) -> str:
    request = Request(
        given.text("asked_by"),
        given.text("address"),
        given.text("basis"),
        given.text("subject"),
        given.many["forms"],
        given.many["rows"],
        given.many["units"],
    )
    answer = request_report(ask.place, ask.code, request, _days(given), reason=given.text("reason"), **ask.decided)
    return f"Đã mở kỳ báo cáo đột xuất {answer['code']}; biểu mẫu và thư đã được lập."


def _rehearse(ask: Ask, given: StepInput) -> str:
    unit_before, province_before = _before(given)
    answer = rehearse(
        *ask.where, unit_before=unit_before, province_before=province_before, reason=given.text("reason"), **ask.decided
    )
    return f"Đã mở kỳ diễn tập {answer['code']}; mọi thư và văn bản đều ghi DIỄN TẬP."


# Worded as the law does, "trước ngày": due is the end of the day before (`workflow.periods.special.Days`).
_BEFORE = (
    Field("unit_before", "Đơn vị gửi trước ngày", "date", required=True, hint="Hạn cuối là hết ngày liền trước."),
    Field("province_before", "Cấp tổng hợp gửi trước ngày", "date", required=True),
)
_STANDS = (("province", "Số của cơ quan chủ trì"), ("commune", "Cộng từ báo cáo các đơn vị"))

STEPS = (
    Step(
        "/p/{period}/do/source",
        "Chọn nguồn số liệu cho một dòng",
        (
            Field("row", "Dòng (BIỂU/DÒNG)", required=True),
            Field("stands", "Báo cáo dùng", "choice", required=True, options=lambda ask: _STANDS),
            Field("reason", "Lý do", "area", required=True, hint="Được in trong báo cáo."),
        ),
        _decide_source,
        below("report", "sources"),
        button="Chọn nguồn",
    ),
    Step(
        "/p/{period}/do/correct",
        "Mở đính chính báo cáo đã gửi",
        (
            Field("reason", "Lý do đính chính", "area", required=True, hint="Được in trong báo cáo."),
            Field("units", "Đơn vị được nộp lại", "many", hint="Mỗi dòng một mã đơn vị; bỏ trống nếu không có."),
            Field("until", "Nhận lại tới hết ngày", "date"),
            Field("document", "Chỉ sai số, ký hiệu, ngày ký hoặc người ký; số liệu không đổi", "check"),
        ),
        _correct,
        below("report"),
        button="Mở đính chính",
        stop=True,
    ),
    Step(
        "/p/{period}/do/receipt",
        "Ghi xác nhận của nơi nhận",
        (
            Field("recipient", "Nơi nhận", "choice", required=True, options=_recipients),
            Field("reference", "Số, nội dung xác nhận", required=True),
            Field("on", "Ngày xác nhận", "date", hint="Bỏ trống: hôm nay."),
            Field("file", "Tệp xác nhận", "file"),
            Field("accepted", "Nơi nhận chấp nhận báo cáo", "check"),
        ),
        _receipt,
        below("report"),
        button="Ghi xác nhận",
    ),
    Step(
        "/p/{period}/do/dispatch",
        "Gửi báo cáo đã ký",
        (),
        _dispatch,
        below("report"),
        says="Khi hệ thống chạy trong Airflow, việc gửi tự chạy ngay sau khi ký. Bước này dành cho nơi không có "
        "Airflow, hoặc để gửi tiếp nơi nhận còn thiếu; thư đã gửi không gửi lại.",
        button="Gửi",
    ),
    Step(
        "/p/{period}/do/rehearse",
        "Diễn tập kỳ này",
        (*_BEFORE, REASON),
        _rehearse,
        lambda ask: ask.path(),
        says="Các đơn vị thật nhận biểu mẫu và thư ghi rõ DIỄN TẬP; báo cáo đi hết các bước và không bao giờ được gửi.",
        button="Mở diễn tập",
    ),
    Step(
        "/do/request",
        "Mở kỳ báo cáo đột xuất",
        (
            Field("asked_by", "Cơ quan yêu cầu, như in trên báo cáo", required=True),
            Field("address", "Địa chỉ thư nhận báo cáo", "email", required=True),
            Field("basis", "Căn cứ: văn bản yêu cầu, số, ngày", required=True),
            Field("subject", "Báo cáo về việc", required=True),
            Field("covers_from", "Số liệu từ ngày", "date", required=True),
            Field("cutoff", "Chốt số liệu hết ngày", "date", required=True),
            *_BEFORE,
            Field("forms", "Biểu", "many", hint="Mỗi dòng một mã biểu; bỏ trống: mọi biểu."),
            Field("rows", "Chỉ các dòng", "many", hint="Mỗi dòng dạng BIỂU/DÒNG; bỏ trống: cả biểu."),
            Field("units", "Đơn vị", "many", hint="Mỗi dòng một mã đơn vị; bỏ trống: mọi đơn vị."),
            REASON,
        ),
        _request,
        lambda ask: ask.path(),
        button="Mở kỳ đột xuất",
    ),
)
