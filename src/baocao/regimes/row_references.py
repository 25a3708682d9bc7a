"""That what rows name of other rows and cells is there, and that every row is filled by somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baocao.model.form import ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, pack_cells, pack_rows
from baocao.regimes.errors import PackError
from baocao.regimes.source import KeyPath, Source


def _cell_names(pack: Pack) -> frozenset[str]:
    return frozenset(str(key) for key in pack_cells(pack))


def check_derivations(pack: Pack, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """Every row or cell that a derived row names is there."""
    rows = pack_rows(pack)
    cells = _cell_names(pack)
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                for name in row.derive.names if row.derive else ():
                    if (name not in cells) if "/" in name else ((form.code, name) not in rows):
                        path = ("tables", t, "rows", r, "derive")
                        yield forms[form.code].error(path, f"không có {name}", "hãy sửa mã dòng hoặc tên ô")


def check_measures(pack: Pack, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """A row that plans or estimates another one: that one is there, and is counted the same way."""
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                if not row.measures:
                    continue
                path: KeyPath = ("tables", t, "rows", r, "measures")
                if pack.regime.term is None:
                    reason = "chế độ chưa khai báo giai đoạn"
                    yield forms[form.code].error(path, reason, "hãy thêm khóa term trong regime.yaml")
                    continue
                try:
                    _, of = pack.row(*row.measures.split("/"))
                except (KeyError, StopIteration, TypeError):
                    reason = f"không có dòng {row.measures}"
                    yield forms[form.code].error(path, reason, "hãy ghi dạng BIỂU/DÒNG")
                    continue
                # A plan in another measure than its results would make a share of nothing.
                if (of.type, of.nature, of.unit) != (row.type, row.nature, row.unit):
                    reason = f"dòng {row.measures} khác kiểu, tính chất hoặc đơn vị tính"
                    yield forms[form.code].error(path, reason, "hãy ghi như dòng đó")


def check_decisions(pack: Pack, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """A row that a decision changes: an answer; its number and date are there, and whoever answers can give them."""
    rows = {f"{form}/{code}": row for (form, code), (_, _, row) in pack_rows(pack).items()}
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                path: KeyPath = ("tables", t, "rows", r, "decided_by")
                # A figure changes by itself; a class or a recognition only by a decision (V37).
                if row.decided_by and row.type not in {ValueType.BOOL, ValueType.CHOICE}:
                    reason = f"decided_by không dùng với type: {row.type}"
                    yield forms[form.code].error(path, reason, "chỉ dùng với type: bool, choice")
                for name in row.decided_by:
                    given = rows.get(name)
                    if given is None:
                        yield forms[form.code].error(path, f"không có dòng {name}", "hãy ghi dạng BIỂU/DÒNG")
                    elif given.type not in {ValueType.TEXT, ValueType.DATE} or not {*row.levels} <= {*given.levels}:
                        reason = f"dòng {name} không ghi được số hoặc ngày quyết định của dòng này"
                        cure = "hãy chọn dòng type: text hoặc type: date mà cùng cấp nhập"
                        yield forms[form.code].error(path, reason, cure)


def check_everything_is_entered(pack: Pack, forms: Mapping[str, Source]) -> Iterator[PackError]:
    """Every row is entered by some unit, derived, or a heading."""
    entered = {(f.code, r.code) for u in pack.units for f in entered_by(pack, u) for t in f.tables for r in t.rows}
    for form in pack.forms:
        for t, table in enumerate(form.tables):
            for r, row in enumerate(table.rows):
                if not row.heading and row.derive is None and (form.code, row.code) not in entered:
                    reason = f"không đơn vị nào nhập dòng {row.code} (dự án {row.project or 'chung'})"
                    cure = "hãy thêm levels, hoặc giao dự án cho một đơn vị trong units.csv"
                    yield forms[form.code].error(("tables", t, "rows", r), reason, cure)
