"""`baocao link`: the personal links of units to the portal."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common, os_user, required
from baocao.cli.commands import main
from baocao.text import day_text

_decision = required(by="Người quyết định.", reason="Lý do, ví dụ: liên kết bị chuyển nhầm người.")


@main.group()
def link() -> None:
    """Liên kết riêng của đơn vị tới trang nộp báo cáo."""


@link.command()
@click.argument("unit")
@common
def show(call: Call, unit: str) -> None:
    """Cho xem liên kết đang có hiệu lực của một đơn vị (việc xem được ghi vào nhật ký)."""
    from baocao.workflow.portal.link_decisions import show as run

    # The account and no option: a link opens the unit's page, so whoever looks at one is written down as who they are.
    found = run(*call.where, unit, by=os_user(), as_of=call.as_of)
    call.answer(found, found["link"])


@link.command()
@click.argument("unit")
@_decision
@common
def renew(call: Call, unit: str, by: str, reason: str) -> None:
    """Cấp liên kết mới cho một đơn vị và gửi bằng thư; liên kết cũ mất hiệu lực ngay."""
    from baocao.workflow.portal.link_decisions import renew as run

    call.answer(run(*call.where, unit, reason=reason, by=by, as_of=call.as_of))


@link.command()
@click.argument("unit")
@_decision
@common
def revoke(call: Call, unit: str, by: str, reason: str) -> None:
    """Thu hồi liên kết của một đơn vị (đơn vị được báo); đơn vị không vào được trang nộp cho đến khi được cấp lại."""
    from baocao.workflow.portal.link_decisions import revoke as run

    call.answer(run(*call.where, unit, reason=reason, by=by, as_of=call.as_of))


@main.group()
def extension() -> None:
    """Đề nghị gia hạn của đơn vị, gửi từ trang nộp báo cáo (đồng ý: `baocao waive … --until …`)."""


@extension.command(name="list")
@common
def list_requests(call: Call) -> None:
    """Liệt kê đề nghị đang chờ trả lời, cũ trước."""
    from baocao.workflow.portal.asking import open_requests

    rows = open_requests(call.place, call.named_regime)
    lines = [
        f"{r['id']}  {r['regime']} {r['period']}  đơn vị {r['unit']}  đến hết {day_text(r['until'])}  "
        f"{r['asked_by']}: {r['reason']}"
        for r in rows
    ]
    call.answer(rows, "\n".join(lines) or "Không có đề nghị gia hạn nào đang chờ.")


@extension.command()
@click.argument("number", type=int)
@_decision
@common
def decline(call: Call, number: int, by: str, reason: str) -> None:
    """Không chấp thuận một đề nghị; đơn vị được báo lý do."""
    from baocao.workflow.portal.asking import decline as run

    call.answer(run(call.place, number, reason=reason, by=by, as_of=call.as_of_anywhere))
