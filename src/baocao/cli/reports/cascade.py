"""`baocao cascade`: the signed result of one regime goes on to a higher one."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command()
@click.option("--to", required=True, help="Mã chế độ báo cáo cấp trên.")
@click.option("--to-period", help="Kỳ báo cáo ở cấp trên (bỏ trống: kỳ cùng mã).")
@common
def cascade(call: Call, to: str, to_period: str | None) -> None:
    """Chuyển báo cáo đã ký thành bài nộp của đơn vị ở chế độ cấp trên và đặt vào thư mục nhận."""
    from baocao.workflow.reports.cascading import cascade as run

    call.answer(run(call.place, call.regime, call.period, to, to_period, call.as_of))
