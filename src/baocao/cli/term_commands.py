"""`baocao term`: what the accepted reports of a term add up to."""

from __future__ import annotations

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command()
@click.option("--unit", help="Mã đơn vị (bỏ trống: toàn tỉnh).")
@click.option("--cell", "named", multiple=True, help="Ô BIỂU/DÒNG/CỘT; nêu được nhiều lần (bỏ trống: mọi ô).")
@common
def term(call: Call, unit: str | None, named: tuple[str, ...]) -> None:
    """The term of a mid-term or end-term report: year by year, accumulated, with the report behind every part."""
    from baocao.workflow.accumulating import province_answer, unit_answer

    if unit:
        call.answer(unit_answer(call.place, call.regime, call.period, unit, named))
    else:
        call.answer(province_answer(call.place, call.regime, call.period, named))
