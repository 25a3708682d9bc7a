"""`baocao inspection`: the register of inspections, from the yearly plan to the conclusion."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import FILE, Call, common, day, day_or_none, required
from baocao.cli.commands import main
from baocao.settings import ConfigurationError

_BY = required(by="Người ghi sổ.")
_FROM = click.option("--from", "first", help="Ngày đầu ghi trong thông báo, khi khác kế hoạch.")
_TO = click.option("--to", "last", help="Ngày cuối ghi trong thông báo, khi khác kế hoạch.")


@main.group()
def inspection() -> None:
    """Kiểm tra: kế hoạch năm, thông báo, thời gian, kết luận."""


@inspection.command("plan")
@click.argument("file", type=FILE)
@click.option("--year", type=int, required=True, help="Năm kế hoạch.")
@required(decision="Số, ký hiệu kế hoạch, ví dụ 12/KH-UBND.", decided_on="Ngày ban hành, dạng 2026-01-15.")
@_BY
@common
def plan_(call: Call, file: Path, year: int, decision: str, decided_on: str, by: str) -> None:
    """Nạp kế hoạch năm: CSV hoặc YAML gồm unit, lead, planned_from, planned_to, content, documents."""
    from baocao.workflow.inspections.inspecting import plan_inspections

    call.answer(
        plan_inspections(
            call.place,
            call.regime,
            file.read_bytes(),
            file.name,
            year=year,
            decision=decision,
            decided_on=day("--decided-on", decided_on),
            by=by,
            as_of=call.as_of,
        )
    )


@inspection.command("list")
@click.option("--year", type=int, help="Năm kế hoạch (bỏ trống: mọi năm).")
@common
def list_(call: Call, year: int | None) -> None:
    """Liệt kê các cuộc kiểm tra, tình trạng và việc kế tiếp."""
    from baocao.workflow.inspections.listing import inspections, inspections_text

    data = inspections(call.place, call.regime, call.as_of, year=year)
    call.answer(data, inspections_text(data))


@inspection.command()
@click.argument("id", type=int)
@click.option("--draft", type=click.Path(path_type=Path), help="Chỉ ghi dự thảo thông báo ra tệp này, không gửi.")
@click.option("--number", default="", help="Số thông báo do văn thư cấp.")
@click.option("--symbol", default="", help="Ký hiệu (mặc định: TB và tên viết tắt của cơ quan).")
@click.option("--signed-on", default="", help="Ngày ký, dạng 2026-03-02.")
@click.option("--signer", default="", help="Người ký.")
@click.option("--signer-title", default="", help="Chức vụ người ký.")
@_FROM
@_TO
@click.option("--by", default="", help="Người ghi sổ.")
@common
def notify(call: Call, id: int, draft: Path | None, signed_on: str, first: str, last: str, **given: str) -> None:
    """Gửi thông báo đã ký tới đơn vị; với --draft chỉ ghi dự thảo để ký, không gửi."""
    from baocao.workflow.inspections.inspecting import draft_notice, notify_inspection

    if bool(first) != bool(last):
        raise ConfigurationError("--from, --to: hãy ghi cả hai ngày, dạng 2026-03-09")
    announced = (day("--from", first), day("--to", last)) if first else None
    if draft is not None:
        name, data = draft_notice(call.place, call.regime, id, call.as_of, announced=announced)
        target = draft / name if draft.is_dir() else draft
        target.write_bytes(data)
        call.answer({"id": id, "file": str(target), "bytes": len(data)})
        return
    signed = day("--signed-on", signed_on)
    call.answer(
        notify_inspection(call.place, call.regime, id, signed_on=signed, announced=announced, as_of=call.as_of, **given)
    )


@inspection.command()
@click.argument("id", type=int)
@required(on="Ngày bắt đầu, dạng 2026-03-09.")
@_BY
@common
def start(call: Call, id: int, on: str, by: str) -> None:
    """Ghi ngày bắt đầu."""
    from baocao.workflow.inspections.inspecting import start as run

    call.answer(run(call.place, call.regime, id, on=day("--on", on), by=by, as_of=call.as_of))


@inspection.command()
@click.argument("id", type=int)
@required(on="Ngày kết thúc, dạng 2026-03-13.")
@click.option("--record-on", help="Ngày lập biên bản (bỏ trống: ngày kết thúc).")
@click.option("--note", default="", help="Lý do, bắt buộc khi quá số ngày làm việc cho phép.")
@_BY
@common
def finish(call: Call, id: int, on: str, record_on: str | None, note: str, by: str) -> None:
    """Ghi ngày kết thúc và biên bản."""
    from baocao.workflow.inspections.inspecting import finish as run

    recorded = day_or_none("--record-on", record_on)
    ended = day("--on", on)
    call.answer(run(call.place, call.regime, id, on=ended, record_on=recorded, note=note, by=by, as_of=call.as_of))


@inspection.command()
@click.argument("id", type=int)
@click.argument("file", type=FILE)
@required(number="Số, ký hiệu kết luận, ví dụ 21/KL-SNV.", on="Ngày ban hành, dạng 2026-03-30.")
@_BY
@common
def conclude(call: Call, id: int, file: Path, number: str, on: str, by: str) -> None:
    """Ghi kết luận (tệp pdf hoặc docx) và gửi tới đơn vị được kiểm tra."""
    from baocao.workflow.inspections.inspecting import conclude as run

    issued, data = day("--on", on), file.read_bytes()
    call.answer(
        run(
            call.place,
            call.regime,
            id,
            number=number,
            on=issued,
            data=data,
            filename=file.name,
            by=by,
            as_of=call.as_of,
        )
    )


@inspection.command()
@click.argument("id", type=int)
@required(reason="Lý do hủy.")
@_BY
@common
def cancel(call: Call, id: int, reason: str, by: str) -> None:
    """Hủy một cuộc kiểm tra chưa có kết luận."""
    from baocao.workflow.inspections.inspecting import cancel as run

    call.answer(run(call.place, call.regime, id, reason=reason, by=by, as_of=call.as_of))
