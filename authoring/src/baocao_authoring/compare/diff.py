"""What differs between two versions of a form, for the person who must approve the new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from baocao.model.form import Derive, Form, ListTable, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.condition import Condition, Requirement
from baocao.model.pack_parts.relation import RELATION_KINDS, Relation
from baocao_authoring.compare.bridge import CellSuccession, bridge
from baocao_authoring.compare.match import match_columns, match_rows, match_tables
from baocao_authoring.compare.touch import Touch, touched

__all__ = ["CellSuccession", "FormChange", "FormDiff", "Touch", "diff"]


@dataclass(frozen=True)
class FormChange:
    """One difference. `kind`: added, removed, renamed (proposed), reused, changed; `what`: form, table, column, row,
    list, relation."""

    kind: str
    what: str
    place: str
    """code in the old version; in the new one for what was added"""
    text: str
    """plain Vietnamese"""
    key: str = ""
    """the property that changed"""
    old: str = ""
    new: str = ""
    weighty: bool = True
    """False: wording only, no figure means something else"""


@dataclass(frozen=True)
class FormDiff:
    """What differs between two versions of a form, and what becomes of every old cell."""

    old: Form
    new: Form
    changes: tuple[FormChange, ...]
    bridges: tuple[CellSuccession, ...]
    """every cell of the old version, and what becomes of it"""
    new_cells: tuple[str, ...]
    """cells of the new version that nothing of the old one leads to"""
    touches: tuple[Touch, ...] = ()
    regime: str = ""
    """the pack it was compared with; empty: none"""

    @property
    def blanks_stay(self) -> bool:
        """Whether a workbook of the old version still passes as one of the new version's content."""
        return self.old.fingerprint == self.new.fingerprint


def diff(old: Form, new: Form, pack: Pack | None = None) -> FormDiff:
    """What changed from `old` to `new`; with `pack`, which rules and targets of that regime it touches."""
    rows = match_rows(old, new)
    tables = match_tables(old, new)
    columns = {code: match_columns(_table(old, code), _table(new, other)) for code, other in tables.items()}
    changes = [*_form(old, new), *_tables(old, new, tables)]
    for code, matching in columns.items():
        changes += _columns(_table(old, code), _table(new, tables[code]), matching)
    changes += _rows(old, new, rows)
    changes += _lists(old, new)
    changes += _relations(old.relations, new.relations)
    bridges = bridge(old, new, rows, tables, columns)
    reached = {b.new for b in bridges if b.new}
    fresh = tuple(str(key) for key in new.cells if str(key) not in reached)
    return FormDiff(
        old,
        new,
        tuple(changes),
        bridges,
        fresh,
        touched(old, new, bridges, pack) if pack is not None else (),
        pack.code if pack is not None else "",
    )


_FORM_KEYS = {
    "title": "tên biểu", "short": "tên trang tính", "official": "số biểu", "project": "dự án", "anchor": "căn cứ",
    "assumed": "giả định", "valid_from": "ngày áp dụng", "nil_allowed": "cho khai không phát sinh",
    "nil_reasons": "lý do không phát sinh", "instructions": "hướng dẫn", "landscape": "khổ ngang",
}  # fmt: skip
_ROW_KEYS = {
    "name": "tên", "item": "số in", "unit": "đơn vị tính", "type": "kiểu", "nature": "tồn/kỳ", "levels": "cấp nhập",
    "roll_up": "cách tổng hợp", "project": "dự án", "columns": "cột áp dụng", "options": "các lựa chọn",
    "required": "bắt buộc", "heading": "là tiêu đề", "derive": "cách tính", "indent": "thụt dòng", "trace": "căn cứ",
    "targets": "mục tiêu", "note": "ghi chú",
}  # fmt: skip
_COLUMN_KEYS = {
    "title": "tiêu đề", "group": "nhóm tiêu đề", "role": "vai trò", "type": "kiểu", "derive": "cách tính",
    "width": "độ rộng",
}  # fmt: skip
_LIST_KEYS = {
    "title": "tên", "key": "khóa", "levels": "cấp nhập", "required": "bắt buộc", "prepared": "số dòng kẻ sẵn",
    "totals": "số phải khớp", "project": "dự án",
}  # fmt: skip
_LIST_COLUMN_KEYS = {
    "title": "tiêu đề", "type": "kiểu", "unit": "đơn vị tính", "options": "các lựa chọn", "required": "bắt buộc",
    "in_period": "ngày trong kỳ",
}  # fmt: skip
# What changes no figure's meaning: kept apart, so that a reviewer does not look for it among three hundred corrected
# names.
_WORDING = frozenset(
    {"title", "short", "official", "instructions", "landscape", "name", "item", "indent", "note", "group", "width",
     "anchor", "trace", "assumed", "message"}
)  # fmt: skip


def _form(old: Form, new: Form) -> Iterator[FormChange]:
    if old.code != new.code:
        text = f"Mã biểu đổi từ {old.code} thành {new.code}: hệ thống coi là hai biểu khác nhau"
        yield FormChange("changed", "form", old.code, text, "code", old.code, new.code)
    yield from _properties(old, new, _FORM_KEYS, "form", old.code, "Biểu")


