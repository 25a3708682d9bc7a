"""`baocao accept-coverage`: a report of fewer units than its kind must have may go on, by name and with a reason."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command("accept-coverage")
@click.option("--by", required=True, help="Người có thẩm quyền chấp nhận.")
@click.option("--reason", required=True, help="Lý do, hiện cho người duyệt, người ký.")
@common
def accept_coverage(call: Call, by: str, reason: str) -> None:
    """Chấp nhận báo cáo đã chốt có ít đơn vị hơn mức của loại báo cáo (min_coverage của gói)."""
    from baocao.workflow.sign_off.coverage import overrule_coverage

    call.answer(overrule_coverage(call.place, call.regime, call.period, by=by, reason=reason, as_of=call.as_of))
