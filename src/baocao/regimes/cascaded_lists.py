"""`lists` and `nil_lists` of `cascade.yaml` against both packs: each list there, its columns, none forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from baocao.model.form import Form, ListTable
from baocao.model.pack import Pack
from baocao.model.pack_parts.cascade import CascadeFile
from baocao.model.submission import ListName
from baocao.regimes.source import KeyPath, Source

Lists = dict[ListName, tuple[Form, ListTable]]


def check_lists(
    source: Source, file: CascadeFile, own: Pack, forms: tuple[Form, ...]
) -> tuple[dict[ListName, ListName], dict[ListName, str]]:
    """List there -> own list, in the order of the higher regime's workbook; list there -> why it is stated empty.

    `forms` are those the unit enters there. Raises PackError with the line of what is wrong.
    """
    mine, there = _lists(own.forms), _lists(forms)
    nil = {_name(source, ("nil_lists", text), text, there, file.unit): why for text, why in file.nil_lists.items()}
    for (form, code), why in nil.items():
        if why not in there[form, code][0].nil_reasons:
            reasons = "; ".join(there[form, code][0].nil_reasons)
            reason = f"danh sách {form}/{code} không khai không phát sinh với lý do {why!r} được"
            raise source.error(("nil_lists", f"{form}/{code}"), reason, f"hãy dùng một trong: {reasons}")
    mapped: dict[ListName, ListName] = {}
    for left, right in _named(file, mine, there, nil).items():
        path: KeyPath = ("lists", left) if left in file.lists else ("same",)
        here = _name(source, path, left, mine, own.code)
        target = _name(source, path, right, there, file.unit)
        if target in mapped or target in nil:
            raise source.error(path, f"danh sách {right} có hai nguồn", "mỗi danh sách một nguồn")
        for reason in _misfits(mine[here][1], there[target][1]):
            raise source.error(path, f"{left} không thành {right} được: {reason}", "hãy sửa cột của một bên")
        mapped[target] = here
    for name, (_, one) in there.items():
        if one.required and name not in mapped and name not in nil and name[0] not in file.nil_forms:
            reason = f"danh sách bắt buộc {'/'.join(name)} của {file.to} chưa có nguồn"
            raise source.error(("lists",), reason, "hãy thêm vào lists, hoặc nil_lists kèm lý do")
    return {name: mapped[name] for name in there if name in mapped}, nil


def _lists(forms: tuple[Form, ...]) -> Lists:
    return {(form.code, one.code): (form, one) for form in forms for one in form.lists}


def _named(file: CascadeFile, mine: Lists, there: Lists, nil: dict[ListName, str]) -> dict[str, str]:
    """The lists as the file names them; with `same: all` those of the same name that are not named otherwise."""
    if file.same is None:
        return file.lists
    taken = {*file.lists.values(), *("/".join(name) for name in nil)}
    same = ("/".join(name) for name in there if name in mine and name[0] not in file.nil_forms)
    # What is written out goes before what `same: all` implies.
    return {name: name for name in same if name not in taken} | file.lists


def _name(source: Source, path: KeyPath, text: str, known: Lists, whose: str) -> ListName:
    form, _, code = text.partition("/")
    if (form, code) not in known:
        there = ", ".join("/".join(name) for name in known) or "(không có danh sách nào)"
        raise source.error(path, f"{whose} không có danh sách {text}", f"hãy ghi BIỂU/DANH-SÁCH: {there}")
    return form, code


def _misfits(here: ListTable, there: ListTable) -> Iterator[str]:
    """Columns there that rows from here cannot fill."""
    mine = {column.code: column for column in here.columns}
    for column in there.columns:
        own = mine.get(column.code)
        if own is None:
            if column.required:
                yield f"thiếu cột bắt buộc {column.code}"
        # Rows go over case by case without conversion, so nothing may be wider here than there.
        elif own.type is not column.type:
            yield f"cột {column.code} ở đây là {own.type.label}, ở đó là {column.type.label}"
        elif column.required and not own.required:
            yield f"cột {column.code} ở đó bắt buộc mà ở đây được để trống"
        elif strange := [option for option in own.options if option not in column.options]:
            yield f"cột {column.code} ở đó không có lựa chọn {strange[0]!r}"
