"""Columns of an official form: what stands under which merged heading, and what each column is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from baocao.model.form import PRINTED_ONCE, ColumnRole, ValueType
from baocao.text import fold
from baocao_authoring.draft.draft import DraftColumn
from baocao_authoring.draft.grid import Doubt, Grid
from baocao_authoring.draft.regions import Region
from baocao_authoring.draft.words import (
    CODE,
    MEASURE,
    OF_WHICH,
    SPLIT_INTO,
    STT,
    UNIT_LIST,
    choices_in_brackets,
    heading_in_dong,
    initials,
    is_name,
    is_note,
    kind_of_heading,
    money_scale,
    role_of,
    says_total,
    type_of_unit,
    unit_in_heading,
)

_ROLE_CODES = {
    ColumnRole.PLAN_YEAR: "KHN", ColumnRole.ACTUAL: "TH", ColumnRole.DENOMINATOR: "MS", ColumnRole.RATIO: "TL",
    ColumnRole.CUMULATIVE_YEAR: "LKN", ColumnRole.CUMULATIVE_TERM: "LKGD", ColumnRole.OPENING: "DK",
    ColumnRole.CLOSING: "CK", ColumnRole.ALLOCATED: "PB", ColumnRole.SETTLED: "QT", ColumnRole.DEBT: "NODONG",
    ColumnRole.EXPLANATION: "GT",
}  # fmt: skip
_ONE_EACH = (ColumnRole.OPENING, ColumnRole.CLOSING, ColumnRole.DENOMINATOR)
_YEAR = re.compile(r"(?<!-)(?<!- )\b20\d\d\b(?!\s*-)")
"""A year by itself, not an end of `2026-2030`."""
_EARLIER = ("cùng kỳ", "kỳ trước", "năm trước", "năm ngoái")


@dataclass
class Heads:
    """Which column of the original is what. Zero-based; None: there is none."""

    stt: int | None = None
    names: list[int] = field(default_factory=list)
    code: int | None = None
    measure: int | None = None
    values: list[DraftColumn] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def read_heads(grid: Grid, region: Region) -> Heads:
    """The head of a table, column by column."""
    heads = Heads()
    paths = {c: path_of(grid, region, c, heads) for c in range(region.left, region.right + 1)}
    for column, path in paths.items():
        if not path:
            continue
        folded = fold(path[0]).strip(" .:*")
        if folded in STT and heads.stt is None:
            heads.stt = column
        # A name merged over several columns: parts of it stand further right the deeper the line is.
        elif is_name(path[0]) and (not heads.names or grid.owner(region.top, column)[1] == heads.names[0]):
            heads.names.append(column)
        elif folded in CODE and heads.code is None:
            heads.code = column
        elif folded in MEASURE and heads.names:
            heads.measure = column
        elif not heads.names and folded.startswith(UNIT_LIST):
            heads.names.append(column)
            reason = (
                f"cột «{path[0]}» liệt kê đơn vị theo dòng: có thể là biểu tổng hợp, không phải biểu một đơn vị điền"
            )
            heads.doubts.append(Doubt(reason, grid.a1(region.top, column)))
        else:
            heads.values.append(_column(grid, region, column, path))
    if not heads.names and heads.values:
        first = heads.values.pop(0)
        heads.names = [first.at]
        heads.doubts.append(Doubt(f"không thấy cột «Chỉ tiêu»; coi cột «{first.title}» là tên dòng", first.a1))
    _name_roles(heads)
    _put_explanation_last(heads, grid, region)
    _give_codes(heads.values)
    return heads


def path_of(grid: Grid, region: Region, column: int, heads: Heads) -> tuple[str, ...]:
    """Headings over a column from the top, each merged cell once."""
    path: list[str] = []
    seen: set[tuple[int, int]] = set()
    for row in range(region.top, region.bottom + 1):
        owner = grid.owner(row, column)
        text = grid.text(row, column)
        # Many official files draw a group by borders and leave the cells right of its heading empty instead of
        # merging them.
        if not text and row < region.bottom and column > region.left and owner not in grid.merged:
            text, owner = _unmerged_group(grid, region, row, column)
            if text and owner not in seen and path == []:
                reason = f"ô tiêu đề trống, coi như thuộc nhóm «{text}» bên trái vì các ô chưa gộp"
                heads.doubts.append(Doubt(reason, grid.a1(row, column)))
        if text and owner not in seen:
            path.append(text)
            seen.add(owner)
    return tuple(path)


def _unmerged_group(grid: Grid, region: Region, row: int, column: int) -> tuple[str, tuple[int, int]]:
    if not any(grid.own(r, column) for r in range(row + 1, region.bottom + 1)):
        return "", (row, column)
    for left in range(column - 1, region.left, -1):
        if text := grid.text(row, left):
            spans = grid.bottom(row, left) >= region.bottom or (row, left) in grid.merged
            return ("", (row, column)) if spans else (text, grid.owner(row, left))
    return "", (row, column)


def _column(grid: Grid, region: Region, column: int, path: tuple[str, ...]) -> DraftColumn:
    leaf = path[-1]
    row = max((r for r in range(region.top, region.bottom + 1) if grid.text(r, column) == leaf), default=region.bottom)
    group, title = _printed(path)
    found = DraftColumn(column, grid.a1(row, column), path, title, group, ColumnRole.ATTRIBUTE)
    if region.numbers is not None:
        number, _, stated = grid.text(region.numbers, column).partition("=")
        found.number, found.stated = number.strip(" ()"), stated.strip()
        # `(3=1+2)`: the bracket around the whole was opened before the equals sign.
        if found.stated.endswith(")") and found.stated.count("(") < found.stated.count(")"):
            found.stated = found.stated[:-1]
    return found


def printed_path(path: Sequence[str]) -> str:
    """All headings over a column in one title."""
    group, title = _printed(tuple(path))
    return f"{group} - {title}" if group else title


def _printed(path: tuple[str, ...]) -> tuple[str | None, str]:
    """(group, title): our blank has two heading rows, so what lies between top and bottom goes into the title."""
    if len(path) == 1:
        return None, path[0]
    title = path[-1]
    for above in reversed(path[1:-1]):
        joint = ": " if OF_WHICH.fullmatch(above) or SPLIT_INTO.fullmatch(above) else " - "
        title = f"{above.rstrip(' :')}{joint}{title}"
    return path[0].rstrip(" :"), title


def _name_roles(heads: Heads) -> None:
    """Set the role and type of every value column, with a doubt where the headings do not say them."""
    for column in heads.values:
        if is_note(column.leaf):
            column.role, column.type = ColumnRole.EXPLANATION, ValueType.TEXT
            continue
        _set_role(column)
        unit = unit_in_heading(column.leaf) or next((u for t in column.path[:-1] if (u := unit_in_heading(t))), "")
        kind = type_of_unit(unit) if unit else None
        if column.role is ColumnRole.RATIO:
            column.type = ValueType.RATIO
            # It stands under the same heading as the amounts, which are asked for in đồng.
            column.group = None if column.group is None else heading_in_dong(column.group)
        elif kind is not None and kind is not ValueType.BOOL:
            column.type = kind
            _ask_in_whole_dong(column, unit)
        else:
            _mark_what_is_no_figure(column)
    _leave_earlier_years_out(heads)
    # "Tăng" and "giảm" are movements only beside an opening stock; elsewhere they may be changes against last year.
    movement = any(c.role is ColumnRole.OPENING for c in heads.values)
    for column in heads.values:
        if column.role in {ColumnRole.INCREASE, ColumnRole.DECREASE} and not movement:
            column.role = ColumnRole.ATTRIBUTE
            column.doubt("tiêu đề nói tăng, giảm nhưng bảng không có cột đầu kỳ; chưa rõ vai trò")
    for role in _ONE_EACH:
        for again in [c for c in heads.values if c.role is role][1:]:
            again.doubt(f"có hai cột cùng vai trò {role}; hãy giữ một")
            # A role stands once in a row (`Table.by_role`): two of one would hide each other.
            again.role = ColumnRole.ATTRIBUTE
    for role in PRINTED_ONCE:
        same = [c for c in heads.values if c.role is role]
        # Which of them a report tells nobody but a person can know: the role stays, for ratios are read from it.
        if len(same) > 1:
            named = ", ".join(f"«{' - '.join(c.path)}»" for c in same)
            same[-1].doubt(
                f"các cột {named} cùng vai trò {role}: báo cáo chỉ in cột này; cột không in thì ghi attribute"
            )


def _mark_what_is_no_figure(column: DraftColumn) -> None:
    """A heading that asks for a date, a text, yes or no, or a choice: never counted."""
    options = choices_in_brackets(column.leaf)
    kind = ValueType.TEXT if options else kind_of_heading(column.leaf)
    if kind is None:
        return
    column.type = kind
    if column.role is not ColumnRole.ACTUAL:
        column.role = ColumnRole.ATTRIBUTE
        column.doubts[:] = [d for d in column.doubts if "chưa nhận ra vai trò" not in d.reason]
    if options:
        column.doubt(
            f"cột chọn ({', '.join(options)}): lựa chọn của biểu đặt ở dòng (type: choice, options), nên tạm nhận là "
            "chữ; nếu mỗi dòng của bản gốc là một trường hợp thì chuyển thành danh sách (lists)"
        )
    else:
        column.doubt(f"cột «{column.title}» hỏi {ASKED[kind]}: không phải số đếm, không cộng")


ASKED = {ValueType.DATE: "ngày", ValueType.TEXT: "chữ", ValueType.BOOL: "có hoặc không"}


def _ask_in_whole_dong(column: DraftColumn, unit: str) -> None:
    """What the original counts in thousands or millions is asked for in đồng: printed so, and somebody must look."""
    if not money_scale(unit):
        return
    # Tables keep to whole đồng (ADR 0034); a heading that went on saying "triệu đồng" would make amounts a million
    # times too small.
    column.title = heading_in_dong(column.title)
    if column.group is not None:
        column.group = heading_in_dong(column.group)
    column.doubt(
        f"bản gốc tính cột này bằng {unit}; đã ghi thành (đồng) vì hệ thống nhận và lưu đủ đồng: hãy báo trước cho đơn "
        "vị, và ghi plausible để hỏi lại khi số nhập quá nhỏ"
    )


def _leave_earlier_years_out(heads: Heads) -> None:
    """Columns of several years: what an earlier year was is known already."""
    named = {c.at: max(years) for c in heads.values if (years := _YEAR.findall(" ".join(c.path)))}
    for column in heads.values:
        if column.at in named and named[column.at] < max(named.values()):
            column.doubt(f"cột số của năm {named[column.at]}: hệ thống tự giữ số đã báo cáo; nên bỏ cột này khỏi biểu")


def _set_role(column: DraftColumn) -> None:
    """Set the role of one column from its own heading, then from the headings above it."""
    own = role_of(column.leaf)
    inherited = next((r for t in reversed(column.path[:-1]) if (r := role_of(t)) is not None), None)
    whole = fold(" ".join(column.path))
    part = any(OF_WHICH.match(t) or SPLIT_INTO.match(t) for t in column.path[:-1])
    role = own or (None if part else inherited)
    # "So với" above a group does not make every column below it a percentage.
    if role is ColumnRole.RATIO and own is None and "%" not in whole and "tỷ lệ" not in whole:
        role = None
    if role is not ColumnRole.RATIO and any(w in whole for w in _EARLIER) and role is not ColumnRole.OPENING:
        column.role = ColumnRole.ATTRIBUTE
        column.doubt("cột số kỳ trước: hệ thống tự giữ số đã báo cáo; nên bỏ cột này khỏi biểu")
    elif role is ColumnRole.PLAN_YEAR and "giai đoạn" in whole:
        column.role = ColumnRole.ATTRIBUTE
        column.doubt("kế hoạch cả giai đoạn: chưa có vai trò riêng, tạm ghi attribute")
    elif role is not None:
        column.role = role
    elif part:
        column.role = ColumnRole.ATTRIBUTE  # a part of another column
    elif says_total(column.leaf):
        column.role = ColumnRole.ACTUAL
        column.doubt("cột tổng số: coi là số thực hiện trong kỳ")
    else:
        column.doubt(f"chưa nhận ra vai trò của cột «{column.title}», tạm ghi attribute: nhận số và cộng lại")


def _put_explanation_last(heads: Heads, grid: Grid, region: Region) -> None:
    """The loader wants the explanation as the last column: moved there, or added."""
    notes = [c for c in heads.values if c.role is ColumnRole.EXPLANATION]
    heads.values = [c for c in heads.values if c.role is not ColumnRole.EXPLANATION]
    for more in notes[1:]:
        more.role = ColumnRole.NOTE
        more.doubt("có hai cột ghi chú; cột cuối là cột giải trình, cột này giữ là ghi chú")
    heads.values += notes[1:]
    if notes:
        if notes[0].at != max(c.at for c in [*heads.values, notes[0]]):
            notes[0].doubts.append(Doubt("cột ghi chú được chuyển về cuối bảng", notes[0].a1))
        last = notes[0]
    else:
        last = DraftColumn(-1, "", ("Giải trình, ghi chú",), "Giải trình, ghi chú", None, ColumnRole.EXPLANATION)
        last.type = ValueType.TEXT
        where = grid.a1(region.top, region.right)
        last.doubts.append(Doubt("bản gốc không có cột ghi chú; thêm vì đơn vị cần chỗ giải trình", where))
    last.group, last.width = None, 30
    heads.values.append(last)


def _give_codes(columns: list[DraftColumn]) -> None:
    """Short codes: by role where the role stands once, else initials of the headings; unique within the table."""
    taken: set[str] = set()
    for column in columns:
        alike = [c for c in columns if c.role is column.role]
        # The codes of docs/workbook.md, so that people and programs find the usual columns under the usual names.
        code = _ROLE_CODES.get(column.role, "") if len(alike) == 1 else ""
        if not code:
            parts = [initials(t) for t in _telling(column, columns)]
            code = "_".join(parts)[:20].strip("_")
        base, n = code, 2
        while code in taken:
            code, n = f"{base}_{n}", n + 1
        column.code = re.sub(r"[^A-Z0-9_]", "", code)
        taken.add(column.code)


def _telling(column: DraftColumn, columns: list[DraftColumn]) -> list[str]:
    """The headings that distinguish the column from the others: without `trong đó` alone, without those all share."""
    shared = set.intersection(*(set(c.path) for c in columns if c.is_figure)) if len(columns) > 2 else set()
    kept = [t for t in column.path if t not in shared and not OF_WHICH.fullmatch(t) and not SPLIT_INTO.fullmatch(t)]
    return kept or [column.leaf]
