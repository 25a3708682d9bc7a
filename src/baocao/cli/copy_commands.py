"""Signed copies: of a unit's report."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command("unit-copy")
@click.argument("unit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Người nhận bản ký.")
@common
def unit_copy(call: Call, unit: str, file: Path, by: str) -> None:
    """Lưu bản ký (PDF, JPEG, PNG) của báo cáo một đơn vị nhận bằng cách khác, ví dụ bản giấy đã quét."""
    from baocao.workflow.copies.units import receive_signed_copy

    kept = receive_signed_copy(
        call.place,
        call.regime,
        call.period,
        unit,
        filename=file.name,
        data=file.read_bytes(),
        channel="office",
        as_of=call.as_of,
        by=by,
    )
    call.answer(kept)
