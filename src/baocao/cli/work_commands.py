"""`baocao work`: the long work that was started from the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from baocao.cli.call import Call, common
from baocao.cli.commands import main
from baocao.text import short_moment_text

if TYPE_CHECKING:
    from baocao.store.works import Work

_ENDS = {"done": "xong", "failed": "không thành", "interrupted": "bị ngắt"}


@main.group()
def work() -> None:
    """Việc chạy lâu, bắt đầu từ bàn làm việc: tổng hợp, thử biểu mới."""


@work.command("list")
@common
def list_(call: Call) -> None:
    """Các việc của kỳ, mới nhất trước: đang ở bước nào, hoặc đã kết thúc thế nào."""
    from baocao.workflow.reports.long_work import NAMES, works_of

    # Looking writes down what was interrupted: whoever looks first tells it (ADR 0037).
    found = works_of(*call.where, call.as_of)
    zone = call.place.zone(call.regime)
    lines = [f"{one.id}  {NAMES[one.kind]}, {_state(one, zone)}" for one in found]
    call.answer(
        {"works": [_row(one) for one in found]}, "\n".join(lines) or f"Kỳ {call.period} chưa có việc nào được chạy."
    )


def _state(one: Work, zone: ZoneInfo) -> str:
    began = f"{one.started_by}, bắt đầu {short_moment_text(one.started_at.astimezone(zone))}"
    if one.ended_at is None or one.outcome is None:
        return f"{began}: đang chạy, bước {min(one.done + 1, one.total)}/{one.total} {one.stage}".rstrip()
    said = one.said.strip().partition("\n")[0]
    return f"{began}: {_ENDS[one.outcome]} lúc {short_moment_text(one.ended_at.astimezone(zone))}. {said}".rstrip()


def _row(one: Work) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "started_by": one.started_by,
        "started_at": one.started_at,
        "stage": one.stage,
        "done": one.done,
        "total": one.total,
        "ended_at": one.ended_at,
        "outcome": one.outcome or "running",
        "said": one.said,
    }
