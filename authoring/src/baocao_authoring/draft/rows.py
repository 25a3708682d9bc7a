"""Lines of an official form: numbering, hierarchy, units of measure, codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from baocao.model.form import ColumnRole, Nature, RollUp, ValueType
from baocao.text import fold, nfc
from baocao_authoring.draft.columns import ASKED, Heads
from baocao_authoring.draft.draft import DraftRow
from baocao_authoring.draft.grid import Doubt, Grid
from baocao_authoring.draft.regions import Region, is_dots
from baocao_authoring.draft.words import (
    NOT_FOR_ANSWERS,
    OF_WHICH,
    SPLIT_INTO,
    choices_in_brackets,
    heading_in_dong,
    is_total_line,
    kind_of_row,
    money_scale,
    says_total,
    type_of_unit,
    unit_in_heading,
)

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_IN_NAME = re.compile(r"^(?P<item>[IVX]+|\d+(?:\.\d+)*|[A-ZĐa-zđ])(?P<mark>[.)/])\s+|^(?P<bullet>[-–+•*])\s*")
_REPEAT = frozenset({"nt", "-nt-", '"', "''", "”", "-", "như trên", "”-"})
_STOCK = ("hiện có", "hiện đang", "đang ", "còn ", "tồn ", "tính đến", "cuối kỳ", "có hồ sơ quản lý", "đang quản lý")
_ROLL_UPS = {
    ValueType.COUNT: RollUp.SUM, ValueType.DECIMAL: RollUp.SUM, ValueType.MONEY: RollUp.SUM,
    ValueType.BOOL: RollUp.YES_COUNT, ValueType.TEXT: RollUp.LIST, ValueType.DATE: RollUp.LIST,
}  # fmt: skip
_NUMBERED = frozenset({"số", "la mã", "chữ hoa", "chữ thường"})
_DEEPEST = 6


@dataclass
class RowsRead:
    """The lines of a table, and what was found among them that is no line."""

    rows: list[DraftRow]
    doubts: list[Doubt] = field(default_factory=list)
    open_rows: list[str] = field(default_factory=list)
    """A1 of lines left empty for a list: they cannot be rows of a form"""
    samples: list[str] = field(default_factory=list)
    """A1 of figures found in the body: not taken over"""


def read_rows(grid: Grid, region: Region, heads: Heads, table_unit: str, form: str) -> RowsRead:
    """Every line of the body with its place in the hierarchy, its unit and type, and its code."""
    read = RowsRead([])
    for at in range(region.first, region.end):
        row = _line(grid, region, heads, at, read)
        if row is not None:
            read.rows.append(row)
    _nest(read.rows, has_stt=heads.stt is not None)
    _set_units(read.rows, heads, table_unit)
    if any(c.role is ColumnRole.OPENING for c in heads.values):
        for row in read.rows:
            row.nature = Nature.STOCK  # a table of movements holds stocks
    _give_codes(read.rows, form)
    return read


def _line(grid: Grid, region: Region, heads: Heads, at: int, read: RowsRead) -> DraftRow | None:
    cells = [(c, t) for c, t in grid.cells(at) if region.left <= c <= region.right]
    if not cells:
        return None
    stt = grid.own(at, heads.stt) if heads.stt is not None else ""
    pieces = [(c, t) for c in heads.names if (t := grid.own(at, c))]
    if not pieces and heads.stt is not None and stt and not _looks_like_item(stt):
        pieces = [(heads.stt, stt)]  # a heading merged across from the first column
        stt = ""
    name = nfc(" ".join(t for _, t in pieces))
    # A line of dots, or a number alone, is room for the unit's own cases.
    if not name or is_dots(name):
        if stt or name:
            read.open_rows.append(grid.a1(at, cells[0][0]))
        else:
            read.doubts.append(
                Doubt("dòng có nội dung mà không có tên chỉ tiêu; không lấy vào biểu", grid.a1(at, cells[0][0]))
            )
        return None
    where = pieces[0][0]
    row = DraftRow(at, grid.a1(at, where), "", name)
    _split_number(row, stt)
    row.indent = grid.indents.get((at, where), 0) + (heads.names.index(where) if where in heads.names else 0)
    row.across = bool(heads.values) and grid.right(at, where) >= max(c.at for c in heads.values if c.at >= 0)
    if heads.measure is not None and not row.across:
        row.unit = grid.text(at, heads.measure).strip("()")
    if heads.code is not None and not row.across:
        row.printed_code = grid.own(at, heads.code)
    for column in heads.values:
        text = grid.text(at, column.at) if column.at >= 0 else ""
        if not text or row.across:
            continue
        if fold(text) in NOT_FOR_ANSWERS:
            row.not_in.add(column.at)
        elif re.fullmatch(r"[\d.,\s%]+", text):
            read.samples.append(grid.a1(at, column.at))
    return row


def _looks_like_item(text: str) -> bool:
    return bool(re.fullmatch(r"\(?([IVX]+|\d+(\.\d+)*|[A-ZĐa-zđ]|[-+•*])\s*[.)]?\s*(=.*)?", text))


def _split_number(row: DraftRow, stt: str) -> None:
    """The printed number, from the STT column or from the beginning of the name; `row.item` holds it bare."""
    row.item = re.sub(r"[\s().]+$", "", stt.lstrip("(").split("=")[0])
    if "=" in stt:
        row.name = f"{row.name} (={stt.split('=', 1)[1]})"
    if row.item in {"-", "+", "•", "*"}:
        row.name, row.item = f"{row.item} {row.name}", ""
    if not row.item and (found := _IN_NAME.match(row.name)) and found["item"]:
        row.item, row.name = found["item"], row.name[found.end() :]  # the blank prints `item. name`


def _kind(row: DraftRow, rows: list[DraftRow]) -> tuple[str, int]:
    """What sort of numbering it is: lines of the same kind under one parent are siblings."""
    item = row.item
    if row.separator:
        return ("trong đó", 0)
    if re.fullmatch(r"\d+(\.\d+)*", item):
        return ("số", item.count("."))
    if item in _ROMAN and not _is_letter_in_sequence(item, rows):
        return ("la mã", 0)
    if re.fullmatch(r"[A-ZĐ]", item):
        return ("chữ hoa", 0)
    if item:
        return ("chữ thường", 0)
    bullet = _IN_NAME.match(row.name)
    if bullet and bullet["bullet"]:
        return (f"gạch {bullet['bullet']}".replace("–", "-"), 0)
    return ("không số", row.indent)


def _is_letter_in_sequence(item: str, rows: list[DraftRow]) -> bool:
    """`C`, `D`, `I` after `B`, `C`, `H` are letters, not Roman numbers."""
    before = [r.item for r in rows if re.fullmatch(r"[A-ZĐ]", r.item)]
    return len(item) == 1 and bool(before) and before[-1] not in _ROMAN[:1] and ord(item) - ord(before[-1]) == 1


def _nest(rows: list[DraftRow], *, has_stt: bool) -> None:
    """Parents from the numbering: a kind seen before closes what it opened, a new kind goes one deeper."""
    stack: list[tuple[tuple[str, int], DraftRow]] = []
    seen: list[DraftRow] = []
    for row in rows:
        row.separator = bool(OF_WHICH.fullmatch(row.name) or SPLIT_INTO.fullmatch(row.name))
        inline = bool(OF_WHICH.match(row.name)) and not row.separator
        kind = ("trong đó ở dòng", 0) if inline else _kind(row, seen)
        if is_total_line(row.name) and not row.item:
            stack.clear()  # a total of the whole table or section stands by itself
        elif kind in [k for k, _ in stack]:
            while stack[-1][0] != kind:
                stack.pop()
            stack.pop()
        elif kind[0] == "không số":
            _close_unnumbered(stack, kind, has_stt)
        elif row.separator or inline:
            _close_of_which(stack)
        elif kind[0] in _NUMBERED and stack and stack[-1][0][0] == "không số" and stack[-1][1].unit:
            while stack and stack[-1][0][0] == "không số":
                stack.pop()  # a line with a figure of its own is no section
            while stack and kind in [k for k, _ in stack]:
                stack.pop()
        elif kind[0] == "số" and kind[1] == 0 and any(k[0] == "số" for k, _ in stack):
            while any(k[0] == "số" for k, _ in stack):
                stack.pop()
        parent = stack[-1][1] if stack else None
        row.parent = parent
        if parent is not None:
            parent.children.append(row)
            row.of_which = inline or (parent.separator and bool(OF_WHICH.match(parent.name)))
        # Nothing lies under a total.
        if not (is_total_line(row.name) and not row.item):
            stack.append((kind, row))
        # Deeper ones would run out of the column of names.
        row.indent = min(len(stack) - 1, _DEEPEST) if stack else 0
        seen.append(row)


def _close_unnumbered(stack: list[tuple[tuple[str, int], DraftRow]], kind: tuple[str, int], has_stt: bool) -> None:
    """A line without number or bullet lies under a separator, under what is indented less, or (its STT being empty)
    under the numbered line above it."""
    while stack and not stack[-1][1].separator:
        above = stack[-1][0]
        if above[0] == "không số" and above[1] < kind[1]:
            return
        if above[0] in _NUMBERED and (kind[1] > 0 or (has_stt and not stack[-1][1].across)):
            return
        stack.pop()


def _close_of_which(stack: list[tuple[tuple[str, int], DraftRow]]) -> None:
    """`Trong đó` is about the line just above it (or of the line whose parts stand just above it)."""
    while len(stack) > 1 and stack[-1][1].of_which:
        stack.pop()


def _set_units(rows: list[DraftRow], heads: Heads, table_unit: str) -> None:
    """Unit of measure and type of every line; headings are the lines nobody can put a figure in."""
    for n, row in enumerate(rows):
        # "nt", ditto marks: as the line above.
        if fold(row.unit) in _REPEAT:
            row.unit = rows[n - 1].unit if n else ""
        figures = [c for c in heads.values if c.is_figure]
        row.heading = row.across or row.separator or (bool(figures) and all(c.at in row.not_in for c in figures))
        if not row.unit:
            row.unit = unit_in_heading(row.name)
        if not row.unit and not row.heading:
            _take_unit_from_elsewhere(row, heads, table_unit)
    for row in rows:
        if not row.heading:
            _set_type(row)
        else:
            row.unit = ""


def _take_unit_from_elsewhere(row: DraftRow, heads: Heads, table_unit: str) -> None:
    """Give a row without a measure that of its table or parent; with children of its own it is a heading."""
    if table_unit:
        row.unit = table_unit
        return
    parent = row.parent
    while parent is not None and parent.separator:
        parent = parent.parent
    if parent is not None and not parent.heading and parent.unit and (row.of_which or not row.item):
        row.unit = parent.unit  # `trong đó` and dashes count the same things
        if heads.measure is not None and not row.of_which:
            row.doubt(f"không ghi đơn vị tính: lấy theo dòng «{parent.name}»")
        return
    plain = [c for c in row.children if not c.of_which and not c.separator]
    if plain and (heads.measure is not None or not says_total(row.name)):
        row.heading = True
        if heads.measure is None:
            row.doubt("dòng có mục con và không có đơn vị tính: coi là dòng tiêu đề, không nhập số")
    elif heads.measure is not None and row.item in _ROMAN + tuple("ABCDE") and not row.children:
        row.doubt("dòng không có đơn vị tính: coi là dòng số đếm")


def _set_type(row: DraftRow) -> None:
    """Set type, roll-up and nature of a row from its measure and name; amounts become whole đồng."""
    kind = type_of_unit(row.unit) if row.unit else None
    asked = kind_of_row(row.name, row.unit)
    if kind is None and (options := choices_in_brackets(row.name)):
        kind = ValueType.TEXT
        row.doubt(f"dòng chọn: tạm nhận là chữ; đổi thành type: choice, options: [{', '.join(options)}]")
    elif asked is not None and (kind is None or kind is asked is ValueType.BOOL):
        kind = asked
        row.doubt(f"dòng hỏi {ASKED[kind]}: không phải số đếm, không cộng")
    if kind is None:
        said = f"chưa biết đơn vị tính «{row.unit}»" if row.unit else "không thấy đơn vị tính"
        row.doubt(f"{said}: coi là số đếm, nguyên")
        kind = ValueType.COUNT
    row.type = kind
    if kind is ValueType.MONEY and money_scale(row.unit):
        if unit_in_heading(row.name) == row.unit:
            row.name = heading_in_dong(row.name)
            row.doubt(f"tên dòng ghi ({row.unit}), đã đổi thành (đồng): hệ thống nhận và lưu đủ đồng")
        row.unit = "đồng"
    row.roll_up = _ROLL_UPS.get(kind, RollUp.SUM)
    row.nature = Nature.FLOW
    if kind in {ValueType.BOOL, ValueType.TEXT, ValueType.DATE}:
        row.nature = Nature.NONE
    elif any(w in f" {fold(row.name)} " for w in _STOCK):
        row.nature = Nature.STOCK
    elif row.parent is not None and not row.parent.heading and row.parent.unit == row.unit:
        row.nature = row.parent.nature  # a part is counted as the whole is


def _give_codes(rows: list[DraftRow], form: str) -> None:
    """`B10.1.2a`: the form's code and the printed numbers down to the line; unique, and a person may rename them."""
    base = re.sub(r"[^A-Za-z0-9]", "", form)
    taken: set[str] = set()
    headings = 0
    for row in rows:
        row.code = _code(row, base)
        if row.heading:
            headings += 1
            row.code = f"{base}.M{headings}"
        if row.code in taken:
            n = 2
            while f"{row.code}_{n}" in taken:
                n += 1
            row.code = f"{row.code}_{n}"
            if not row.heading and row.item:
                reason = f"số thứ tự {row.item} đứng hai lần (Excel có thể đã đổi 1.10 thành 1.1); mã dòng thêm _{n}"
                row.doubt(reason)
        taken.add(row.code)


