"""What a line follows from, and what it may not exceed: printed formulas, formulas in cells, totals, `trong đó`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from baocao.forms.contract import column_name
from baocao.model.form import ColumnRole, RollUp, ValueType
from baocao_authoring.draft.column_rules import of_which_columns, parse_formula, split_again
from baocao_authoring.draft.draft import DraftColumn, DraftRelation, DraftRow, DraftTable
from baocao_authoring.draft.grid import Doubt, Grid
from baocao_authoring.draft.relation_rules import RelationRules
from baocao_authoring.draft.words import (
    SPLIT_INTO,
    is_total_line,
    says_everybody,
    says_men,
    says_total,
    says_women,
    unit_in_brackets,
)

_PRINTED = re.compile(
    r"\(\s*=?\s*((?:[\w.]+\s*=\s*)?\(?[\w.]+\)?(?:\s*[+\-:/]\s*\(?[\w.]+\)?)+(?:\s*[*x]\s*100)?)\s*\)"
)
_SECTION = re.compile(r"(?:cộng|tổng|số|mục|phần)\s+\(?([IVX]+|[A-ZĐ]|\d+)\)?\s*:?$", re.IGNORECASE)
"""`Cộng I`, `Cộng mục A`: the section a total closes."""


def derive_rows(grid: Grid, table: DraftTable) -> None:
    """Set `derive` on every line that is a total or a ratio; a ratio of unknown sides becomes a doubtful heading."""
    rows = table.rows
    for row in rows:
        if row.heading:
            continue
        _derive_by_formula(grid, row, rows, table.columns)
        if row.derive is None and is_total_line(row.name) and not row.children:
            _derive_total_line(row, rows)
        elif row.derive is None and row.type is ValueType.RATIO:
            _derive_ratio_of_children(row)
        elif row.derive is None and row.children:
            _derive_from_children(row)
    for row in rows:
        if row.derive is None and row.type is ValueType.RATIO and not row.heading:
            row.heading = True
            row.doubt("tỷ lệ không được nhập và chưa rõ tử số, mẫu số: tạm để là dòng tiêu đề")
        if row.derive is not None:
            row.roll_up = RollUp.DERIVED
    _break_circles(rows)


def _derive_by_formula(grid: Grid, row: DraftRow, rows: Sequence[DraftRow], columns: Sequence[DraftColumn]) -> None:
    """`(I+II)`, `(1=2+3)` in the name or in STT; else what the cells of the line compute."""
    scope = _scope(row, rows)

    def named(name: str) -> str | None:
        inside = [r for r in scope if name in (r.item, r.printed_code)]
        # A printed `(1+2)` means the lines below it first: the same numbers stand in every section.
        found = inside or [r for r in rows if name in (r.item, r.printed_code)]
        found = [r for r in found if r is not row and not (r.heading and not r.children)]
        # Two lines of that number, or a heading without a figure: better no formula than a wrong one.
        return found[0].code if len(found) == 1 and not found[0].heading else None

    # "(km/giờ)" is a unit of measure and no formula.
    printed = None if unit_in_brackets(row.name) else _PRINTED.search(row.name)
    if printed:
        text = printed[1].split("=")[-1]
        row.derive = parse_formula(text, named)
        if row.derive is None:
            row.doubt(f"không hiểu công thức «{text.strip()}» trong tên dòng")
        elif "ratio" in row.derive:
            row.type = ValueType.RATIO
        return
    by_line = {r.at + 1: r.code for r in rows if not r.heading}
    for column in columns:
        formula = grid.formulas.get((row.at, column.at))
        if formula is None or column.derive is not None:
            continue
        letters = column_name(column.at)
        text = re.sub(r"SUM\(([^()]*)\)", lambda m: _spelt(m[1], by_line, rows), formula[1:].replace("$", ""))
        refs = re.findall(r"([A-Z]{1,3})(\d+)", text)
        # A formula over columns is the column's, not the line's.
        if not refs or any(r[0] != letters for r in refs):
            continue
        row.derive = parse_formula(text, lambda name: by_line.get(int(re.sub(r"\D", "", name) or 0)))
        if row.derive is None:
            row.doubts.append(Doubt(f"không hiểu công thức «{formula}»", grid.a1(row.at, column.at)))
        elif "ratio" in row.derive:
            row.type = ValueType.RATIO
        return


def _spelt(arguments: str, by_line: dict[int, str], rows: Sequence[DraftRow]) -> str:
    """`D8:D12` as `(D8+D9+…)`: the outermost of the lines in it that hold figures."""
    parts: list[str] = []
    at = {r.at + 1: r for r in rows}
    for part in re.split(r"[,;]", arguments):
        ends = re.fullmatch(r"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)", part)
        if ends and ends[1] == ends[3]:
            lines = [n for n in range(int(ends[2]), int(ends[4]) + 1) if n in by_line]
            above = {n: at[n].parent for n in lines}
            parts += [f"{ends[1]}{n}" for n, p in above.items() if p is None or p.at + 1 not in lines]
        else:
            parts.append(part)
    return "(" + "+".join(parts) + ")"


def _scope(row: DraftRow, rows: Sequence[DraftRow]) -> list[DraftRow]:
    return row.children or [r for r in rows if r.parent is row.parent]


def _derive_total_line(row: DraftRow, rows: Sequence[DraftRow]) -> None:
    """A line that is nothing but a total: of the section it names, else of the outermost lines above or below it."""
    parts, doubt = _parts_of_total(row, rows)
    units = {r.unit for r in parts}
    if not parts:
        row.doubt("dòng tổng mà không thấy dòng thành phần: để đơn vị nhập")
    elif len(units) > 1:
        row.heading = True
        row.doubt(f"tổng của các dòng khác đơn vị tính ({', '.join(sorted(units))}): không tự cộng, để là tiêu đề")
    else:
        row.derive = {"linear": {"plus": [r.code for r in parts]}}
        row.unit, row.type = parts[0].unit, parts[0].type
        row.doubts[:] = [d for d in row.doubts if "đơn vị tính" not in d.reason]
        if doubt:
            row.doubt(f"{doubt}: coi là tổng của {', '.join(r.item or r.code for r in parts)}")


def _parts_of_total(row: DraftRow, rows: Sequence[DraftRow]) -> tuple[list[DraftRow], str]:
    """(lines, doubt): what a bare total adds up; the doubt is empty when nothing else could be meant."""
    at = rows.index(row)
    named = _SECTION.search(row.name)
    section = next((r for r in reversed(rows[:at]) if named and r.item == named[1]), None)
    if section is not None:
        return _outermost(section.children), ""
    above, below = ([r for r in _outermost(part) if not _is_bare_total(r)] for part in (rows[:at], rows[at + 1 :]))
    earlier = [n for n in range(at) if _is_bare_total(rows[n])]
    if not above:
        later = any(_is_bare_total(r) for r in rows[at + 1 :])
        return below, "bảng có nhiều dòng tổng" if later else _inside(below)
    if earlier and not below and re.match(r"tổng", row.name, re.IGNORECASE):
        return above, "bảng có nhiều dòng tổng, đây là dòng cuối"
    if earlier:
        return [r for r in above if r.at > rows[earlier[-1]].at], "bảng có nhiều dòng tổng, chỉ lấy từ dòng tổng trước"
    return above, "dòng tổng đứng giữa bảng" if below else _inside(above)


def _is_bare_total(row: DraftRow) -> bool:
    return is_total_line(row.name) and not row.item


def _inside(parts: Sequence[DraftRow]) -> str:
    inside = any(r.parent is not None for r in parts)
    return "các dòng mục không có số nên lấy từ các dòng bên trong" if inside else ""


def _outermost(rows: Sequence[DraftRow]) -> list[DraftRow]:
    """The lines with figures that lie in no other line with figures; a heading stands for its children."""
    within = set(map(id, rows))
    found: list[DraftRow] = []
    for row in rows:
        above = row.parent
        while above is not None and (above.heading or id(above) not in within):
            above = above.parent if above.heading or id(above) not in within else above
        if above is None and not row.heading and not row.of_which:
            found.append(row)
    return found


def _derive_from_children(row: DraftRow) -> None:
    """Sum of its parts when the words say so; when only the numbering does, with a doubt."""
    split = next((c for c in row.children if c.separator and SPLIT_INTO.match(c.name)), None)
    if split is not None:
        parts = [c for c in split.children if not c.heading]
        certain = True
    else:
        parts = [c for c in row.children if not c.heading and not c.of_which]
        certain = says_total(row.name)
        if any(c.heading and not c.separator for c in row.children):
            return
    # Of different measures there is no sum (ADR 0010: what would be wrong silently is left out).
    if not parts or any(p.unit != row.unit or p.type is not row.type for p in parts):
        return
    if not row.type.is_number or (len(parts) == 1 and not certain):
        return
    # Women beside children or members of something: people are counted in several of them, and who is in none in none.
    if any(says_women(p.name) for p in parts) and not any(says_men(p.name) for p in parts):
        for part in parts:
            part.of_which = True
        row.doubt("trong các dòng con có «Nữ»: coi các dòng con là phần của dòng này, không phải là tổng")
        return
    row.derive = {"linear": {"plus": [p.code for p in parts]}}
    if split is None:
        said = "tên dòng là tổng số" if certain else "chỉ suy từ cách đánh số"
        items = ", ".join(p.item or p.name for p in parts)
        row.doubt(f"coi là tổng của {items}: {said}; nếu các mục con chồng nhau thì để đơn vị nhập")


def _derive_ratio_of_children(row: DraftRow) -> None:
    """A percentage over two lines of one unit, one of them a total: the other one over the total."""
    parts = [c for c in row.children if not c.heading and c.type.is_number]
    totals = [c for c in parts if says_total(c.name)]
    if len(parts) != 2 or len(totals) != 1 or parts[0].unit != parts[1].unit:
        return
    other = next(c for c in parts if c is not totals[0])
    row.derive = {"ratio": {"numerator": [other.code], "denominator": [totals[0].code]}}
    row.doubt(f"tỷ lệ coi là «{other.name}» chia «{totals[0].name}»")


def _break_circles(rows: Sequence[DraftRow]) -> None:
    """No line may follow from itself: the later one is entered instead, and says so."""
    by_code = {r.code: r for r in rows}

    def reaches(row: DraftRow, goal: str, seen: frozenset[str]) -> bool:
        return any(
            name == goal or (name not in seen and name in by_code and reaches(by_code[name], goal, seen | {name}))
            for kind in (row.derive or {}).values()
            for side in kind.values()
            for name in side
        )

    for row in rows:
        if row.derive is not None and reaches(row, row.code, frozenset({row.code})):
            row.derive, row.roll_up = None, RollUp.SUM
            row.doubt("công thức tính vòng tròn: tạm để đơn vị nhập")


def relations_of(form: str, table: DraftTable, rules: RelationRules) -> list[DraftRelation]:
    """`Trong đó` may not exceed what it is part of: lines under lines, columns under columns."""
    part_rule, total_rule = rules.part, rules.total
    found: list[DraftRelation] = []
    figures = [c for c in table.columns if c.is_figure and not c.left_out and c.role is not ColumnRole.RATIO]
    for row in table.rows:
        women = says_women(row.name) and row.parent is not None and row.derive is None
        # A dash under a part is a part of that, where the part is not their sum.
        under = row.parent is not None and row.parent.of_which and not row.item and row.parent.derive is None
        if not (row.of_which or women or under) or row.heading or not row.type.is_number:
            continue
        whole = row.parent
        while whole is not None and whole.separator:
            whole = whole.parent
        if whole is None or whole.heading or whole.unit != row.unit:
            if not row.of_which:
                continue
            row.doubt("dòng «trong đó» mà chưa rõ là phần của dòng nào: chưa đặt quan hệ")
            continue
        for column in figures:
            # A plan may set a part without the whole.
            if column.at in row.not_in | whole.not_in or column.role is ColumnRole.PLAN_YEAR:
                continue
            if column.derive is not None:
                continue
            found.append(
                DraftRelation(
                    part_rule,
                    f"{part_rule.id}.{row.code}.{column.code}",
                    "at_most",
                    [[f"{form}/{row.code}/{column.code}"], [f"{form}/{whole.code}/{column.code}"]],
                    f"Dòng «{_said(row.name)}» ({{left}}) lớn hơn số chung «{_said(whole.name)}» ({{right}}). "
                    "Hãy sửa một trong hai số.",
                )
            )
    for total, parts in split_again(table.columns):
        names = " + ".join(_said(p.title) for p in parts)
        found.append(
            DraftRelation(
                total_rule,
                f"{total_rule.id}.{form}.{parts[0].code}",
                "equal",
                [[f"{form}/*/{total.code}"], [f"{form}/*/{p.code}" for p in parts]],
                f"Cột «{_said(total.title)}» ({{left}}) khác tổng các cột {names} ({{right}}). Hãy sửa số sai.",
            )
        )
    for part, whole_column in [*of_which_columns(table.columns), *_women(table.columns)]:
        found.append(
            DraftRelation(
                part_rule,
                f"{part_rule.id}.{form}.{part.code}",
                "at_most",
                [[f"{form}/*/{part.code}"], [f"{form}/*/{whole_column.code}"]],
                f"Cột «{_said(part.title)}» ({{left}}) lớn hơn cột «{_said(whole_column.title)}» ({{right}}). "
                "Hãy sửa một trong hai số.",
            )
        )
    return found


def _women(columns: Sequence[DraftColumn]) -> list[tuple[DraftColumn, DraftColumn]]:
    """(women, all): a column of women beside the column of everybody under the same heading."""
    known = {id(part) for part, _ in of_which_columns(columns)}
    found = []
    for column in columns:
        if not says_women(column.leaf) or id(column) in known or not column.entered:
            continue
        beside = [
            c for c in columns
            if c.path[:-1] == column.path[:-1] and c.is_figure and not c.left_out and c is not column
            and c.role is not ColumnRole.RATIO and says_everybody(c.leaf)
        ]  # fmt: skip
        found += [(column, whole) for whole in beside[:1]]
    return found


def _said(name: str) -> str:
    """A name inside a message: braces are the message's own places."""
    return re.sub(r"[{}]", "", name).lstrip("-+–• ")
