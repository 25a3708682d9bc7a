"""Periods outside the calendar: `baocao request` (đột xuất) and `baocao rehearse` (diễn tập)."""

from __future__ import annotations

from typing import Any

import click

from baocao.cli.call import Call, common, day, required
from baocao.cli.commands import main
from baocao.settings import ConfigurationError

_DAY_HELP = "Ngày dạng 2026-06-20; «trước ngày»: hạn cuối là hết ngày liền trước."


_answerable = required(
    unit_before=f"Đơn vị gửi trước ngày. {_DAY_HELP}",
    province_before=f"Cấp tổng hợp gửi trước ngày. {_DAY_HELP}",
    by="Người quyết định.",
    reason="Lý do.",
)
"""Who decided on a period outside the calendar, and why."""


@main.command()
@required(
    asked_by="Cơ quan yêu cầu, như in trên báo cáo.",
    address="Địa chỉ nhận báo cáo của cơ quan yêu cầu.",
    basis="Căn cứ: văn bản yêu cầu, số, ngày.",
    subject="Yêu cầu báo cáo về việc gì.",
)
@click.option("--form", "forms", multiple=True, help="Mã biểu được yêu cầu (lặp lại được; bỏ trống: mọi biểu).")
@click.option("--row", "rows", multiple=True, help="BIỂU/DÒNG: trong biểu đó chỉ hỏi các dòng này (lặp lại được).")
@click.option("--unit", "units", multiple=True, help="Mã đơn vị phải gửi (lặp lại được; bỏ trống: mọi đơn vị).")
@required(covers_from="Số liệu từ ngày.", cutoff="Chốt số liệu hết ngày.")
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
        day("--covers-from", covers_from),
        day("--cutoff", cutoff),
        day("--unit-before", unit_before),
        day("--province-before", province_before),
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
            unit_before=day("--unit-before", unit_before),
            province_before=day("--province-before", province_before),
            by=by,
            reason=reason,
            as_of=call.as_of,
        )
    )
