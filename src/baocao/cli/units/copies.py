"""Signed copies: of a unit's report, and of the report that is dispatched."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import FILE, Call, common, required
from baocao.cli.commands import main


@main.command("unit-copy")
@click.argument("unit")
@click.argument("file", type=FILE)
@required(by="Người nhận bản ký.")
@common
def unit_copy(call: Call, unit: str, file: Path, by: str) -> None:
    """Lưu bản ký (PDF, JPEG, PNG) của báo cáo một đơn vị nhận bằng cách khác, ví dụ bản giấy đã quét."""
    from baocao.workflow.copies.units import receive_signed_copy

    kept = receive_signed_copy(
        *call.where, unit, filename=file.name, data=file.read_bytes(), channel="office", as_of=call.as_of, by=by
    )
    call.answer(kept)


@main.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Ghi các tệp vào thư mục này.")
@common
def issue(call: Call, out: Path | None) -> None:
    """Dựng văn bản chính thức (đã có số, ngày, người ký): tệp PDF này là tệp để ký số."""
    from baocao.workflow.reports.issuing import issue as run
    from baocao.workflow.reports.versions import newest_report

    made = run(call.place, newest_report(*call.where).id, call.as_of)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, sha256 in made["files"].items():
            (out / name).write_bytes(call.place.store.files.get(sha256))
    call.answer(made)


@main.command("attach-signed")
@click.argument("report", type=int)
@click.argument("file", type=FILE)
@required(by="Người gắn.")
@click.option("--scan", is_flag=True, help="Đây là bản quét của văn bản đã ký giấy; không kiểm tra được chữ ký.")
@common
def attach_signed(call: Call, report: int, file: Path, by: str, scan: bool) -> None:
    """Gắn bản đã ký của báo cáo số REPORT: PDF ký số trên đúng tệp PDF của hệ thống, hoặc bản quét (--scan)."""
    from baocao.workflow.reports.attaching import attach_signed as run

    done = run(call.place, report, file.read_bytes(), file.name, by=by, as_of=call.as_of, scan=scan)
    left = f"\nCòn thiếu: {done['missing']}" if done["missing"] else ""
    call.answer(done, f"Đã gắn {done['said']}{left}")
