"""Periods outside the calendar: `baocao request` (đột xuất) and `baocao rehearse` (diễn tập)."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from baocao.cli.call import Call, F, common
from baocao.cli.commands import main
from baocao.settings import ConfigurationError

_DAY_HELP = "Ngày dạng 2026-06-20; «trước ngày»: hạn cuối là hết ngày liền trước."


def _answerable(command: F) -> F:
    """Who decided on a period outside the calendar, and why."""
    for option in (
        click.option("--reason", required=True, help="Lý do."),
        click.option("--by", required=True, help="Người quyết định."),
        click.option("--province-before", required=True, help=f"Cấp tổng hợp gửi trước ngày. {_DAY_HELP}"),
        click.option("--unit-before", required=True, help=f"Đơn vị gửi trước ngày. {_DAY_HELP}"),
    ):
        command = option(command)
    return command


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option}: {text!r} không đúng; hãy ghi dạng 2026-06-20") from None


@main.command()
@click.option("--asked-by", required=True, help="Cơ quan yêu cầu, như in trên báo cáo.")
@click.option("--address", required=True, help="Địa chỉ nhận báo cáo của cơ quan yêu cầu.")
@click.option("--basis", required=True, help="Căn cứ: văn bản yêu cầu, số, ngày.")
@click.option("--subject", required=True, help="Yêu cầu báo cáo về việc gì.")
@click.option("--form", "forms", multiple=True, help="Mã biểu được yêu cầu (lặp lại được; bỏ trống: mọi biểu).")
@click.option("--row", "rows", multiple=True, help="BIỂU/DÒNG: trong biểu đó chỉ hỏi các dòng này (lặp lại được).")
@click.option("--unit", "units", multiple=True, help="Mã đơn vị phải gửi (lặp lại được; bỏ trống: mọi đơn vị).")
@click.option("--covers-from", required=True, help="Số liệu từ ngày.")
@click.option("--cutoff", required=True, help="Chốt số liệu hết ngày.")
@_answerable
@common
def request(
    call: Call,
    covers_from: str,
    cutoff: str,
    unit_before: str,
    province_before: str,
    by: str,
    reason: str,
    **asked: Any,
) -> None:
    """Mở kỳ báo cáo đột xuất theo yêu cầu: thời hạn, thư và báo cáo riêng."""
    from baocao.model.period import Request
    from baocao.workflow.periods.special import Days, request_report

    days = Days(
        _day("--covers-from", covers_from),
        _day("--cutoff", cutoff),
        _day("--unit-before", unit_before),
        _day("--province-before", province_before),
    )
    call.answer(request_report(call.place, call.regime, Request(**asked), days, by=by, reason=reason, as_of=call.as_of))


@main.command()
@_answerable
@common
def rehearse(call: Call, unit_before: str, province_before: str, by: str, reason: str) -> None:
    """Diễn tập một kỳ với các đơn vị thật; mọi thứ đều ghi là diễn tập và không bao giờ được gửi đi."""
    from baocao.workflow.periods.special import rehearse as run

    if not call.named_period:
        raise ConfigurationError("--period: hãy nêu kỳ muốn diễn tập, ví dụ 2026-H1")
    call.answer(
        run(
            call.place,
            call.regime,
            call.named_period,
            unit_before=_day("--unit-before", unit_before),
            province_before=_day("--province-before", province_before),
            by=by,
            reason=reason,
            as_of=call.as_of,
        )
    )
