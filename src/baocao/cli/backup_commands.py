"""`baocao backup` and `baocao restore`: an installation as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True, help="Kèm cả khóa nhật ký (mặc định chỉ ghi dấu nhận biết của khóa).")
@common
def backup(call: Call, target: Path, with_keys: bool) -> None:
    """Sao lưu tất cả vào một tệp: sổ, kho tệp, bộ hồ sơ, gói chế độ, mốc nhật ký; tự đọc lại để kiểm tra."""
    from baocao.workflow.auditing.backup import backup as run

    call.answer(run(call.place, target, call.as_of, with_keys=with_keys))


@main.command()
@click.argument("source", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key-file", type=click.Path(dir_okay=False, path_type=Path), help="Tệp khóa nhật ký cất riêng.")
@click.option("--check", is_flag=True, help="Chỉ đọc và kiểm tra bản sao lưu, không khôi phục.")
@common
def restore(call: Call, source: Path, key_file: Path | None, check: bool) -> None:
    """Khôi phục bản sao lưu vào một bản cài đặt trống và kiểm tra tất cả. Mã trả về 1 khi có chỗ sai."""
    from baocao.workflow.auditing.backup import check_backup
    from baocao.workflow.auditing.backup import restore as run

    answer = check_backup(source) if check else run(call.place, source, key_file=key_file)
    call.answer(answer)
    sys.exit(0 if answer.get("verified", True) else 1)
