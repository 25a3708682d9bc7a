"""Long work from the desk: started here, run behind the page, watched on a page that may be closed. Consolidation is
here, trying a new form is added by `baocao-authoring`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from baocao.extensions import DESK_STEPS, how_to_install, offered
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.steps.fields import StepInput
from baocao.web.desk.steps.shared import below
from baocao.web.desk.steps.step import Step
from baocao.workflow.installation import Refused
from baocao.workflow.reports import long_work
from baocao.workflow.reports.long_work import CONSOLIDATE, CONSOLIDATION, WHAT_IF, Stages

_AT_ONCE = 2
_places = threading.BoundedSemaphore(_AT_ONCE)
"""Of this server: each piece of work keeps a processor busy for minutes."""


def show(ask: Ask) -> Response:
    """What runs, how far it is, and how earlier work ended."""
    found = long_work.works_of(*ask.where, ask.now)
    missing = "" if WHAT_IF in offered(DESK_STEPS) else how_to_install("Thử một biểu mới")
    run, names = ask.period_run, long_work.NAMES
    return ask.page("work.html", section="report", works=found, names=names, missing=missing, run=run)


def begin_behind_page(ask: Ask, kind: str, stages: Stages, form: bytes | None = None) -> None:
    """Start the work behind the page. Raises Refused while it runs already, or the server is busy."""
    if not _places.acquire(blocking=False):
        raise Refused(f"Máy chủ đang chạy {_AT_ONCE} việc lớn; hãy chờ một việc xong rồi chạy lại")
    try:
        started = long_work.begin(*ask.where, kind, stages, **ask.decided, form=form)
    # Whatever it was: a place that is not given back is lost until the server starts again.
    except BaseException:
        _places.release()
        raise
    # The moment it was started: a played period must not end at the time of the machine.
    now = ask.now

    # The end of a server does not wait for it: the row then says that it was interrupted.
    threading.Thread(target=_run, args=(started, lambda: now), name=f"long work {started.work.id}", daemon=True).start()


def _run(started: long_work.StartedWork, now: Callable[[], datetime]) -> None:
    try:
        started.run(now)
    finally:
        _places.release()


def _consolidate(ask: Ask, given: StepInput) -> str:
    # Where Airflow runs the regime there is one run and one question: a second consolidation beside it would make a
    # version that its question does not speak of (ADR 0037).
    if ask.runs is not None:
        run = ask.runs.start(ask.regime, ask.period, ask.asker.name)
        long_work.record_asked(*ask.where, run, by=ask.asker.name, at=ask.now)
        return "Đã giao Airflow tổng hợp. Có thể đóng trang; việc vẫn chạy tiếp."
    begin_behind_page(ask, CONSOLIDATE, CONSOLIDATION)
    return "Đã bắt đầu tổng hợp. Có thể đóng trang; việc vẫn chạy tiếp."


STEPS = (
    Step(
        "/p/{period}/do/consolidate",
        "Tổng hợp và lập văn bản",
        (),
        _consolidate,
        below("work"),
        says="Qua cổng kiểm tra, tổng hợp, lập Excel, Word, PDF, niêm phong rồi trình duyệt; nơi Airflow vận hành thì "
        "Airflow làm, sau khi thu nốt bài đã đến. Mất vài phút; việc chạy tiếp khi đóng trang. Số liệu không đổi thì "
        "không có phiên bản mới.",
        button="Tổng hợp",
    ),
)

NOT_INSTALLED = RouteRule("GET", f"/r/{{regime}}/p/{{period}}/do/{WHAT_IF}", Permission.DECIDE, show)
"""Where what-if would be; the page says how it is installed."""
