"""`baocao metrics`: the business in figures, for monitoring."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command()
@common
def metrics(call: Call) -> None:
    """In số liệu theo dõi theo dạng văn bản của Prometheus: báo cáo, thời hạn, thư, thời gian trả lời."""
    from baocao.workflow.periods.metrics import metrics_text

    click.echo(metrics_text(call.place, call.as_of_anywhere).decode(), nl=False)
