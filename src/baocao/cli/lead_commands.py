"""`baocao lead`: the slices of the lead bodies, their comments, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import Call, common, required, write_out
from baocao.cli.commands import main


@main.group()
def lead() -> None:
    """Đơn vị chủ trì: phần số liệu được xem, ý kiến, phản đối."""


@lead.command("slice")
@click.argument("body")
@click.option("--out", type=click.Path(path_type=Path), help="Tệp ghi ra (mặc định: phan-so-lieu_<mã>_<kỳ>.xlsx).")
@common
def slice_(call: Call, body: str, out: Path | None) -> None:
    """Ghi phần số liệu hiện nay của một đơn vị chủ trì ra tệp; không gửi, không ghi sổ."""
    from baocao.workflow.lead_bodies.sharing import slice_for

    made = slice_for(*call.where, body, call.as_of)
    write_out(call, made, out, lead=body)


@lead.command()
@common
def share(call: Call) -> None:
    """Gửi mỗi đơn vị chủ trì phần số liệu đã thay đổi (sau hạn của đơn vị)."""
    from baocao.workflow.lead_bodies.sharing import share_slices

    call.answer(share_slices(*call.where, call.as_of))


@lead.command()
@click.argument("body")
@click.option(
    "--kind", type=click.Choice(["comment", "objection"]), required=True, help="comment: ý kiến; objection: phản đối."
)
@required(
    unit="Mã đơn vị được nêu.",
    subject="Ô BIỂU/DÒNG/CỘT, như ở cột Ô của tệp, hoặc DA và mã dự án cho cả dự án.",
    text="Nội dung ý kiến.",
    by="Người ghi.",
)
@common
def comment(call: Call, body: str, kind: str, unit: str, subject: str, text: str, by: str) -> None:
    """Ghi ý kiến, phản đối của đơn vị chủ trì nhận bằng cách khác."""
    from baocao.workflow.lead_bodies.objecting import comment as run

    call.answer(run(*call.where, body, kind=kind, unit=unit, subject=subject, text=text, by=by, as_of=call.as_of))


@lead.command()
@common
def objections(call: Call) -> None:
    """Liệt kê mọi ý kiến của các đơn vị chủ trì về kỳ này và kết quả xử lý."""
    from baocao.workflow.lead_bodies.objecting import objections as run
    from baocao.workflow.lead_bodies.objecting import objections_text

    data = run(*call.where)
    call.answer(data, objections_text(data))


def _close(call: Call, number: int, status: str, by: str, text: str) -> None:
    from baocao.model.lead import CommentStatus
    from baocao.workflow.lead_bodies.objecting import close

    call.answer(close(call.place, number, CommentStatus(status), by=by, text=text, as_of=call.as_of, **call.stated))


@lead.command()
@click.argument("number", type=int)
@required(by="Người trả lời.", text="Nội dung trả lời.")
@common
def answer(call: Call, number: int, by: str, text: str) -> None:
    """Trả lời một ý kiến: đã giải trình hoặc đã sửa."""
    _close(call, number, "ANSWERED", by, text)


@lead.command()
@click.argument("number", type=int)
@required(by="Người trả lời.", reason="Lý do bác; được ghi trong báo cáo tổng hợp.")
@common
def overrule(call: Call, number: int, by: str, reason: str) -> None:
    """Cơ quan tổng hợp bác một phản đối; mọi người ký đều đọc lý do."""
    _close(call, number, "OVERRULED", by, reason)


@lead.command()
@click.argument("number", type=int)
@required(by="Người trả lời.", reason="Lý do rút.")
@common
def withdraw(call: Call, number: int, by: str, reason: str) -> None:
    """Đơn vị chủ trì rút một ý kiến."""
    _close(call, number, "WITHDRAWN", by, reason)
