"""A table with nothing but empty lines is a list: each column a property of a case, its type read from its heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from baocao.model.form import ValueType
from baocao.model.pack_parts.lists import ListType
from baocao.text import fold
from baocao_authoring.draft.columns import Heads, path_of, printed_path
from baocao_authoring.draft.draft import DraftList, DraftListColumn
from baocao_authoring.draft.grid import Doubt, Grid
from baocao_authoring.draft.regions import Region
from baocao_authoring.draft.words import (
    choices_in_brackets,
    heading_without_unit,
    initials,
    is_note,
    kind_of_heading,
    money_unit,
    type_of_unit,
    unit_in_heading,
)

_KEYS = ("số, ký hiệu", "số quyết định", "số văn bản", "số hồ sơ", "mã ", "số thụ lý", "số kế hoạch")


def read_list(grid: Grid, region: Region, heads: Heads, code: str, title: str, short: str) -> DraftList | None:
    """The list whose head this is; None when it is none, or has fewer than two columns beside the running number."""
    if heads.measure is not None:
        return None  # lines with a unit of measure are indicators
    columns: list[DraftListColumn] = []
    for at in range(region.left, region.right + 1):
        path = path_of(grid, region, at, heads)
        if at != heads.stt and path:
            columns.append(_column(grid, region, at, path))
    if len(columns) < 2:
        return None
    _give_codes(columns)
    # The schema wants one required column, else no filled row could be distinguished from an empty one.
    if all(not c.required for c in columns):
        columns[0].required = True
    key = next(([c.code] for c in columns if f"{fold(c.title.rpartition(' - ')[2])} ".startswith(_KEYS)), [])
    found = DraftList(code, title, short, columns, key)
    where = grid.a1(region.first, region.left) if region.first < grid.rows else grid.a1(region.bottom, region.left)
    found.doubts.append(Doubt("bảng chỉ có dòng trống: coi là danh sách, đơn vị tự thêm dòng", where))
    said = f"khóa chống trùng là cột {key[0]}" if key else "chưa có khóa chống trùng (key)"
    found.doubts.append(Doubt(f"{said}; mọi cột trừ ghi chú là bắt buộc; ngày phải nằm trong kỳ (in_period)", where))
    return found


def _column(grid: Grid, region: Region, at: int, path: Sequence[str]) -> DraftListColumn:
    title, leaf = printed_path(path), path[-1]
    row = max((r for r in range(region.top, region.bottom + 1) if grid.text(r, at) == leaf), default=region.bottom)
    found = DraftListColumn(at, grid.a1(row, at), title, ListType.TEXT)
    unit = unit_in_heading(leaf) or next((u for t in path[:-1] if (u := unit_in_heading(t))), "")
    kind = type_of_unit(unit) if unit else None
    if is_note(leaf):
        found.required = False
    elif options := choices_in_brackets(leaf):
        found.type, found.options = ListType.CHOICE, options
        found.doubt(f"cột chọn: các lựa chọn lấy từ tiêu đề ({', '.join(options)}); hãy xem đã đủ chưa")
    elif kind is ValueType.RATIO:
        found.type = ListType.DECIMAL
        found.doubt("tỷ lệ của từng dòng: tạm là số thập phân, không cộng")
    elif kind is not None:
        found.type, found.unit = ListType(kind.value), "" if kind is ValueType.BOOL else unit
        if kind is ValueType.MONEY:
            found.unit = money_unit(unit)
            found.title = heading_without_unit(title)
            found.doubt(f"đơn vị ghi bằng {found.unit}, hệ thống lưu đủ đồng và in lại bằng {found.unit}")
    elif (told := kind_of_heading(leaf)) is not None:
        found.type = ListType(told.value)
        if told is not ValueType.TEXT:
            found.doubt(f"kiểu {told.value} suy từ tiêu đề «{leaf}»")
    elif fold(leaf).startswith(("số ", "tổng số ")):
        found.type = ListType.COUNT
        found.doubt(f"cột «{leaf}» coi là số đếm của từng dòng")
    else:
        found.doubt(f"chưa rõ kiểu của cột «{leaf}»: tạm là chữ (text)")
    return found


def _give_codes(columns: Sequence[DraftListColumn]) -> None:
    taken: set[str] = set()
    for column in columns:
        base = re.sub(r"[^A-Z0-9_]", "", initials(column.title))[:12] or "C"
        code, n = base, 2
        while code in taken:
            code, n = f"{base}_{n}", n + 1
        column.code = code
        taken.add(code)