def _tables(old: Form, new: Form, tables: dict[str, str]) -> Iterator[FormChange]:
    """Tables removed, renamed, added, and a changed title."""
    for table in old.tables:
        if table.code not in tables:
            yield FormChange(
                "removed", "table", table.code, f"Bỏ bảng {table.code} «{table.title}» ({len(table.rows)} dòng)"
            )
        elif tables[table.code] != table.code:
            text = f"Bảng {table.code} có lẽ nay là bảng {tables[table.code]} (đề nghị, theo các dòng)"
            yield FormChange("renamed", "table", table.code, text, "code", table.code, tables[table.code])
    for table in new.tables:
        if table.code not in tables.values():
            yield FormChange(
                "added", "table", table.code, f"Thêm bảng {table.code} «{table.title}» ({len(table.rows)} dòng)"
            )
    for code, other in tables.items():
        yield from _properties(_table(old, code), _table(new, other), {"title": "tên"}, "table", code, f"Bảng {code}")


def _columns(old: Table, new: Table, matching: Any) -> Iterator[FormChange]:
    """Columns removed, added, renamed, changed in a property or in their order."""
    where = f"Bảng {old.code}"
    for code in matching.gone:
        yield FormChange(
            "removed", "column", f"{old.code}/{code}", f"{where}: bỏ cột {code} «{old.column(code).title}»"
        )
    for code in matching.added:
        text = f"{where}: thêm cột {code} «{new.column(code).title}»"
        yield FormChange("added", "column", f"{old.code}/{code}", text)
    for pair in matching.pairs:
        left, right = old.column(pair.old), new.column(pair.new)
        yield from _moved("column", f"{old.code}/{pair.old}", f"{where}, cột", left.title, right.title, pair)
        keys = {k: v for k, v in _COLUMN_KEYS.items() if pair.sure or k != "title"}
        yield from _properties(left, right, keys, "column", f"{old.code}/{pair.old}", f"{where}, cột {pair.old}")
    kept = [p.new for p in matching.pairs]
    order = [c.code for c in new.columns if c.code in kept]
    # Wording only: figures are found by codes, never by place.
    if order != [p.new for p in sorted(matching.pairs, key=lambda p: [c.code for c in old.columns].index(p.old))]:
        text = f"{where}: thứ tự cột đổi thành {', '.join(order)}"
        yield FormChange("changed", "table", old.code, text, "order", weighty=False)


def _rows(old: Form, new: Form, matching: Any) -> Iterator[FormChange]:
    """Rows removed, added, renamed or changed in a property; a heading is marked as not weighty."""
    before, after = _by_code(old), _by_code(new)
    for code in matching.gone:
        yield FormChange(
            "removed", "row", code, f"Bỏ dòng {code} «{before[code].name}»", weighty=not before[code].heading
        )
    for code in matching.added:
        unit = f" ({after[code].unit})" if after[code].unit else ""
        weighty = not after[code].heading
        yield FormChange("added", "row", code, f"Thêm dòng {code} «{after[code].name}»{unit}", weighty=weighty)
    for pair in matching.pairs:
        left, right = before[pair.old], after[pair.new]
        yield from _moved("row", pair.old, "Dòng", left.name, right.name, pair)
        keys = {k: v for k, v in _ROW_KEYS.items() if pair.sure or k != "name"}
        yield from _properties(left, right, keys, "row", pair.old, f"Dòng {pair.old}")


def _moved(what: str, place: str, where: str, left: str, right: str, pair: Any) -> Iterator[FormChange]:
    """A code that changed, or a code that stayed while its name became another."""
    if pair.old != pair.new:
        text = (
            f"{where} {pair.old} «{left}» có lẽ nay là {pair.new} «{right}» "
            f"(đề nghị, tên giống {pair.likeness:.0%}; cần người xác nhận)"
        )
        yield FormChange("renamed", what, place, text, "code", pair.old, pair.new)
    elif not pair.sure:
        text = (
            f"{where} {pair.old}: mã giữ nguyên nhưng tên khác hẳn («{left}» nay là «{right}»). Nếu nghĩa đã khác, "
            "hãy đặt mã mới; nếu không, số cũ và số mới sẽ bị so với nhau"
        )
        yield FormChange("reused", what, place, text, "name", left, right)


def _properties(old: Any, new: Any, keys: dict[str, str], what: str, place: str, where: str) -> Iterator[FormChange]:
    for key, said in keys.items():
        left, right = getattr(old, key), getattr(new, key)
        if left == right:
            continue
        text = f"{where}: {said} đổi từ {in_words(left)} thành {in_words(right)}"
        yield FormChange("changed", what, place, text, key, in_words(left), in_words(right), key not in _WORDING)


