"""From an official form's workbook to a draft of its YAML file, with everything uncertain marked.

What can be read is taken over; what follows from words, numbering or formulas is derived; what remains open is written
down as `# CẦN XEM LẠI` at its line and as a decision at the end. Nothing is guessed silently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from baocao.model.form import Form, Nature, ValueType
from baocao.regimes.errors import PackError
from baocao.regimes.form_rules import check_form, check_sheet_names
from baocao.regimes.source import Source
from baocao_authoring.draft.around import Around, code_of, day_in, read_around
from baocao_authoring.draft.column_rules import derive_columns
from baocao_authoring.draft.columns import Heads, read_heads
from baocao_authoring.draft.draft import DraftForm, DraftTable
from baocao_authoring.draft.grid import CannotLearn, Doubt, Grid, read_grid
from baocao_authoring.draft.lists import read_list
from baocao_authoring.draft.regions import Region, has_table, regions
from baocao_authoring.draft.relation_rules import WITHOUT_PACK, RelationRules
from baocao_authoring.draft.rows import RowsRead, read_rows
from baocao_authoring.draft.totals import derive_rows, relations_of
from baocao_authoring.draft.words import money_scale
from baocao_authoring.draft.yaml_text import OpenQuestion, decisions_of, write_yaml

__all__ = ["CannotLearn", "Learned", "OpenQuestion", "learn"]

LEVELS = ("commune", "province")
_MONEY_WIDTH = 16
"""Room for an amount in whole đồng."""


@dataclass(frozen=True)
class Learned:
    """The draft and what is open about it."""

    code: str
    version: str
    sheet: str
    text: str
    """the YAML file"""
    decisions: tuple[OpenQuestion, ...]
    passed_over: tuple[tuple[str, str], ...]
    form: Form | None
    """as the pack loader reads the draft; None when it cannot"""
    problem: str = ""
    """why the loader refuses the draft"""
    counts: dict[str, int] = field(default_factory=dict)


def learn(
    data: bytes,
    filename: str,
    *,
    version: str,
    sheet: str | None = None,
    code: str | None = None,
    levels: Sequence[str] = ("commune",),
    rules: RelationRules = WITHOUT_PACK,
) -> Learned:
    """Draft one form version from one sheet of an .xlsx file. `rules`: under which ids its relations stand.

    Raises CannotLearn when there is no form to be seen: no table, several sheets with one, a table of empty lines.
    """
    if unknown := [level for level in levels if level not in LEVELS]:
        raise CannotLearn(f"--levels: không có cấp {unknown[0]!r}; hãy dùng {', '.join(LEVELS)}")
    if not re.fullmatch(r"\d{4}\.\d+", version):
        raise CannotLearn(f"--version: {version!r} sai dạng; hãy ghi năm.lần, ví dụ 2026.1")
    grid = read_grid(data, PurePath(filename).name, sheet, has_table)
    tables = regions(grid)
    if not tables:
        raise CannotLearn(f"trang «{grid.sheet}» không có bảng với dòng tiêu đề (STT, Chỉ tiêu, Đơn vị tính …)")
    draft = _draft(grid, tables, PurePath(filename).name, version, code, levels, rules)
    text = write_yaml(draft, levels)
    form, problem = _load(text, draft)
    return Learned(
        draft.code,
        version,
        grid.sheet,
        text,
        tuple(decisions_of(draft)),
        tuple(draft.passed_over),
        form,
        problem,
        {
            "tables": len(draft.tables),
            "columns": sum(not c.left_out for t in draft.tables for c in t.columns),
            "rows": sum(len(t.rows) for t in draft.tables),
            "lists": len(draft.lists),
            "relations": sum(r.rule.declared for r in draft.relations),
            "relations_offered": sum(not r.rule.declared for r in draft.relations),
        },
    )


def _draft(
    grid: Grid,
    found: Sequence[Region],
    filename: str,
    version: str,
    given: str | None,
    levels: Sequence[str],
    rules: RelationRules,
) -> DraftForm:
    around = [read_around(grid, region) for region in found]
    first = around[0]
    code, doubts = code_of(first.number[0], given)
    title = " ".join(t for t, _ in first.title) or first.number[0] or grid.sheet
    form = DraftForm(
        code, version, title, _short(code, title), first.number[0] or code, f"{filename}, trang «{grid.sheet}»", []
    )
    form.doubts["code"] = [Doubt(d.reason, first.number[1]) for d in doubts]
    if not first.title:
        form.doubt("title", "không thấy dòng tên biểu ở đầu trang", "")
    elif len(first.title) > 1:
        form.doubt("title", f"tên biểu ghép từ {len(first.title)} dòng", first.title[0][1])
    if not first.number[0]:
        form.doubt("official", "không thấy số biểu in trên bản gốc")
    _doubt_provisions(form, around)
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for region, lines in zip(found, around, strict=True):
        table = _table(grid, region, lines, next(letters), form, several=len(found) > 1)
        if table is not None:
            form.tables.append(table)
            form.relations += relations_of(form.code, table, rules)
        form.instructions += lines.notes
        form.passed_over += lines.passed_over
    if not form.tables and not form.lists:
        raise CannotLearn(_nothing_to_fill(grid))
    _doubt_in_general(form, grid, levels)
    form.doubts = {k: v for k, v in form.doubts.items() if v}
    return form


def _nothing_to_fill(grid: Grid) -> str:
    return f"trang «{grid.sheet}» có bảng nhưng không dòng nào có tên và ô để điền số; hãy kiểm tra lại trang"


def _table(
    grid: Grid, region: Region, lines: Around, letter: str, form: DraftForm, *, several: bool
) -> DraftTable | None:
    heads = read_heads(grid, region)
    prefix = form.code if letter == "A" else f"{form.code}{letter}"
    read = read_rows(grid, region, heads, lines.unit[0], prefix)
    if read.open_rows and any(not r.heading for r in read.rows):
        reason = f"{len(read.open_rows)} dòng để trống cho đơn vị tự kê; biểu chỉ có dòng cố định nên không lấy vào"
        form.doubt("tables", reason, read.open_rows[0])
    # Only headings and empty lines: the units list their cases themselves.
    if not any(not r.heading for r in read.rows):
        _take_list(grid, region, heads, lines, form)
        return None
    title = " ".join(t for t, _ in lines.title) if several and letter != "A" else ""
    table = DraftTable(letter, title, heads.values, read.rows, heads.doubts + lines.doubts + read.doubts)
    derive_columns(grid, table.columns, table.rows)
    derive_rows(grid, table)
    if any(r.type is ValueType.MONEY for r in table.rows):
        for column in table.columns:
            if column.is_figure and column.width is None:
                column.width = _MONEY_WIDTH
    _doubt_table(table, read, lines, region, grid)
    return table


def _take_list(grid: Grid, region: Region, heads: Heads, lines: Around, form: DraftForm) -> None:
    """Empty lines alone: a list, when its head has columns enough."""
    code = "DS" if not form.lists else f"DS{len(form.lists) + 1}"
    title = " ".join(t for t, _ in lines.title) or form.title
    found = read_list(grid, region, heads, code, title, _short(f"{form.code} {code}", title))
    if found is not None:
        form.lists.append(found)


def _doubt_table(table: DraftTable, read: RowsRead, lines: Around, region: Region, grid: Grid) -> None:
    scaled = lines.unit if money_scale(lines.unit[0]) else ("", "")
    if scaled[0]:
        reason = f"bản gốc tính bằng {scaled[0]}; hệ thống nhận và lưu đủ đồng, hãy báo trước cho đơn vị"
        table.doubts.append(Doubt(reason, scaled[1]))
    elif any(r.unit == "đồng" and money_scale(grid.text(r.at, c)) for r in read.rows for c in range(grid.columns)):
        table.doubts.append(Doubt("có dòng tính bằng nghìn, triệu hoặc tỷ đồng; hệ thống nhận và lưu đủ đồng"))
    marked = [r for r in read.rows if r.not_in and not r.heading]
    if marked:
        reason = f"ô ghi dấu x hoặc gạch ở {len(marked)} dòng được hiểu là không phải điền"
        table.doubts.append(Doubt(reason, marked[0].a1))
    if read.samples:
        reason = f"bản gốc có sẵn số ở {len(read.samples)} ô; không đưa vào biểu"
        table.doubts.append(Doubt(reason, read.samples[0]))
    stock = [r.code for r in read.rows if r.nature is Nature.STOCK and r.entered]
    flows = any(r.nature is Nature.FLOW and r.entered for r in read.rows)
    said = f"tồn (stock) ở {', '.join(stock)}" if stock else "mọi dòng là phát sinh trong kỳ (flow)"
    said += ", còn lại là phát sinh trong kỳ (flow)" if stock and flows else ""
    table.doubts.append(Doubt(f"nature suy từ tên dòng: {said}", grid.a1(region.first, region.left)))


def _doubt_provisions(form: DraftForm, around: Sequence[Around]) -> None:
    lines = [p for a in around for p in a.provisions]
    for text, a1 in lines:
        form.doubt("anchor", f"căn cứ «{text}»: thêm vào legal_basis của regime.yaml rồi ghi anchor", a1)
    if not lines:
        form.doubt("anchor", "bản gốc không ghi căn cứ ban hành")
    day = next((d for text, _ in lines if (d := day_in(text))), "")
    named = f"; văn bản ghi ngày {day}" if day else ""
    form.doubt("valid_from", f"ngày bắt đầu áp dụng chưa có trong bản gốc{named}: ghi valid_from rồi bỏ dòng này")


def _doubt_in_general(form: DraftForm, grid: Grid, levels: Sequence[str]) -> None:
    who = {"commune": "cấp xã", "province": "cấp tỉnh"}
    said = " và ".join(who[level] for level in levels)
    form.doubt("tables", f"levels: mọi dòng nhập do {said} điền; bản gốc không ghi từng dòng ai điền, thuộc dự án nào")
    if form.tables:
        form.doubt("tables", "mọi ô nhập là bắt buộc (required) và tổng hợp bằng cách cộng (roll_up: sum) nếu là số")
    for hidden in grid.hidden:
        form.doubt("tables", hidden)
    if form.instructions:
        form.doubt(
            "instructions",
            "lấy từ ghi chú dưới bảng; hãy bỏ câu chỉ dành cho cơ quan tổng hợp",
            form.instructions[0][1],
        )
    widest = max((sum(not c.left_out for c in t.columns) for t in form.tables), default=9)
    form.landscape = widest > 4


def _short(code: str, title: str) -> str:
    """A sheet name: the code and as many words of the title as fit in 31 characters."""
    words = re.sub(r"[\[\]:*?/\\']", " ", title).split()
    short = code
    for word in words:
        # Titles are printed in capitals; a tab in capitals is hard to read.
        word = word.lower() if short != code and word.isupper() else word.capitalize() if word.isupper() else word
        if len(f"{short} {word}") > 31:
            break
        short = f"{short} {word}"
    return short


def _load(text: str, draft: DraftForm) -> tuple[Form | None, str]:
    """The draft through the pack loader's own rules for a form."""
    source: Any = Source(Path(f"{draft.code}/{draft.version}.yaml"), text)
    try:
        form: Form = source.model(Form)
    except PackError as error:
        return None, str(error)
    # The first one: a draft that does not load is corrected from the top, and then loads or names the next fault.
    for fault in (*check_form(source, form, set()), *check_sheet_names({form.code: source}, [form])):
        return None, str(fault)
    return form, ""
