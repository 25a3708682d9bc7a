"""`baocao regime`: a pack checked, an address of it corrected; `regime new` comes with `baocao-authoring`."""

from __future__ import annotations

import sys

import click

from baocao.cli.call import EXIT_ACCEPTED, EXIT_RETURNED, Call, common, required
from baocao.cli.commands import main


@main.group()
def regime() -> None:
    """Gói chế độ báo cáo: lập mới, kiểm tra, sửa địa chỉ."""


@regime.command("address")
@click.argument("who")
@click.argument("email")
@click.option("--head", is_flag=True, help="Địa chỉ của người đứng đầu đơn vị.")
@required(by="Người cho sửa.")
@common
def address(call: Call, who: str, email: str, head: bool, by: str) -> None:
    """Sửa một địa chỉ trong gói chế độ: mã đơn vị (units.csv) hoặc mã nơi nhận (regime.yaml); thư đang chờ tự đi."""
    from baocao.workflow.mail.addressing import correct_address

    call.answer(correct_address(call.place, call.regime, who, email, head=head, by=by, as_of=call.as_of))


@regime.command("check")
@click.argument("pack", required=False)
@common
def check(call: Call, pack: str | None) -> None:
    """Nêu mọi lỗi, cảnh báo của một gói (mã hoặc thư mục; bỏ trống: mọi gói). Mã trả về: 0 dùng được, 1 có lỗi."""
    from baocao.workflow.status.pack_faults import check_regime, check_text

    packs = check_regime(call.place, pack or call.named_regime)
    call.answer(packs, check_text(packs))
    sys.exit(EXIT_RETURNED if any(p["faults"] for p in packs) else EXIT_ACCEPTED)
