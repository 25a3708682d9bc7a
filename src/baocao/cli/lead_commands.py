"""`baocao lead`: the slices of the lead bodies, their comments, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import Call, F, common
from baocao.cli.commands import main


@main.group()
def lead() -> None:
    """Lead bodies: their slice of the units' reports, their comments and objections."""


@lead.command("slice")
@click.argument("body")
@click.option("--out", type=click.Path(path_type=Path), help="Tệp ghi ra (mặc định: phan-so-lieu_<mã>_<kỳ>.xlsx).")
@common
def slice_(call: Call, body: str, out: Path | None) -> None:
    """Write the slice of one lead BODY as it stands now; nothing is sent or recorded."""
    from baocao.workflow.sharing import slice_for

    filename, data = slice_for(call.place, call.regime, call.period, body, call.as_of)
    target = out or Path(filename)
    target.write_bytes(data)
    call.answer({"lead": body, "period": call.period, "file": str(target), "bytes": len(data)})


@lead.command()
@common
def share(call: Call) -> None:
    """Send every lead body its slice, where it has changed (after the units' deadline)."""
    from baocao.workflow.sharing import share_slices

    call.answer(share_slices(call.place, call.regime, call.period, call.as_of))


@lead.command()
@click.argument("body")
@click.option("--kind", type=click.Choice(["comment", "objection"]), required=True)
@click.option("--unit", required=True, help="Mã đơn vị được nêu.")
@click.option("--subject", required=True, help="Ô BIỂU/DÒNG/CỘT, ví dụ B06/B06.01/TH, hoặc DA6 cho cả dự án 6.")
@click.option("--text", required=True)
@click.option("--by", required=True, help="Người ghi.")
@common
def comment(call: Call, body: str, kind: str, unit: str, subject: str, text: str, by: str) -> None:
    """Record a comment or an objection of a lead BODY that came otherwise than in its workbook."""
    from baocao.workflow.objecting import comment as run

    call.answer(
        run(
            call.place,
            call.regime,
            call.period,
            body,
            kind=kind,
            unit=unit,
            subject=subject,
            text=text,
            by=by,
            as_of=call.as_of,
        )
    )


@lead.command()
@common
def objections(call: Call) -> None:
    """Everything the lead bodies said about the period, and what became of it."""
    from baocao.workflow.objecting import objections as run
    from baocao.workflow.objecting import objections_text

    data = run(call.place, call.regime, call.period)
    call.answer(data, objections_text(data))


def _closing(command: F) -> F:
    for option in (
        click.option("--by", required=True, help="Người trả lời."),
        click.argument("number", type=int),
    ):
        command = option(command)
    return command


def _close(call: Call, number: int, status: str, by: str, text: str) -> None:
    from baocao.model.lead import CommentStatus
    from baocao.workflow.objecting import close

    own = {"regime": call.named_regime or "", "period": call.named_period or ""}
    call.answer(close(call.place, number, CommentStatus(status), by=by, text=text, as_of=call.as_of, **own))


@lead.command()
@_closing
@click.option("--text", required=True, help="Nội dung trả lời.")
@common
def answer(call: Call, number: int, by: str, text: str) -> None:
    """Answer comment NUMBER: explained, or mended."""
    _close(call, number, "ANSWERED", by, text)


@lead.command()
@_closing
@click.option("--reason", required=True, help="Lý do bác; được ghi trong báo cáo tổng hợp.")
@common
def overrule(call: Call, number: int, by: str, reason: str) -> None:
    """The police office overrules objection NUMBER; every signer reads the reason."""
    _close(call, number, "OVERRULED", by, reason)


@lead.command()
@_closing
@click.option("--reason", required=True, help="Lý do rút.")
@common
def withdraw(call: Call, number: int, by: str, reason: str) -> None:
    """The lead body takes comment NUMBER back."""
    _close(call, number, "WITHDRAWN", by, reason)
