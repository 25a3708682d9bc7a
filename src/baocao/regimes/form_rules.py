"""What holds for every form definition by itself. Each check yields its faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from baocao.model.form import ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.regimes.errors import PackError
from baocao.regimes.source import KeyPath, Source

# Excel's own limits: a longer name, or one with these signs, makes it offer to "repair" the file and rename the
# sheet.
_SHEET_NAME_LENGTH = 31
_NOT_IN_SHEET_NAMES = set(r"[]:*?/\'")


def check_form(source: Source, form: Form, projects: set[str]) -> Iterator[PackError]:
    """Tables, columns and rows of one form."""
    seen: set[str] = set()
    for t, table in enumerate(form.tables):
        path: KeyPath = ("tables", t)
        # These stand in the markers of the workbook contract (docs/workbook.md) beside the codes of tables.
        if table.code in seen or table.code in {"NIL", "KQ", "TT"}:
            yield source.error((*path, "code"), f"mã bảng {table.code} bị trùng hoặc đã dành riêng", "hãy đặt mã khác")
        seen.add(table.code)
        if not table.columns or table.columns[-1].role is not ColumnRole.EXPLANATION:
            yield source.error((*path, "columns"), "cột cuối phải là cột giải trình", "hãy thêm cột role: explanation")
        yield from _check_columns(source, path, table)
        for r, row in enumerate(table.rows):
            yield from _check_row(source, (*path, "rows", r), table, row, projects)
    for n, one in enumerate(form.lists):
        at: KeyPath = ("lists", n)
        if one.code in seen or one.code.startswith("NIL") or one.code in {"KQ", "TT"}:
            yield source.error((*at, "code"), f"mã danh sách {one.code} bị trùng hoặc đã dành riêng", "hãy đặt mã khác")
        seen.add(one.code)
        if one.project and one.project not in projects:
            yield source.error((*at, "project"), f"không có dự án {one.project}", "hãy sửa mã dự án")
        if not one.levels:
            yield source.error((*at, "levels"), "danh sách phải có người nhập", "hãy ghi levels")


def _check_columns(source: Source, path: KeyPath, table: Table) -> Iterator[PackError]:
    codes = {c.code for c in table.columns}
    for n, column in enumerate(table.columns):
        here = (*path, "columns", n)
        if column.derive is None:
            if column.type is ValueType.RATIO:
                yield source.error((*here, "type"), "tỷ lệ không được nhập", "hãy thêm derive")
            continue
        if column.derive.year_on_year is not None:
            yield source.error((*here, "derive"), "cột không tính được so với năm trước", "hãy đặt ở dòng")
        for unknown in (name for name in column.derive.names if name not in codes):
            yield source.error((*here, "derive"), f"không có cột {unknown} trong bảng", "hãy sửa mã cột")


def _check_row(source: Source, path: KeyPath, table: Table, row: Row, projects: set[str]) -> Iterator[PackError]:
    """A row is a heading, entered or derived, and its `type`, `roll_up` and `options` fit that."""
    if row.heading:
        if row.levels or row.derive or row.roll_up is not RollUp.NONE:
            yield source.error(path, "dòng tiêu đề không có số liệu", "hãy bỏ levels, derive, roll_up")
        return
    if row.project and row.project not in projects:
        yield source.error((*path, "project"), f"không có dự án {row.project}", "hãy sửa mã dự án")
    if (row.derive is None) == (not row.levels):
        yield source.error(
            path, "dòng phải có người nhập (levels) hoặc được tính (derive)", "hãy ghi đúng một trong hai"
        )
        return
    if row.derive is not None:
        if row.roll_up is not RollUp.DERIVED:
            yield source.error(path, "dòng được tính phải có roll_up: derived", "hãy sửa roll_up")
        return
    if row.roll_up in {RollUp.DERIVED, RollUp.NONE}:
        yield source.error(path, f"dòng được nhập không thể có roll_up: {row.roll_up}", "hãy ghi cách tổng hợp")
    if row.type is ValueType.RATIO:
        yield source.error((*path, "type"), "tỷ lệ không được nhập", "hãy nhập tử số, mẫu số")
    if (row.type is ValueType.CHOICE) != bool(row.options):
        yield source.error((*path, "options"), "options đi cùng type: choice", "hãy thêm hoặc bỏ options")
    numeric = row.type.is_number
    if row.roll_up in {RollUp.SUM, RollUp.PROVINCE_OVER_SUM} and not numeric:
        yield source.error((*path, "roll_up"), f"không cộng được {row.type}", "hãy dùng list, yes_count, class_count")
    if (row.roll_up is RollUp.YES_COUNT) and row.type is not ValueType.BOOL:
        yield source.error((*path, "roll_up"), "yes_count chỉ dùng cho type: bool", "hãy sửa một bên")
    if (row.roll_up is RollUp.CLASS_COUNT) and row.type is not ValueType.CHOICE:
        yield source.error((*path, "roll_up"), "class_count chỉ dùng cho type: choice", "hãy sửa một bên")
    yield from _check_counted(source, path, row)
    if not any(table.is_required(row, c) for c in table.columns) and row.required:
        yield source.error(path, "không có ô nào để nhập", "hãy sửa columns")


def _check_counted(source: Source, path: KeyPath, row: Row) -> Iterator[PackError]:
    """`counted` restricts who of those that answer is counted."""
    if not row.counted:
        return
    here = (*path, "counted")
    if row.roll_up not in {RollUp.YES_COUNT, RollUp.CLASS_COUNT}:
        yield source.error(here, "counted chỉ dùng với yes_count, class_count", "hãy bỏ counted hoặc sửa roll_up")
    if silent := [level.value for level in row.counted if level not in row.levels]:
        reason = f"counted có {', '.join(silent)}, là cấp không trả lời dòng này"
        yield source.error(here, reason, "hãy sửa counted hoặc thêm cấp đó vào levels")


def check_sheet_names(sources: Mapping[str, Source], forms: Sequence[Form]) -> Iterator[PackError]:
    """Excel's rules for sheet names."""
    reserved = {"hướng dẫn", "thông tin", "_meta", "kết quả kiểm tra"}
    names = [
        (source, path, name)
        for source, form in zip(sources.values(), forms, strict=True)
        for path, name in _names_of(form)
    ]
    for source, path, name in names:
        if not 0 < len(name) <= _SHEET_NAME_LENGTH or _NOT_IN_SHEET_NAMES & set(name):
            yield source.error(path, f"{name!r} không thể là tên trang tính", "tối đa 31 ký tự, không có []:*?/\\'")
        if name.casefold() in reserved:
            yield source.error(path, f"tên trang tính {name!r} bị trùng", "hãy đặt tên khác")
        reserved.add(name.casefold())


def _names_of(form: Form) -> Iterator[tuple[KeyPath, str]]:
    """The sheets of a form; one that has lists alone may bear the name of one of them."""
    if form.tables:
        yield ("short",), form.short
    for n, one in enumerate(form.lists):
        yield ("lists", n, "short"), one.short
