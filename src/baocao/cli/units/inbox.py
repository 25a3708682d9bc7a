"""`baocao inbox`: files that wait because nobody knows who sent them."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common, required
from baocao.cli.commands import main

_decision = required(by="Người quyết định.", reason="Căn cứ, ví dụ: đơn vị xác nhận qua điện thoại.")


@main.group()
def inbox() -> None:
    """Các tệp chờ vì chưa rõ người gửi."""


@inbox.command()
@common
def waiting(call: Call) -> None:
    """Liệt kê tệp đang chờ, cũ trước, kèm nội dung ghi trong tệp."""
    from baocao.workflow.intake.attributing import waiting_files

    # Of all regimes: such a file is of none until somebody says whose it is.
    rows = waiting_files(call.place)
    lines = [
        f"{row['id']}  {row['filename']}  thư mục {row['folder'] or '(không)'}  nhận "
        f"{row['received_at']:%Y-%m-%d %H:%M} UTC  "
        + ", ".join(f"{name}: {value}" for name, value in row["says"].items())
        for row in rows
    ]
    call.answer(rows, "\n".join(lines) or "Không có tệp nào chờ xác định người gửi.")


@inbox.command()
@click.argument("file_id", type=int)
@click.argument("unit")
@_decision
@common
def attribute(call: Call, file_id: int, unit: str, by: str, reason: str) -> None:
    """Xác định đơn vị đã gửi tệp đang chờ: tệp được xử lý ngay."""
    from baocao.workflow.intake.attributing import attribute as run

    call.answer(run(call.place, file_id, unit, reason=reason, by=by, as_of=call.as_of))


@inbox.command()
@click.argument("file_id", type=int)
@_decision
@common
def refuse(call: Call, file_id: int, by: str, reason: str) -> None:
    """Không nhận một tệp đang chờ hoặc bị kẹt; báo cho nơi gửi, nếu biết."""
    from baocao.workflow.intake.attributing import refuse as run

    call.answer(run(call.place, file_id, reason=reason, by=by, as_of=call.as_of))
