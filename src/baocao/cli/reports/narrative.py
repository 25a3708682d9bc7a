"""`baocao narrative`: the report's own text goes out to the office, comes back edited, or goes back to the draft."""

from __future__ import annotations

from pathlib import Path

import click

from baocao.cli.call import EXIT_ASKED, Call, common, required
from baocao.cli.commands import main
from baocao.text import short_moment_text


@main.group()
def narrative() -> None:
    """Lời văn của báo cáo: xuất bản dự thảo, nhận bản văn phòng đã sửa."""


@narrative.command()
@click.argument("report")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@common
def export(call: Call, report: str, out: Path) -> None:
    """Ghi lời văn của báo cáo (REPORT: số báo cáo hoặc mã kỳ) ra tệp OUT.docx hoặc OUT.md để sửa."""
    from baocao.workflow.reports.narrating import export as run

    kind = out.suffix.lower().removeprefix(".")
    if kind not in {"docx", "md"}:
        raise click.UsageError(f"{out}: tên tệp phải kết thúc bằng .docx hoặc .md")
    _, data, told = run(call.place, call.regime, report, kind)
    out.write_bytes(data)
    call.answer({"file": str(out), **told})


@narrative.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@required(by="Người sửa, in trong sổ và bản kê của báo cáo.")
@click.option(
    "--confirm-numbers",
    is_flag=True,
    help="Đã đối chiếu các số do người sửa tự ghi, không gắn với số liệu nào.",
)
@common
def import_(call: Call, file: Path, by: str, confirm_numbers: bool) -> None:
    """Nhận lời văn đã sửa (.docx, .md); số liệu được bảo vệ mà bị sửa thì không nhận, nêu rõ chỗ và hai số."""
    from baocao.workflow.reports.narrating import take

    at = call.as_of_anywhere
    data = take(call.place, file.read_bytes(), file.name, by=by, as_of=at, confirm=confirm_numbers)
    lines = [f"Đã nhận, lần sửa {data['revision']}." if data["taken"] else "CHƯA NHẬN."]
    for key, title in (
        ("questions", "Số do người sửa tự ghi, cần đối chiếu"),
        ("renewed", "Số liệu đã đổi sau khi xuất tệp; báo cáo in số mới, hãy đọc lại câu"),
        ("left_out", "Lưu ý"),
    ):
        lines += [f"{title}:", *(f"  - {line}" for line in data[key])] if data[key] else []
    lines.append(f"Mục văn phòng sửa: {', '.join(data['sections']) or 'không có'}")
    lines.append(f"Tiếp theo: {data['next']}")
    call.answer(data, "\n".join(lines))
    if not data["taken"] and data["questions"]:
        raise SystemExit(EXIT_ASKED)


@narrative.command()
@click.option("--section", help="Mục bỏ lời văn đã sửa, ví dụ IV (bỏ trống: mọi mục).")
@required(by="Người quyết định.", reason="Lý do.")
@common
def drop(call: Call, section: str | None, by: str, reason: str) -> None:
    """Bỏ lời văn văn phòng đã sửa, trở lại bản dự thảo tự động; các lần sửa cũ vẫn còn trong sổ."""
    from baocao.workflow.reports.narrating import drop as run

    call.answer(run(*call.where, section, by=by, reason=reason, as_of=call.as_of))


@narrative.command()
@common
def history(call: Call) -> None:
    """Các lần văn phòng sửa lời văn của kỳ: ai, khi nào, từ tệp nào, những mục nào."""
    from baocao.workflow.reports.narrating import history as run

    rows = run(*call.where)
    lines = [
        f"Lần {r['revision']}: {r['by']}, {short_moment_text(r['at'])}, {r['file'] or r['note']}: "
        f"{', '.join(r['sections']) or 'không mục nào'}"
        for r in rows
    ]
    call.answer(rows, "\n".join(lines) or "Chưa có lần sửa nào: mọi mục là bản dự thảo tự động.")
