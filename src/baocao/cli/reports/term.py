"""`baocao term`: what the accepted reports of a term add up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from baocao.cli.call import Call, common
from baocao.cli.commands import main


@main.command()
@click.option("--unit", help="Mã đơn vị (bỏ trống: toàn tỉnh).")
@click.option("--cell", "named", multiple=True, help="Ô BIỂU/DÒNG/CỘT; nêu được nhiều lần (bỏ trống: mọi ô).")
@common
def term(call: Call, unit: str | None, named: tuple[str, ...]) -> None:
    """Số liệu cả giai đoạn của báo cáo giữa kỳ, cuối kỳ: từng năm, lũy kế, kèm báo cáo nguồn."""
    from baocao.workflow.periods.accumulating import province_answer, unit_answer

    if unit:
        answer = unit_answer(*call.where, unit, named)
        lines = _unit_lines(answer)
    else:
        answer = province_answer(*call.where, named)
        lines = _province_lines(answer)
    # Every cell of every form is a thousand lines: on paper that is the sheet "Lũy kế giai đoạn" of the report.
    rest = f"{len(answer['cells'])} ô có số; xem từng ô bằng --cell BIỂU/DÒNG/CỘT, mọi ô bằng --json"
    cells = [_cell_line(c) for c in answer["cells"]] if named else [rest]
    call.answer(answer, "\n".join([*lines, *cells]))


def _province_lines(answer: dict[str, Any]) -> Iterator[str]:
    for year in answer["years"]:
        yield f"Năm {year['year']} ({year['report']}): nhận {year['coverage']} đơn vị"
        if year["missing"]:
            yield f"  thiếu: {', '.join(year['missing'])}"
        if year["six_months_instead"]:
            yield f"  dùng số 6 tháng thay số năm: {', '.join(year['six_months_instead'])}"


def _unit_lines(answer: dict[str, Any]) -> Iterator[str]:
    yield f"Đơn vị {answer['unit']}, báo cáo được dùng: {', '.join(answer['used']) or 'chưa có'}"
    for wanted, report in answer["instead"].items():
        yield f"  chưa có {wanted}: dùng {report}"
    if answer["missing"]:
        yield f"  thiếu: {', '.join(answer['missing'])}"


def _cell_line(cell: dict[str, Any]) -> str:
    """`FORM/ROW/COLUMN: lũy kế 12 (2026-Y: 5; 2027-Y: 7)`; an unknown figure is a dash."""
    whole = cell["accumulated"] if "years" in cell else cell["value"]
    parts = cell.get("years") or cell["parts"]
    told = "; ".join(f"{p.get('year') or p['period']}: {_figure(p['value'])}" for p in parts)
    return f"{cell['cell']}: lũy kế {_figure(whole)}" + (f" ({told})" if told else "")


def _figure(value: Any) -> str:
    return "–" if value is None else str(value)
