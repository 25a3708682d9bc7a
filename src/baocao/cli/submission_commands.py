"""`baocao submission`: an accepted report returned or withdrawn; a report entered by the office for a unit."""

from __future__ import annotations

from datetime import date

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main
from baocao.settings import ConfigurationError

_REASON = click.option("--reason", required=True, help="Lý do, nêu trong thư gửi đơn vị.")
_BY = click.option("--by", required=True, help="Người quyết định.")


@main.group()
def submission() -> None:
    """Báo cáo của một đơn vị: trả lại sau khi tiếp nhận, rút, nhập hộ."""


@submission.command("return")
@click.argument("unit")
@click.option("--until", help="Nhận lại tới hết ngày này (bắt buộc khi kỳ đã khóa), dạng 2026-06-25.")
@_REASON
@_BY
@common
def return_(call: Call, unit: str, until: str | None, reason: str, by: str) -> None:
    """Trả lại báo cáo đã tiếp nhận của đơn vị UNIT: hết hiệu lực, đơn vị phải nộp lại."""
    from baocao.workflow.intake.giving_back import give_back

    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise ConfigurationError(f"--until: {until!r} không đúng; hãy ghi dạng 2026-06-20") from None
    call.answer(
        give_back(call.place, call.regime, call.period, unit, until=day, reason=reason, by=by, as_of=call.as_of)
    )


@submission.command()
@click.argument("number", type=int)
@_REASON
@_BY
@common
def withdraw(call: Call, number: int, reason: str, by: str) -> None:
    """Rút lần gửi NUMBER (đã tiếp nhận, hoặc còn chờ); báo cáo được tiếp nhận trước đó, nếu có, có hiệu lực trở lại."""
    from baocao.workflow.intake.giving_back import withdraw as run

    own = {"regime": call.named_regime or "", "period": call.named_period or ""}
    call.answer(run(call.place, number, reason=reason, by=by, as_of=call.as_of, **own))