def _code(row: DraftRow, base: str) -> str:
    printed = re.sub(r"[^A-Za-z0-9.]", "", row.printed_code)
    if printed:
        return f"{base}.{printed}"
    if is_total_line(row.name) and not row.item:
        return f"{base}.TONG"
    if re.fullmatch(r"\d+(\.\d+)+", row.item):
        # 1.1 under 1 says it all; under II it does not.
        top = row.parent
        while top is not None and (top.separator or re.fullmatch(r"\d+(\.\d+)*", top.item)):
            top = top.parent
        return f"{_path_of(top, base)}.{row.item}"
    return _path_of(row, base)


def _path_of(row: DraftRow | None, base: str) -> str:
    if row is None:
        return base
    above = row.parent
    while above is not None and above.separator:
        above = above.parent
    if re.fullmatch(r"\d+(\.\d+)+", row.item):
        return _code(row, base)
    item = re.sub(r"[^A-Za-z0-9]", "", row.item.replace("đ", "dd").replace("Đ", "DD"))
    if not item:
        siblings = [r for r in (row.parent.children if row.parent else []) if not r.item]
        item = f"{'t' if row.of_which else 'x'}{siblings.index(row) + 1}" if row in siblings else f"x{row.at + 1}"
    joint = "" if re.fullmatch(r"[a-z]+\d*", item) and above is not None else "."
    return f"{_path_of(above, base)}{joint}{item}"
