"""What a column follows from: the row of column numbers, formulas in the cells, headings; in this order of trust."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from baocao.forms.contract import column_name
from baocao.model.form import ColumnRole, ValueType
from baocao.text import fold
from baocao.xlsx.a1 import column_index
from baocao_authoring.draft.draft import DraftColumn, DraftRow
from baocao_authoring.draft.grid import Grid
from baocao_authoring.draft.words import OF_WHICH, SPLIT_INTO, says_total, says_women

_HUNDRED = re.compile(r"[*x×.]\s*100\s*%?|\b100\s*%?\s*[*x×.]", re.IGNORECASE)


def parse_formula(text: str, known: Callable[[str], str | None]) -> dict[str, Any] | None:
    """`1+2-3` as linear, `(4)/(3)`, `(2+3)/1*100` as ratio; names become codes by `known`. None: not understood."""
    # `(4)/(3)*100` and `(4):(3)` are the same percentage: our ratios are percent always (`Derive`).
    plain = _HUNDRED.sub("", text.replace("÷", "/").replace("−", "-").replace(" ", ""))
    plain = re.sub(r"%$", "", plain)
    if plain.count("/") == 1 or plain.count(":") == 1:
        sides = [_sum(s, known) for s in re.split(r"[/:]", plain)]
        # A difference within a side has no place in `Ratio`.
        if all(s is not None and not s[1] for s in sides):
            return {"ratio": {"numerator": sides[0][0], "denominator": sides[1][0]}}  # type: ignore[index]
        return None
    found = _sum(plain, known)
    if found is None or not found[0]:
        return None
    linear: dict[str, Any] = {"plus": found[0]}
    if found[1]:
        linear["minus"] = found[1]
    return {"linear": linear}


def _sum(text: str, known: Callable[[str], str | None]) -> tuple[list[str], list[str]] | None:
    """(plus, minus) of a sum of names, outer and single brackets dropped; None when anything else stands there."""
    text = re.sub(r"\((\w+)\)", r"\1", text)
    text = re.sub(r"^\((.*)\)$", r"\1", text)
    if not re.fullmatch(r"[+-]?[\w.]+([+-][\w.]+)*", text):
        return None
    plus: list[str] = []
    minus: list[str] = []
    for sign, name in re.findall(r"([+-]?)([\w.]+)", text):
        code = known(name)
        if code is None:
            return None
        (minus if sign == "-" else plus).append(code)
    return plus, minus


def derive_columns(grid: Grid, columns: list[DraftColumn], rows: Sequence[DraftRow]) -> None:
    """Set `derive` where the form says so; leave a ratio out when nobody says of what."""
    by_number = {c.number: c.code for c in columns if c.number}
    by_letters = {column_name(c.at): c.code for c in columns if c.at >= 0}
    for column in columns:
        if not column.is_figure:
            continue
        # In the order of trust of ADR 0010: the form's own words, then its cells, then what headings suggest.
        if column.stated:
            column.derive = parse_formula(column.stated, by_number.get)
            if column.derive is None:
                column.doubt(f"không hiểu công thức «{column.number}={column.stated}» ở dòng số cột")
        if column.derive is None and (formula := _common_formula(grid, column, rows)):
            column.derive = parse_formula(formula, by_letters.get)
            if column.derive is None:
                reason = f"không hiểu công thức «{formula}» trong các ô của cột"
                column.doubt(reason)
        _put_formula_first(column)
    _derive_by_headings(columns)
    for column in columns:
        if column.role is ColumnRole.RATIO and column.derive is None:
            _derive_ratio(column, columns)
        if column.derive is not None and "ratio" in column.derive:
            column.type, column.width = ValueType.RATIO, 10


def _put_formula_first(column: DraftColumn) -> None:
    """What the formula says goes before what the heading seems to say."""
    if column.derive is None:
        return
    if "ratio" in column.derive and column.role is not ColumnRole.RATIO:
        column.doubt("công thức là phép chia nên coi là cột tỷ lệ (%)")
        column.role = ColumnRole.RATIO
    elif "linear" in column.derive and column.role is ColumnRole.RATIO:
        column.doubt("tiêu đề nói tỷ lệ nhưng công thức là phép cộng")
        column.role, column.type = ColumnRole.ATTRIBUTE, None


def _common_formula(grid: Grid, column: DraftColumn, rows: Sequence[DraftRow]) -> str:
    """The formula most cells of the column hold, written with column letters only; sums across a range spelt out."""
    found: Counter[str] = Counter()
    for row in rows:
        formula = grid.formulas.get((row.at, column.at))
        if formula is None:
            continue
        line = str(row.at + 1)
        text = re.sub(r"\$", "", formula[1:])
        # IFERROR only hides a division by zero, which `compute` answers itself.
        text = re.sub(r"IFERROR\((.*),[^,]*\)$", r"\1", text)
        text = re.sub(r"SUM\(([^()]*)\)", lambda m: _spelt(m[1]), text)
        refs = re.findall(r"[A-Z]{1,3}(\d+)", text)
        # A formula that looks at other lines is the line's, not the column's (`totals._by_formula`).
        if refs and all(r == line for r in refs):
            found[re.sub(r"([A-Z]{1,3})\d+", r"\1", text)] += 1
    # Single cells are overwritten or broken in official files; the column means what most of it computes.
    return found.most_common(1)[0][0] if found else ""


def _spelt(arguments: str) -> str:
    """`E8:G8,I8` as `(E8+F8+G8+I8)`; ranges down a column stay as they are."""
    parts: list[str] = []
    for part in re.split(r"[,;]", arguments):
        ends = re.fullmatch(r"([A-Z]{1,2})(\d+):([A-Z]{1,2})(\d+)", part)
        if ends and ends[2] == ends[4]:
            first, last = column_index(ends[1]), column_index(ends[3])
            parts += [f"{column_name(i)}{ends[2]}" for i in range(first, last + 1)]
        else:
            parts.append(part)
    return "(" + "+".join(parts) + ")"


def _derive_by_headings(columns: list[DraftColumn]) -> None:
    """`Tổng số` over its parts under the same heading; closing from opening and movements."""
    for column in columns:
        if column.derive is not None or not column.is_figure or not says_total(column.leaf):
            continue
        parts = _parts(column, columns)
        split = [p for p in parts if any(SPLIT_INTO.match(t) for t in p.path[len(column.path) - 1 :])]
        of_which = [p for p in parts if any(OF_WHICH.match(t) for t in p.path[len(column.path) - 1 :])]
        if split:
            # "Chia theo giới, chia theo tuổi": each way adds up to the whole, both together to twice the whole. The
            # others become relations (`split_again`).
            first, *others = ways_of_splitting(split)
            column.derive = {"linear": {"plus": [p.code for p in first]}}
            if others:
                column.doubt("bản gốc chia theo nhiều cách; tổng tính theo cách đầu, các cách sau phải bằng tổng")
        # "Trong đó" names some of the parts, so their sum need not be the whole.
        elif len(parts) >= 2 and not of_which:
            column.derive = {"linear": {"plus": [p.code for p in parts]}}
            names = ", ".join(p.title for p in parts)
            column.doubt(f"tiêu đề là tổng số; chưa chắc đã bằng tổng của: {names}")
        elif len(parts) == 1 and not of_which:
            column.doubt(f"tổng số chỉ có một cột thành phần ({parts[0].title}); không tự cộng")
    _derive_closing(columns)


def ways_of_splitting(parts: Sequence[DraftColumn]) -> list[list[DraftColumn]]:
    """The parts by the `chia theo …` they stand under, in printed order."""
    ways: dict[str, list[DraftColumn]] = {}
    for part in parts:
        heading = next((t for t in part.path if SPLIT_INTO.match(t)), None)
        if heading is not None:
            ways.setdefault(heading, []).append(part)
    return list(ways.values())


def split_again(columns: Sequence[DraftColumn]) -> list[tuple[DraftColumn, list[DraftColumn]]]:
    """(total, parts): every further way of splitting a total that is already the sum of a first one."""
    found = []
    for total in columns:
        if total.derive is None or "linear" not in total.derive or not says_total(total.leaf):
            continue
        ways = ways_of_splitting(_parts(total, list(columns)))
        if len(ways) > 1 and [p.code for p in ways[0]] == total.derive["linear"]["plus"]:
            found += [(total, way) for way in ways[1:]]
    return found


def _parts(total: DraftColumn, columns: list[DraftColumn]) -> list[DraftColumn]:
    """Figure columns beside a total under the same heading (the whole table for a heading-less total)."""
    above = total.path[:-1]
    return [
        c
        for c in columns
        if c is not total and c.is_figure and c.role is not ColumnRole.RATIO and not says_total(c.leaf)
        and c.path[: len(above)] == above and (above or len(c.path) > 1 or c.role is ColumnRole.ATTRIBUTE)
        and (above or _next_group(total, c, columns))
    ]  # fmt: skip


def _next_group(total: DraftColumn, column: DraftColumn, columns: list[DraftColumn]) -> bool:
    """For a total at the top level: the group that follows it at once, and more of `Trong đó`, `Chia theo` after it."""
    following = [c for c in columns if c.at > total.at and c.is_figure]
    if column not in following or len(column.path) == 1:
        return False
    between = following[: following.index(column) + 1]
    if all(c.path[0] == following[0].path[0] for c in between):
        return True
    return all(OF_WHICH.match(c.path[0]) or SPLIT_INTO.match(c.path[0]) for c in between)


def of_which_columns(columns: Sequence[DraftColumn]) -> list[tuple[DraftColumn, DraftColumn]]:
    """(part, whole): columns that `trong đó` puts under a total or under the column just before them."""
    found = []
    for column in columns:
        at = next((n for n, t in enumerate(column.path) if OF_WHICH.match(t)), None)
        if at is None or not column.entered or column.role is ColumnRole.RATIO:
            continue
        before = [
            c for c in columns
            if 0 <= c.at < column.at and c.is_figure and c.role is not ColumnRole.RATIO and not c.left_out
            and c.path[:at] == column.path[:at] and not any(OF_WHICH.match(t) for t in c.path)
            # Beside everybody women are a part themselves, and no whole of what follows.
            and not says_women(c.leaf)
        ]  # fmt: skip
        totals = [c for c in before if says_total(c.leaf)] or before[-1:]
        if totals:
            found.append((column, totals[-1]))
    return found


def _derive_closing(columns: list[DraftColumn]) -> None:
    def of(role: ColumnRole) -> list[DraftColumn]:
        return [c for c in columns if c.role is role and c.derive is None]

    opening, closing = of(ColumnRole.OPENING), of(ColumnRole.CLOSING)
    up, down = of(ColumnRole.INCREASE), of(ColumnRole.DECREASE)
    if opening and closing and (up or down):
        linear: dict[str, Any] = {"plus": [c.code for c in opening + up]}
        if down:
            linear["minus"] = [c.code for c in down]
        closing[0].derive = {"linear": linear}
        closing[0].doubt("cuối kỳ = đầu kỳ + tăng - giảm, suy từ tiêu đề các cột")


def _derive_ratio(column: DraftColumn, columns: list[DraftColumn]) -> None:
    """A ratio is never entered and never added up: derived when its two sides are known, else left out."""
    folded = fold(" ".join(column.path))

    def of(*roles: ColumnRole) -> list[DraftColumn]:
        return [c for c in columns if c.role in roles and c.is_figure and not c.left_out]

    # Asked of units it would be their own arithmetic; the province computes it over units with both figures (ADR
    # 0025).
    if any(w in folded for w in ("cùng kỳ", "kỳ trước", "năm trước")):
        column.left_out = True
        column.doubt("so với kỳ trước: báo cáo tổng hợp của hệ thống tự tính; bỏ ngoài biểu")
        return
    done = of(ColumnRole.CUMULATIVE_YEAR) or of(ColumnRole.ACTUAL)
    base = of(ColumnRole.DENOMINATOR)
    plan = of(ColumnRole.PLAN_YEAR)
    if "giai đoạn" in folded:
        done = of(ColumnRole.CUMULATIVE_TERM)
        plan = [c for c in columns if c.role is ColumnRole.ATTRIBUTE and _is_plan_of_term(c)]
    if plan and ("kế hoạch" in folded or "dự toán" in folded or "giải ngân" in folded or not base):
        top, bottom = _totals(done), _totals(plan)
    else:
        top, bottom = of(ColumnRole.ACTUAL), base
    # Of two candidates none is chosen: a wrong ratio looks as right as a right one.
    if len(top) == 1 and len(bottom) == 1:
        column.derive = {"ratio": {"numerator": [top[0].code], "denominator": [bottom[0].code]}}
        reason = f"tỷ lệ suy từ tiêu đề: «{top[0].title}» chia «{bottom[0].title}»"
        column.doubt(reason)
        return
    column.left_out = True
    column.doubt("chưa rõ tử số, mẫu số của tỷ lệ; bỏ ngoài biểu cho tới khi có quyết định")


def _is_plan_of_term(column: DraftColumn) -> bool:
    whole = fold(" ".join(column.path))
    return "kế hoạch" in whole and "giai đoạn" in whole


def _totals(columns: list[DraftColumn]) -> list[DraftColumn]:
    """Of several columns of one role the one that is their total."""
    return columns if len(columns) == 1 else [c for c in columns if says_total(c.leaf)]