def _lists(old: Form, new: Form) -> Iterator[FormChange]:
    """Lists and their columns that came, went or changed."""
    before, now = ({one.code: one for one in form.lists} for form in (old, new))
    for code in (c for c in before if c not in now):
        yield FormChange("removed", "list", code, f"Bỏ danh sách {code} «{before[code].title}»")
    for code, one in now.items():
        if code not in before:
            yield FormChange("added", "list", code, f"Thêm danh sách {code} «{one.title}» ({len(one.columns)} cột)")
        else:
            yield from _properties(before[code], one, _LIST_KEYS, "list", code, f"Danh sách {code}")
            yield from _list_columns(before[code], one)


def _list_columns(old: ListTable, new: ListTable) -> Iterator[FormChange]:
    before, now = ({c.code: c for c in one.columns} for one in (old, new))
    for code in (c for c in before if c not in now):
        name = f"{old.code}/{code}"
        yield FormChange("removed", "column", name, f"Danh sách {old.code}: bỏ cột {code} «{before[code].title}»")
    for code, column in now.items():
        name = f"{new.code}/{code}"
        if code not in before:
            yield FormChange("added", "column", name, f"Danh sách {new.code}: thêm cột {code} «{column.title}»")
        else:
            where = f"Danh sách {new.code}, cột {code}"
            yield from _properties(before[code], column, _LIST_COLUMN_KEYS, "column", name, where)


def _relations(old: Sequence[Relation], new: Sequence[Relation]) -> Iterator[FormChange]:
    """Relations removed, added, changed; another wording alone is marked as not weighty."""
    before, after = {r.id: r for r in old}, {r.id: r for r in new}
    for id, relation in before.items():
        if id not in after:
            yield FormChange("removed", "relation", id, f"Bỏ quan hệ {id}: {relation_in_words(relation)}")
    for id, relation in after.items():
        if id not in before:
            yield FormChange("added", "relation", id, f"Thêm quan hệ {id}: {relation_in_words(relation)}")
            continue
        earlier = before[id]
        keys = ("rule", "severity", "softened_by_note", "fill", "levels", "message", "anchor", *RELATION_KINDS)
        if changed := [k for k in keys if getattr(earlier, k) != getattr(relation, k)]:
            left, right = relation_in_words(earlier), relation_in_words(relation)
            weighty = any(k not in _WORDING for k in changed)
            text = f"Quan hệ {id} đổi ({', '.join(changed)}): từ {left} thành {right}"
            yield FormChange("changed", "relation", id, text, ", ".join(changed), left, right, weighty)


_SIGNS = {
    "equal": "=",
    "at_most": "≤",
    "zero_implies_zero": "= 0 thì = 0:",
    "positive_implies_positive": "> 0 thì > 0:",
}


def relation_in_words(relation: Relation) -> str:
    """`A + B ≤ C`, with its rule and severity where the pack sets one."""
    sides = getattr(relation, relation.kind)
    if isinstance(sides, Requirement):
        text = f"nếu {_listed(sides.when, sides.when_any)} thì {_listed(sides.then, sides.then_any)}"
    elif relation.kind in _SIGNS:
        text = f" {_SIGNS[relation.kind]} ".join(" + ".join(side) for side in sides)
    else:
        text = f"{relation.kind} {in_words(sides)}"
    return f"{relation.rule} {text}" + (f" [{relation.severity}]" if relation.severity else "")


def _listed(conditions: Sequence[Condition], wanted: int | None) -> str:
    texts = [condition_in_words(c) for c in conditions]
    return " và ".join(texts) if wanted is None else f"ít nhất {wanted} trong: {'; '.join(texts)}"


def condition_in_words(condition: Condition) -> str:
    """`A - B ≤ 0`, `C là Có`, `D có trả lời`."""
    sides = " - ".join(" + ".join(side) for side in (condition.cells, condition.minus) if side)
    if condition.one_of:
        return f"{sides} là {' hoặc '.join(condition.one_of)}"
    if condition.given is not None:
        return f"{sides} {'có' if condition.given else 'không có'} trả lời"
    sign, bound = next(
        (sign, bound)
        for sign, bound in (("≥", condition.at_least), ("≤", condition.at_most), (">", condition.above))
        if bound is not None
    )
    return f"{sides} {sign} {bound}{' lần số dân' if condition.share_of_residents else ''}"


def in_words(value: object) -> str:
    """A property as a reviewer reads it."""
    if value is None:
        return "(mặc định)"
    if isinstance(value, Derive):
        return _derive_in_words(value)
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, Enum):
        return f"«{value.value}»"
    if isinstance(value, tuple | list):
        return f"({', '.join(in_words(v).strip('«»') for v in value) or 'không có'})"
    return f"«{value}»" if value != "" else "(trống)"


def _derive_in_words(derive: Derive) -> str:
    if derive.linear is not None:
        return " - ".join([" + ".join(derive.linear.plus), *derive.linear.minus])
    if derive.ratio is not None:
        return f"100 × ({' + '.join(derive.ratio.numerator)}) / ({' + '.join(derive.ratio.denominator)})"
    return f"thay đổi so với cùng kỳ của {derive.year_on_year.of if derive.year_on_year else ''}"


def _table(form: Form, code: str) -> Table:
    return next(t for t in form.tables if t.code == code)


def _by_code(form: Form) -> dict[str, Row]:
    return {r.code: r for t in form.tables for r in t.rows}
