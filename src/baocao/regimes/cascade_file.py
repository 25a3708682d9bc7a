"""`cascade.yaml` checked against both packs: every cell there, of the same type, once, and none forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from baocao.model.form import CellKey, Column, Form, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.cascade import Cascade, CascadeFile
from baocao.model.pack_views import entered_by
from baocao.regimes.cascaded_lists import check_lists
from baocao.regimes.consistency import check_anchor
from baocao.regimes.source import KeyPath, Source

FILE = "cascade.yaml"
Spec = tuple[Table, Row, Column]


def load_cascade(folder: Path, own: Pack, higher: Pack) -> Cascade:
    """The mapping with every `*` replaced. Raises PackError with the line of what is wrong."""
    source = Source.read(folder / FILE)
    file = source.model(CascadeFile)
    if file.anchor:
        for fault in check_anchor(source, ("anchor",), file.anchor, own.regime):
            raise fault
    unit = higher.unit(file.unit)
    if unit is None:
        raise source.error(("unit",), f"chế độ {higher.code} không có đơn vị {file.unit}", "hãy sửa mã đơn vị")
    forms = entered_by(higher, unit)
    entered = _entered(forms)
    for code, reason in file.nil_forms.items():
        form = next((f for f in forms if f.code == code), None)
        if form is None or not form.nil_allowed or reason not in form.nil_reasons:
            why = f"đơn vị {file.unit} không khai không phát sinh cả biểu {code} với lý do {reason!r} được"
            raise source.error(("nil_forms", code), why, "hãy bỏ hoặc sửa lý do")
    mapped = _mapped(source, file, own, entered)
    left = _not_collected(source, file, entered)
    # Refused rather than ranked: the official who wrote both meant one of them.
    if both := sorted(str(k) for k in left & mapped.keys()):
        raise source.error(("not_collected",), f"{both[0]} vừa có nguồn vừa ghi không thu thập", "hãy bỏ một bên")
    forgotten = [
        str(k)
        for k, (table, row, column) in entered.items()
        # Told when the pack is loaded: the higher regime would send the report back for the same cells.
        if table.is_required(row, column) and k not in mapped and k not in left and k.form not in file.nil_forms
    ]
    if forgotten:
        reason = f"còn {len(forgotten)} ô bắt buộc của {higher.code} chưa có nguồn, đầu tiên là {forgotten[0]}"
        raise source.error(("cells",), reason, "hãy thêm vào cells, hoặc not_collected kèm lý do")
    # In the workbook's order, not the file's: the same map gives the same bytes whoever sorts it (ADR 0012, running
    # again is a duplicate).
    ordered = {key: mapped[key] for key in entered if key in mapped}
    lists, nil_lists = check_lists(source, file, own, forms)
    return Cascade(file.to, file.unit, ordered, frozenset(left), dict(file.nil_forms), lists, nil_lists)


def named_regime(folder: Path) -> str:
    """The higher regime that `cascade.yaml` names. Raises PackError."""
    return Source.read(folder / FILE).model(CascadeFile).to


def _entered(forms: tuple[Form, ...]) -> dict[CellKey, Spec]:
    return {k: (t, r, c) for f in forms for k, (t, r, c) in f.cells.items() if t.is_entered(r, c)}


def _mapped(source: Source, file: CascadeFile, own: Pack, entered: dict[CellKey, Spec]) -> dict[CellKey, CellKey]:
    """Cell the unit enters in the regime above -> cell of this pack; PackError at the line that is wrong."""
    mine: dict[CellKey, Spec] = {k: spec for f in own.forms for k, spec in f.cells.items()}
    mapped: dict[CellKey, CellKey] = {}
    for left, right in _named(file, mine, entered).items():
        path: KeyPath = ("cells", left) if left in file.cells else ("same",)
        if left.count("/") != 2 or right.count("/") != 2 or left.endswith("/*") != right.endswith("/*"):
            raise source.error(path, f"{left}: {right} sai dạng", "hãy ghi BIỂU/DÒNG/CỘT ở cả hai bên, dấu * ở cả hai")
        pairs = list(_pairs(CellKey.parse(left), CellKey.parse(right), mine, entered))
        if not pairs:
            raise source.error(path, f"không có ô nào ứng với {left}: {right}", "hãy sửa mã biểu, dòng, cột")
        for here, there in pairs:
            if here not in mine:
                raise source.error(path, f"gói này không có ô {here}", "hãy sửa mã biểu, dòng, cột")
            if there not in entered:
                raise source.error(path, f"đơn vị {file.unit} không nhập ô {there}", "hãy sửa mã biểu, dòng, cột")
            if there in mapped:
                raise source.error(path, f"ô {there} có hai nguồn: {mapped[there]} và {here}", "mỗi ô một nguồn")
            kinds = [table.type_of(row, column) for table, row, column in (mine[here], entered[there])]
            # No conversion: a Decimal cut to a count would be a figure nobody signed.
            if kinds[0] is not kinds[1]:
                reason = f"{here} là {kinds[0]} còn {there} là {kinds[1]}"
                raise source.error(path, reason, "hai ô phải cùng loại giá trị")
            mapped[there] = here
    return mapped


def _named(file: CascadeFile, mine: dict[CellKey, Spec], entered: dict[CellKey, Spec]) -> dict[str, str]:
    """The cells as the file names them; with `same: all` every row of the same name that is not named otherwise."""
    if file.same is None:
        return file.cells
    there = {tuple(name.split("/")[:2]) for name in (*file.cells.values(), *file.not_collected)}
    rows = [row for row in dict.fromkeys(key[:2] for key in entered if key in mine) if row not in there]
    return {f"{form}/{row}/*": f"{form}/{row}/*" for form, row in rows if form not in file.nil_forms} | file.cells


def _pairs(
    here: CellKey, there: CellKey, mine: dict[CellKey, Spec], entered: dict[CellKey, Spec]
) -> Iterator[tuple[CellKey, CellKey]]:
    if here.column != "*":
        yield here, there
        return
    for key in entered:
        if (key.form, key.row) == (there.form, there.row) and here._replace(column=key.column) in mine:
            yield here._replace(column=key.column), key


def _not_collected(source: Source, file: CascadeFile, entered: dict[CellKey, Spec]) -> set[CellKey]:
    left: set[CellKey] = set()
    for name in file.not_collected:
        wanted = CellKey.parse(name) if name.count("/") == 2 else None
        found = {
            k
            for k in entered
            if wanted is not None and (k.form, k.row) == (wanted.form, wanted.row) and wanted.column in {"*", k.column}
        }
        if not found:
            raise source.error(("not_collected", name), f"đơn vị {file.unit} không nhập ô {name}", "hãy sửa tên ô")
        left |= found
    return left
