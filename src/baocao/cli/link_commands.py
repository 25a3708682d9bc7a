"""`baocao link`: the personal links of units to the portal."""

from __future__ import annotations

import click

from baocao.cli.call import Call, F, common, os_user
from baocao.cli.commands import main


def _decision(command: F) -> F:
    for option in (
        click.option("--reason", required=True, help="Lý do, ví dụ: liên kết bị chuyển nhầm người."),
        click.option("--by", required=True, help="Người quyết định."),
    ):
        command = option(command)
    return command


@main.group()
def link() -> None:
    """Liên kết riêng của đơn vị tới trang nộp báo cáo."""


@link.command()
@click.argument("unit")
@common
def show(call: Call, unit: str) -> None:
    """Cho xem liên kết đang có hiệu lực của một đơn vị (việc xem được ghi vào nhật ký)."""
    from baocao.workflow.portal.links import show as run

    found = run(call.place, call.regime, call.period, unit, by=os_user(), as_of=call.as_of)
    call.answer(found, found["link"])


@link.command()
@click.argument("unit")
@_decision
@common
def renew(call: Call, unit: str, by: str, reason: str) -> None:
    """Cấp liên kết mới cho một đơn vị; liên kết cũ mất hiệu lực ngay."""
    from baocao.workflow.portal.links import renew as run

    call.answer(run(call.place, call.regime, call.period, unit, reason=reason, by=by, as_of=call.as_of))


@link.command()
@click.argument("unit")
@_decision
@common
def revoke(call: Call, unit: str, by: str, reason: str) -> None:
    """Thu hồi liên kết của một đơn vị; đơn vị không vào được trang nộp cho đến khi được cấp lại."""
    from baocao.workflow.portal.links import revoke as run

    call.answer(run(call.place, call.regime, call.period, unit, reason=reason, by=by, as_of=call.as_of))
