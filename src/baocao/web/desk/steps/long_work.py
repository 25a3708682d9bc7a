"""Consolidation and what-if from the desk: started here, run behind the page, watched on a page that may be closed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.steps.fields import Field, StepInput
from baocao.web.desk.steps.shared import below, file_of
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.reports import long_work
from baocao.workflow.reports.long_work import CONSOLIDATE, WHAT_IF

_AT_ONCE = 2
_LARGEST_FORM = 1024 * 1024
_NAMES = {CONSOLIDATE: "Tổng hợp, lập văn bản", WHAT_IF: "Thử biểu mới trên số liệu của kỳ"}
_places = threading.BoundedSemaphore(_AT_ONCE)
"""Of this server: each piece of work keeps a processor busy for minutes."""


def show(ask: Ask) -> Response:
    """What runs, how far it is, and how earlier work ended."""
    found = long_work.works_of(ask.place, ask.code, ask.period.code, ask.now)
    stages = {kind: [name for name, _ in long_work.STAGES[kind]] for kind in long_work.STAGES}
    return ask.page("work.html", section="report", works=found, stages=stages, names=_NAMES, run=ask.period_run)


def _begin(ask: Ask, kind: str, form: bytes | None = None) -> None:
    """Start the work behind the page. Raises Refused while it runs already, or the server is busy."""
    if not _places.acquire(blocking=False):
        raise Refused(f"Máy chủ đang chạy {_AT_ONCE} việc lớn; hãy chờ một việc xong rồi chạy lại")
    try:
        started = long_work.begin(
            ask.place, ask.code, ask.period.code, kind, by=ask.asker.name, as_of=ask.now, form=form
        )
    except BaseException:
        _places.release()
        raise
    now = ask.now

    # The end of a server does not wait for it: the row then says that it was interrupted.
    threading.Thread(target=_run, args=(started, lambda: now), name=f"long work {started.work.id}", daemon=True).start()


def _run(started: long_work.Started, now: Callable[[], datetime]) -> None:
    try:
        started.run(now)
    finally:
        _places.release()


def _consolidate(ask: Ask, given: StepInput) -> str:
    if ask.runs is not None:
        run = ask.runs.start(ask.regime, ask.period, ask.asker.name)
        long_work.record_asked(ask.place, ask.code, ask.period.code, run, by=ask.asker.name, at=ask.now)
        return "Đã giao Airflow tổng hợp. Có thể đóng trang; việc vẫn chạy tiếp."
    _begin(ask, CONSOLIDATE)
    return "Đã bắt đầu tổng hợp. Có thể đóng trang; việc vẫn chạy tiếp."


def _what_if(ask: Ask, given: StepInput) -> str:
    _, data = file_of(given) or ("", b"")
    if len(data) > _LARGEST_FORM:
        raise Refused("Tệp biểu lớn hơn 1 MB, không phải tệp YAML của một biểu")
    _begin(ask, WHAT_IF, data)
    return "Đã bắt đầu thử; không có gì của kỳ thay đổi. Có thể đóng trang."


STEPS = (
    Step(
        "/p/{period}/do/consolidate",
        "Tổng hợp và lập văn bản",
        Need.DECIDE,
        (),
        _consolidate,
        below("work"),
        says="Qua cổng kiểm tra, tổng hợp, lập Excel, Word, PDF, niêm phong rồi trình duyệt; nơi Airflow vận hành thì "
        "Airflow làm, sau khi thu nốt bài đã đến. Mất vài phút; việc chạy tiếp khi đóng trang. Số liệu không đổi thì "
        "không có phiên bản mới.",
        button="Tổng hợp",
    ),
    Step(
        "/p/{period}/do/what-if",
        "Thử một biểu mới trên số liệu của kỳ",
        Need.DECIDE,
        (Field("file", "Tệp YAML của biểu mới", "file", required=True),),
        _what_if,
        below("work"),
        says="Các báo cáo đã tiếp nhận được kiểm tra lại theo biểu mới và so với nay: đơn vị nào đổi kết luận, số tổng "
        "hợp nào đổi. Không ghi, không gửi gì.",
        button="Thử",
    ),
)
