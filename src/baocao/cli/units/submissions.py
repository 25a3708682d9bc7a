"""`baocao submission`: an accepted report returned or withdrawn; a report entered by the office for a unit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from baocao.cli.call import FILE, Call, common, day_or_none, required
from baocao.cli.commands import main

_DECISION = required(reason="Lý do, nêu trong thư gửi đơn vị.", by="Người quyết định.")


@main.group()
def submission() -> None:
    """Báo cáo của một đơn vị: trả lại sau khi tiếp nhận, rút, nhập hộ."""


@submission.command("return")
@click.argument("unit")
@click.option("--until", help="Nhận lại tới hết ngày này (bắt buộc khi kỳ đã khóa), dạng 2026-06-25.")
@_DECISION
@common
def return_(call: Call, unit: str, until: str | None, reason: str, by: str) -> None:
    """Trả lại báo cáo đã tiếp nhận của đơn vị UNIT: hết hiệu lực, đơn vị phải nộp lại."""
    from baocao.workflow.intake.giving_back import give_back

    until_day = day_or_none("--until", until)
    call.answer(give_back(*call.where, unit, until=until_day, reason=reason, by=by, as_of=call.as_of))


@submission.command()
@click.argument("number", type=int)
@_DECISION
@common
def withdraw(call: Call, number: int, reason: str, by: str) -> None:
    """Rút lần gửi NUMBER (đã tiếp nhận, hoặc còn chờ); báo cáo được tiếp nhận trước đó, nếu có, có hiệu lực trở lại."""
    from baocao.workflow.intake.giving_back import withdraw as run

    call.answer(run(call.place, number, reason=reason, by=by, as_of=call.as_of, **call.stated))


@submission.command()
@click.argument("unit")
@click.argument("workbook", type=FILE)
@click.option("--scan", type=FILE, required=True, help="Bản giấy đã ký của đơn vị (PDF, JPEG, PNG).")
@click.option("--arrived-on", help="Ngày bản giấy đến, là ngày tính nhận (bỏ trống: bây giờ), dạng 2026-06-18.")
@required(reason="Lý do, nêu trong thư gửi đơn vị.", by="Người nhập.")
@common
def enter(call: Call, unit: str, workbook: Path, scan: Path, arrived_on: str | None, reason: str, by: str) -> None:
    """Nhập hộ báo cáo của đơn vị UNIT từ tệp WORKBOOK, kèm bản giấy đã ký. Mã trả về: 0 tiếp nhận, 1 không."""
    from baocao.workflow.portal.office_entry import enter as run

    data = run(
        *call.where,
        unit,
        workbook=(workbook.name, workbook.read_bytes()),
        scan=(scan.name, scan.read_bytes()),
        arrived_on=day_or_none("--arrived-on", arrived_on),
        reason=reason,
        by=by,
        as_of=call.as_of,
    )
    call.answer(data)
    sys.exit(0 if data["outcome"] == "accepted" else 1)


@main.command()
@click.argument("number")
@common
def receipt(call: Call, number: str) -> None:
    """Tra một số biên nhận (BC-2026H1-00001-2): của đơn vị nào, tệp gì, nhận lúc nào."""
    from baocao.workflow.intake.receipts import receipt_of, receipt_text

    found = receipt_of(call.place, number)
    call.answer(found, receipt_text(found))
