"""What changed in the lists of a form: found by code, since their rows are nobody's before they are filled."""

from __future__ import annotations

from collections.abc import Iterator

from baocao.model.form import Form, ListTable
from baocao.model.pack_parts.lists import ListColumn
from baocao_authoring.compare.change import FormChange

_KEYS = {
    "title": "tên", "key": "khóa", "levels": "cấp nhập", "required": "bắt buộc", "prepared": "số dòng kẻ sẵn",
    "totals": "số phải khớp", "project": "dự án",
}  # fmt: skip
_COLUMN_KEYS = {
    "title": "tiêu đề", "type": "kiểu", "unit": "đơn vị tính", "options": "các lựa chọn", "required": "bắt buộc",
    "in_period": "ngày trong kỳ",
}  # fmt: skip


def list_changes(old: Form, new: Form) -> Iterator[FormChange]:
    """Lists and their columns that came, went or changed."""
    before, now = ({one.code: one for one in form.lists} for form in (old, new))
    for code in before.keys() - now.keys():
        yield FormChange("removed", "list", code, f"Bỏ danh sách {code} «{before[code].title}»")
    for code, one in now.items():
        if code not in before:
            yield FormChange("added", "list", code, f"Thêm danh sách {code} «{one.title}» ({len(one.columns)} cột)")
        else:
            yield from _changed(before[code], one, _KEYS, "list", code, f"Danh sách {code}")
            yield from _columns(before[code], one)


def _columns(old: ListTable, new: ListTable) -> Iterator[FormChange]:
    before, now = ({c.code: c for c in one.columns} for one in (old, new))
    for code in before.keys() - now.keys():
        name = f"{old.code}/{code}"
        yield FormChange("removed", "column", name, f"Danh sách {old.code}: bỏ cột {code} «{before[code].title}»")
    for code, column in now.items():
        name = f"{new.code}/{code}"
        if code not in before:
            yield FormChange("added", "column", name, f"Danh sách {new.code}: thêm cột {code} «{column.title}»")
        else:
            where = f"Danh sách {new.code}, cột {code}"
            yield from _changed(before[code], column, _COLUMN_KEYS, "column", name, where)


def _changed(
    old: ListTable | ListColumn, new: ListTable | ListColumn, keys: dict[str, str], kind: str, name: str, where: str
) -> Iterator[FormChange]:
    for key, said in keys.items():
        a, b = getattr(old, key), getattr(new, key)
        if a != b:
            was, is_ = _text(a), _text(b)
            yield FormChange("changed", kind, name, f"{where}: {said} đổi từ {was} thành {is_}", key, was, is_)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "(không có)"
    return {True: "có", False: "không"}[value] if isinstance(value, bool) else f"«{value}»"
