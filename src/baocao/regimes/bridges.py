"""`forms/<FORM>/<version>.bridge.yaml`: loaded and checked against both versions, so that no row is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from baocao.model.form import CellKey, Form, Row, ValueType
from baocao.model.pack_parts.bridge import Bridge, Mapped, crossing
from baocao.model.regime import Regime
from baocao.regimes.errors import PackError
from baocao.regimes.source import KeyPath, Source


def load_bridges(folder: Path, regime: Regime, forms: Mapping[tuple[str, str], Form]) -> tuple[Bridge, ...]:
    """Every bridge file of the pack, by form and version. A version without one has nothing to compare with.

    Raises PackError: a file that belongs to no replaced version, an old row that stands in it twice or not at all, a
    code that does not exist, a sum of what cannot be added, an old figure that lands nowhere.
    """
    steps = {
        folder / "forms" / code / f"{b.version}.bridge.yaml": (code, a.version, b.version)
        for code, versions in regime.all_forms.items()
        # Only from one version to the next: older figures take several bridges (`forms/earlier_figures.py`).
        for a, b in pairwise(versions)
    }
    bridges = []
    for file in sorted(folder.glob("forms/*/*.bridge.yaml")):
        source = Source.read(file)
        # Not passed over: a bridge whose name is misspelt would silently make the whole form not comparable.
        if file not in steps:
            cure = "hãy khai báo phiên bản trong forms của regime.yaml hoặc xóa tệp"
            raise PackError(file, 1, "", "bảng chuyển đổi không ứng với phiên bản nào thay bản trước", cure)
        code, old, new = steps[file]
        bridge = source.model(Bridge)
        for key, found, wanted in (
            ("form", bridge.form, code),
            ("from", bridge.old_version, old),
            ("to", bridge.new_version, new),
        ):
            if found != wanted:
                raise source.error((key,), f"ghi {found}, phải là {wanted}", "hãy sửa cho khớp regime.yaml và tên tệp")
        _check_rows(source, bridge, forms[code, old], forms[code, new])
        _check_columns(source, bridge, forms[code, old], forms[code, new])
        _check_sums(source, bridge, forms[code, old], forms[code, new])
        _check_nothing_is_lost(source, bridge, forms[code, old], forms[code, new])
        bridges.append(bridge)
    return tuple(bridges)


def _rows(form: Form) -> dict[str, Row]:
    return {row.code: row for table in form.tables for row in table.rows if not row.heading}


def _check_rows(source: Source, bridge: Bridge, old: Form, new: Form) -> None:
    before, after = _rows(old), _rows(new)
    named: list[tuple[KeyPath, str]] = [(("unchanged", n), code) for n, code in enumerate(bridge.unchanged)]
    named += [(("rows", n), code) for n, line in enumerate(bridge.rows) for code in line.old]
    seen: set[str] = set()
    for path, code in named:
        if code not in before:
            raise source.error(path, f"bản {old.version} không có dòng {code}", "hãy sửa mã dòng cũ")
        if code in seen:
            raise source.error(path, f"dòng cũ {code} đã có ở trên", "mỗi dòng cũ ghi đúng một lần")
        seen.add(code)
    for path, code in [*named[: len(bridge.unchanged)], *_new_codes("rows", bridge.rows)]:
        if code not in after:
            raise source.error(path, f"bản {new.version} không có dòng {code}", "hãy sửa mã dòng mới")
    # The point of the file: whoever replaces a form must say of each old row what became of it (ADR 0017).
    if left := [code for code in before if code not in seen]:
        cure = "hãy ghi vào unchanged, hoặc vào rows: đổi mã, gộp, bỏ (new: []), hay comparable: false kèm reason"
        raise source.error(("rows",), f"dòng cũ {', '.join(left)} chưa được chuyển đổi", cure)


def _new_codes(key: str, lines: tuple[Mapped, ...]) -> list[tuple[KeyPath, str]]:
    return [((key, n, "new"), code) for n, line in enumerate(lines) for code in line.new]


def _check_columns(source: Source, bridge: Bridge, old: Form, new: Form) -> None:
    before = {(t.code, c.code) for t in old.tables for c in t.columns}
    after = {c.code for t in new.tables for c in t.columns}
    seen: set[tuple[str, str]] = set()
    for n, line in enumerate(bridge.columns):
        for code in line.old:
            meant = {(t, c) for t, c in before if c == code and line.table in {"", t}}
            if not meant:
                raise source.error(("columns", n, "old"), f"bản {old.version} không có cột {code}", "hãy sửa mã cột")
            if meant & seen:
                raise source.error(("columns", n, "old"), f"cột cũ {code} đã có ở trên", "mỗi cột cũ ghi một lần")
            seen |= meant
    for path, code in _new_codes("columns", bridge.columns):
        if code not in after:
            raise source.error(path, f"bản {new.version} không có cột {code}", "hãy sửa mã cột mới")


def _check_sums(source: Source, bridge: Bridge, old: Form, new: Form) -> None:
    """Only like is carried into like, and only what has a sum is added."""
    way = crossing(bridge, old, new)
    for key, sources in way.sources.items():
        table, row, column = new.cells[key]
        kind = table.type_of(row, column)
        path = _line_of(bridge, sources)
        for cell in sources:
            t, r, c = old.cells[cell]
            if t.type_of(r, c) is not kind:
                reason = f"ô cũ {cell} là {t.type_of(r, c)}, ô mới {key} là {kind}"
                raise source.error(path, reason, "hãy ghi comparable: false kèm reason")
            # Both are numbers, and yet a stock at the cut-off and a flow of the period make no series.
            if kind.is_number and r.nature is not row.nature:
                reason = f"dòng cũ {r.code} là {r.nature}, dòng mới {row.code} là {row.nature}"
                raise source.error(path, reason, "tồn và phát sinh không so được: hãy ghi comparable: false kèm reason")
        if len(sources) > 1 and kind in {ValueType.BOOL, ValueType.CHOICE}:
            cure = "có/không và phân loại không có tổng: hãy ghi comparable: false kèm reason"
            raise source.error(path, f"không cộng được {kind}: {', '.join(map(str, sources))}", cure)


def _check_nothing_is_lost(source: Source, bridge: Bridge, old: Form, new: Form) -> None:
    """A figure of a row that is carried on has a cell to go to, or its column is said to be gone."""
    way = crossing(bridge, old, new)
    landed = {cell for sources in way.sources.values() for cell in sources}
    gone = {
        (t.code, c) for line in bridge.columns if not (line.comparable and line.new)
        for c in line.old for t in old.tables if line.table in {"", t.code}
    }  # fmt: skip
    unlike = {code for line in bridge.rows if not line.comparable for code in line.new}
    kept = {code: (code,) for code in bridge.unchanged} | {
        o: m.new for m in bridge.rows if m.comparable and m.new for o in m.old
    }
    for cell, (table, row, column) in old.cells.items():
        kind = table.type_of(row, column)
        if not (kind.is_number or kind in {ValueType.BOOL, ValueType.CHOICE, ValueType.RATIO}) or cell in landed:
            continue
        # What the bridge says is gone or not comparable is no loss; a column forgotten is.
        if row.code in kept and not unlike.intersection(kept[row.code]) and (table.code, column.code) not in gone:
            reason = f"ô cũ {cell} không có ô mới tương ứng"
            raise source.error(_line_of(bridge, (cell,)), reason, "hãy ghi cột đó vào columns (new: [] nếu bỏ)")


def _line_of(bridge: Bridge, cells: tuple[CellKey, ...]) -> KeyPath:
    code = cells[0].row
    return next((("rows", n) for n, line in enumerate(bridge.rows) if code in line.old), ("unchanged",))
