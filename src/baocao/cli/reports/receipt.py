"""`baocao receipt` and `baocao confirm`: what we acknowledged to a unit, and what a recipient acknowledged to us."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main
from baocao.settings import ConfigurationError


@main.command()
@click.argument("number")
@common
def receipt(call: Call, number: str) -> None:
    """Tra một số biên nhận (TH-2026H1-14758-2): của đơn vị nào, tệp gì, nhận lúc nào."""
    from baocao.workflow.intake.receipts import receipt_of, receipt_text

    found = receipt_of(call.place, number)
    call.answer(found, receipt_text(found))


@main.command()
@click.argument("recipient")
@click.option("--receipt", required=True, help="Số văn bản hoặc nội dung xác nhận của nơi nhận.")
@click.option("--on", help="Ngày xác nhận, dạng 2026-06-25 (bỏ trống: hôm nay).")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Văn bản xác nhận, nếu có.")
@click.option("--by", required=True, help="Người ghi.")
@click.option("--accepted", is_flag=True, help="Bộ đã chấp nhận báo cáo.")
@common
def confirm(
    call: Call, recipient: str, receipt: str, on: str | None, file: Path | None, by: str, accepted: bool
) -> None:
    """Ghi xác nhận của nơi nhận: số, ngày, tệp; nơi đã xác nhận thì không gửi lại."""
    from baocao.store.deliveries import Confirmation
    from baocao.workflow.reports.dispatching import acknowledge

    try:
        day = date.fromisoformat(on) if on else call.place.day(call.regime, call.as_of)
    except ValueError:
        raise ConfigurationError(f"--on: {on!r} không đúng; hãy ghi dạng 2026-06-25") from None
    said = Confirmation(receipt, day, by, file.name if file else "")
    call.answer(
        acknowledge(
            call.place,
            call.regime,
            call.period,
            recipient,
            said,
            call.as_of,
            accepted=accepted,
            file=file.read_bytes() if file else None,
        )
    )
