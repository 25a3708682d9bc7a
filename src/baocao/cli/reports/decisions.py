"""What is decided about a report: fewer units than its kind must have, a correction, a signature taken back, what a
recipient confirmed, and the signed result going on to a higher regime."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import FILE, Call, common, day, day_or_none, os_user, required
from baocao.cli.commands import main


@main.command("accept-coverage")
@required(by="Người có thẩm quyền chấp nhận.", reason="Lý do, hiện cho người duyệt, người ký.")
@common
def accept_coverage(call: Call, by: str, reason: str) -> None:
    """Chấp nhận báo cáo đã chốt có ít đơn vị hơn mức của loại báo cáo (min_coverage của gói)."""
    from baocao.workflow.sign_off.coverage import overrule_coverage

    call.answer(overrule_coverage(*call.where, by=by, reason=reason, as_of=call.as_of))


@main.command()
@required(reason="Lý do đính chính; in trong báo cáo.", by="Người đề nghị đính chính.")
@click.option("--unit", "units", multiple=True, help="Mã đơn vị được nộp lại (ghi nhiều lần được).")
@click.option("--document", is_flag=True, help="Chỉ sai số, ký hiệu, ngày ký hoặc người ký; số liệu không đổi.")
@click.option("--until", help="Nhận lại báo cáo của các đơn vị đó tới hết ngày này, dạng 2026-07-10.")
@common
def correct(call: Call, reason: str, by: str, units: tuple[str, ...], until: str | None, document: bool) -> None:
    """Mở đính chính báo cáo đã gửi của một kỳ; sau đó chạy `consolidate` (hoặc clear từ `gate`)."""
    from baocao.workflow.reports.correcting import correct as run

    until_day = day_or_none("--until", until, "2026-07-10")
    call.answer(
        run(*call.where, reason=reason, by=by, as_of=call.as_of, units=units, until=until_day, document=document)
    )


@main.command()
@required(by="Người thu hồi.", reason="Lý do thu hồi.")
@common
def revoke(call: Call, by: str, reason: str) -> None:
    """Thu hồi chữ ký của báo cáo chưa gửi; sau đó ký lại."""
    from baocao.workflow.reports.versions import newest_report
    from baocao.workflow.sign_off.revoking import revoke as run

    report = newest_report(*call.where)
    call.answer(run(call.place, report.id, by=by, reason=reason, as_of=call.as_of, user=os_user()))


@main.command()
@click.argument("recipient")
@required(receipt="Số văn bản hoặc nội dung xác nhận của nơi nhận.")
@click.option("--on", help="Ngày xác nhận, dạng 2026-06-25 (bỏ trống: hôm nay).")
@click.option("--file", type=FILE, help="Văn bản xác nhận, nếu có.")
@required(by="Người ghi.")
@click.option("--accepted", is_flag=True, help="Bộ đã chấp nhận báo cáo.")
@common
def confirm(
    call: Call, recipient: str, receipt: str, on: str | None, file: Path | None, by: str, accepted: bool
) -> None:
    """Ghi xác nhận của nơi nhận: số, ngày, tệp; nơi đã xác nhận thì không gửi lại."""
    from baocao.store.reports.deliveries import Confirmation
    from baocao.workflow.reports.dispatching import acknowledge

    confirmed_on = day("--on", on, "2026-06-25") if on else call.place.day(call.regime, call.as_of)
    said = Confirmation(receipt, confirmed_on, by, file.name if file else "")
    call.answer(
        acknowledge(
            *call.where, recipient, said, call.as_of, accepted=accepted, file=file.read_bytes() if file else None
        )
    )


@main.command()
@required(to="Mã chế độ báo cáo cấp trên.")
@click.option("--to-period", help="Kỳ báo cáo ở cấp trên (bỏ trống: kỳ cùng mã).")
@common
def cascade(call: Call, to: str, to_period: str | None) -> None:
    """Chuyển báo cáo đã ký thành bài nộp của đơn vị ở chế độ cấp trên và đặt vào thư mục nhận."""
    from baocao.workflow.reports.cascading import cascade as run

    call.answer(run(*call.where, to, to_period, call.as_of))
