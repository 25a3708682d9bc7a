"""An installation as a whole: its trail (`baocao audit`), a backup and its restoring, its figures for monitoring."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from baocao.cli.call import Call, common, os_user, required
from baocao.cli.commands import main
from baocao.settings import ConfigurationError


@main.group()
def audit() -> None:
    """Nhật ký sự kiện: kiểm tra, đổi khóa."""


@audit.command()
@click.option("--anchor", "anchors", multiple=True, help="SỐ:MÃ, mốc nhật ký in trong một thư (ghi nhiều lần được).")
@click.option("--no-files", is_flag=True, help="Không đọc lại kho tệp.")
@click.option("--by", default=os_user, help="Người kiểm tra (bỏ trống: tài khoản của máy).")
@common
def verify(call: Call, anchors: tuple[str, ...], no_files: bool, by: str) -> None:
    """Kiểm tra chuỗi sự kiện, đối chiếu sổ với sự kiện, đọc lại kho tệp; ghi lại lần kiểm tra. Mã trả về 1 khi có chỗ
    sai."""
    from baocao.workflow.auditing.verified import verify_and_record

    # Read off a letter on paper: the one anchor that whoever has this machine cannot rewrite.
    more = dict(_anchor(text) for text in anchors)
    answer = verify_and_record(call.place, by=by, as_of=call.as_of_anywhere, more_anchors=more, files=not no_files)
    lines = [f"{what}: {number}" for what, number in answer["checked"].items()]
    lines.append(f"Khóa: {answer['key_id'] or 'chưa có'}; {answer['anchors']} mốc lưu ngoài cơ sở dữ liệu")
    if answer["unkeyed"]:
        lines.append(f"{answer['unkeyed']} dòng đầu có từ trước khi có khóa: chỉ được nối chuỗi, chốt ở dòng kế tiếp")
    lines += [f"SAI: {said}" for said in answer["problems"]]
    if answer["more_problems"]:
        lines.append(f"… và {answer['more_problems']} chỗ khác")
    if answer["recorded"]:
        lines.append(f"Không ghi lại được lần kiểm tra này: {answer['recorded']}")
    call.answer(
        answer, "\n".join([*lines, "Không thấy gì sai." if answer["ok"] else "CÓ CHỖ SAI: xem sổ tay vận hành."])
    )
    # A timer that runs it learns the verdict from this code alone.
    sys.exit(0 if answer["ok"] else 1)


def _anchor(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    if not seq.strip().isdigit() or len(digest.strip()) != 64:
        raise ConfigurationError(f"--anchor: {text!r} không đúng; hãy chép như trong thư: SỐ:MÃ (64 ký tự)")
    return int(seq), digest.strip().lower()


@audit.command("rotate-key")
@required(by="Người đổi khóa.")
@common
def rotate_key(call: Call, by: str) -> None:
    """Đổi khóa nhật ký; khóa cũ ở lại trong tệp khóa để kiểm tra các dòng nó đã ghi."""
    from baocao.store.trail import events

    # The one command with a transaction of its own: rotating is one statement of the store.
    with call.place.store.begin() as conn:
        new = events.rotate(conn, call.as_of, by)
    call.answer({"key_id": new, "next": "sao lưu tệp khóa ở nơi riêng, tách khỏi bản sao lưu dữ liệu"})


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


@main.command()
@common
def metrics(call: Call) -> None:
    """In số liệu theo dõi theo dạng văn bản của Prometheus: báo cáo, thời hạn, thư, thời gian trả lời."""
    from baocao.workflow.status.metrics import metrics_text

    # Neither JSON nor text for people: what a collector reads, byte for byte.
    click.echo(metrics_text(call.place, call.as_of_anywhere).decode(), nl=False)
