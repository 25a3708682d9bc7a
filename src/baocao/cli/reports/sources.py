"""`baocao sources`: rows that two levels report differently, and whose figures stand."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common, required
from baocao.cli.commands import main


@main.group()
def sources() -> None:
    """Các dòng mà đơn vị và cơ quan chủ trì báo cáo tổng số khác nhau."""


@sources.command("list")
@common
def list_(call: Call) -> None:
    """Liệt kê hai số liệu của từng dòng, số đang dùng và quyết định."""
    from baocao.workflow.sign_off.sources import list_sources

    rows = list_sources(*call.where)
    lines = []
    for row in rows:
        figures = "; ".join(f"{c}: cơ sở {f['commune']}, chủ trì {f['province']}" for c, f in row["figures"].items())
        decided = row["decision"]
        said = f"{decided['by']} chọn: {decided['reason']}" if decided else "chưa quyết định"
        used = "số cơ quan chủ trì" if row["stands"] == "province" else "cộng từ cơ sở"
        lines.append(f"{row['row']} {row['name']}\n  {figures}\n  Đang dùng {used}; {said}")
    call.answer(rows, "\n".join(lines) or "Không có dòng nào có hai nguồn số liệu khác nhau.")


@sources.command()
@click.argument("row")
@click.option(
    "--stands",
    type=click.Choice(["province", "commune"]),
    required=True,
    help="province: số của cơ quan chủ trì; commune: cộng báo cáo các đơn vị.",
)
@required(reason="Lý do, được in trong báo cáo.", by="Người quyết định.")
@common
def decide(call: Call, row: str, stands: str, reason: str, by: str) -> None:
    """Quyết định báo cáo dùng số của ai cho một dòng (BIỂU/DÒNG); sau đó tổng hợp lại."""
    from baocao.workflow.sign_off.sources import decide_source

    call.answer(decide_source(*call.where, row, stands=stands, reason=reason, by=by, as_of=call.as_of))
