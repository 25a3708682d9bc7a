"""`baocao correct`: the correction of a dispatched report; `baocao revoke`: a signature taken back before that."""

from __future__ import annotations

from datetime import date

import click

from baocao.cli.call import Call, common, os_user
from baocao.cli.commands import main
from baocao.settings import ConfigurationError


@main.command()
@click.option("--reason", required=True, help="Lý do đính chính; in trong báo cáo.")
@click.option("--by", required=True, help="Người đề nghị đính chính.")
@click.option("--unit", "units", multiple=True, help="Mã đơn vị được nộp lại (ghi nhiều lần được).")
@click.option("--document", is_flag=True, help="Chỉ sai số, ký hiệu, ngày ký hoặc người ký; số liệu không đổi.")
@click.option("--until", help="Nhận lại báo cáo của các đơn vị đó tới hết ngày này, dạng 2026-07-10.")
@common
def correct(call: Call, reason: str, by: str, units: tuple[str, ...], until: str | None, document: bool) -> None:
    """Mở đính chính báo cáo đã gửi của một kỳ; sau đó chạy `consolidate` (hoặc clear từ `gate`)."""
    from baocao.workflow.reports.correcting import correct as run

    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise ConfigurationError(f"--until: {until!r} không đúng; hãy ghi dạng 2026-07-10") from None
    call.answer(
        run(
            call.place,
            call.regime,
            call.period,
            reason=reason,
            by=by,
            as_of=call.as_of,
            units=units,
            until=day,
            document=document,
        )
    )


@main.command()
@click.option("--by", required=True, help="Người thu hồi.")
@click.option("--reason", required=True, help="Lý do thu hồi.")
@common
def revoke(call: Call, by: str, reason: str) -> None:
    """Thu hồi chữ ký của báo cáo chưa gửi; sau đó ký lại."""
    from baocao.workflow.periods.overview import newest_report
    from baocao.workflow.sign_off.revoking import revoke as run

    report = newest_report(call.place, call.regime, call.period)
    call.answer(run(call.place, report.id, by=by, reason=reason, as_of=call.as_of, user=os_user()))
