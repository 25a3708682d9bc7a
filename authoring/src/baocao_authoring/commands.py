"""The commands this distribution adds: `baocao regime new`, `form learn`, `form diff`, `what-if`, `docs`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from baocao.cli.call import Call, common
from baocao.settings import ConfigurationError


@click.group()
def form() -> None:
    """Biểu mẫu: học từ tệp chính thức, so hai phiên bản."""


@form.command("learn")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", help="Tên trang tính (bỏ trống khi chỉ một trang có bảng).")
@click.option("--code", help="Mã biểu, ví dụ B10 (bỏ trống: suy từ số biểu in trên trang).")
@click.option("--version", "version", help="Phiên bản, ví dụ 2026.1 (bỏ trống: năm hiện tại, lần 1).")
@click.option("--levels", default="commune", show_default=True, help="Cấp nhập số liệu: commune, province.")
@click.option("--out", type=click.Path(path_type=Path), help="Tệp YAML ghi ra (bỏ trống: in ra màn hình).")
@common
def learn(
    call: Call, file: Path, sheet: str | None, code: str | None, version: str | None, levels: str, out: Path | None
) -> None:
    """Dự thảo tệp YAML của biểu từ tệp .xlsx chính thức. Mã trả về: 0 bản nháp nạp được, 1 nêu vì sao không.

    Nêu --regime (hoặc chỉ có một chế độ): bản nháp còn được thử trong một bản sao của gói đó.
    """
    # Within the command, here and below: openpyxl is slow to import, and `baocao --help` lists these commands too.
    from baocao_authoring.draft.learning import learn_form

    # Before the file is read: an edited draft must not be lost to a second run.
    if out is not None and out.exists():
        raise ConfigurationError(f"--out: {out} đã có; hãy ghi ra tên khác để không mất bản đã sửa")
    known = sorted(call.place.folders)
    done = learn_form(
        call.place,
        file.read_bytes(),
        file.name,
        version=version or f"{datetime.now(UTC).year}.1",
        sheet=sheet,
        code=code,
        levels=tuple(part.strip() for part in levels.split(",") if part.strip()),
        regime=call.named_regime or (known[0] if len(known) == 1 else None),
    )
    learned = done.learned
    if out is not None:
        out.write_text(learned.text, encoding="utf-8")
    data: dict[str, Any] = {
        "code": learned.code,
        "version": learned.version,
        "sheet": learned.sheet,
        "file": str(out) if out else None,
        "loads": learned.form is not None,
        "problem": learned.problem,
        "regime": done.regime,
        "pack_loads": bool(done.regime) and not done.pack_problem,
        "pack_problem": done.pack_problem,
        **learned.counts,
        "decisions": [{"about": d.about, "reason": d.reason, "cell": d.a1} for d in learned.decisions],
        "passed_over": [{"text": text, "cell": a1} for text, a1 in learned.passed_over],
        "yaml": learned.text,
    }
    call.answer(
        data, learned.text.rstrip("\n") if out is None else _summary(data, [d.line() for d in learned.decisions])
    )
    if not call.as_json and out is None and (learned.problem or done.pack_problem):
        click.echo(f"Lỗi: {learned.problem or done.pack_problem}", err=True)
    # Not an exception: the draft is there and worth reading, only the pack would not take it yet.
    sys.exit(1 if learned.problem or done.pack_problem else 0)


@form.command("diff")
@click.argument("what", nargs=-1, required=True)
@common
def diff(call: Call, what: tuple[str, ...]) -> None:
    """Khác nhau giữa hai phiên bản: CŨ.yaml MỚI.yaml, hoặc BIỂU PHIÊN-BẢN-CŨ PHIÊN-BẢN-MỚI của chế độ.

    Mã trả về: 0 không có gì khác, 1 có chỗ khác.
    """
    from baocao_authoring.compare.comparing import compare_files, compare_versions
    from baocao_authoring.compare.text import diff_data, diff_text

    if len(what) == 2:
        known = sorted(call.place.folders)
        regime = call.named_regime or (known[0] if len(known) == 1 else None)
        found = compare_files(call.place, Path(what[0]), Path(what[1]), regime)
    elif len(what) == 3:
        found = compare_versions(call.place, call.regime, *what)
    else:
        raise ConfigurationError(
            "hãy nêu hai tệp YAML, hoặc mã biểu và hai phiên bản, ví dụ: form diff <mã biểu> 2025.1 2026.1"
        )
    call.answer(diff_data(found), diff_text(found))
    sys.exit(1 if found.changes else 0)


def _summary(data: dict[str, Any], decisions: list[str]) -> str:
    """What the command prints: the counts, whether the draft loads, and what a person must decide."""
    lines = [
        f"Biểu {data['code']} phiên bản {data['version']} từ trang «{data['sheet']}»: {data['tables']} bảng, "
        f"{data['columns']} cột, {data['rows']} dòng, {data['lists']} danh sách, {data['relations']} quan hệ"
        + (f", {data['relations_offered']} quan hệ chờ gói khai quy tắc" if data["relations_offered"] else "")
        + ".",
        f"Đã ghi {data['file']}.",
    ]
    if data["problem"]:
        lines.append(f"Bản nháp CHƯA nạp được: {data['problem']}")
    elif data["pack_problem"]:
        lines.append(f"Bản nháp đúng, nhưng gói {data['regime']} chưa nạp được với biểu này: {data['pack_problem']}")
    elif data["regime"]:
        lines.append(f"Bản nháp nạp được, cũng nạp được trong gói {data['regime']}.")
    else:
        lines.append("Bản nháp nạp được; hãy nêu --regime để thử trong một gói.")
    lines.append(f"Người phải quyết định {len(decisions)} việc:")
    lines += [f"{n:>3}. {text}" for n, text in enumerate(decisions, start=1)]
    return "\n".join(lines)


@click.command("what-if")
@click.option("--pack", "pack", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Thư mục gói mới.")
@click.option("--form", "form_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Một biểu mới.")
@common
def what_if(call: Call, pack: Path | None, form_file: Path | None) -> None:
    """Xét lại các bài đã tiếp nhận của một kỳ theo quy tắc khác; không thay đổi gì.

    Mã trả về: 0 kết quả không đổi, 1 có kết quả đổi.
    """
    from baocao_authoring.what_if import trying as verbs
    from baocao_authoring.what_if.answer import what_if_text

    proposed = verbs.proposed_pack(call.place, call.regime, pack, form_file)
    data = verbs.what_if(*call.where, proposed)
    call.answer(data, what_if_text(data))
    sys.exit(0 if data["same"] else 1)


@click.command("new")
@click.argument("code")
@click.option("--name", default="", help="Tên chế độ báo cáo, như sẽ in trên thư.")
@click.option("--year", type=click.IntRange(2000, 2100), help="Năm đầu tiên áp dụng (bỏ trống: năm nay).")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Ghi vào thư mục <mã> trong thư mục này (bỏ trống: thư mục gói chế độ đang dùng).",
)
@common
def new(call: Call, code: str, name: str, year: int | None, out: Path | None) -> None:
    """Lập một gói mẫu có chú thích; không ghi đè gói đã có."""
    from baocao_authoring.skeleton import new_regime

    call.answer(new_regime(call.place, code, name=name, year=year or datetime.now(UTC).year, out=out))


@click.command()
@common
def docs(call: Call) -> None:
    """Ghi lại các trang tự sinh: docs/law.md, docs/rules.md, docs/forms/."""
    from baocao_authoring.reference.writing import write_pages

    call.answer({"written": write_pages(call.place)})
