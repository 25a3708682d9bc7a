"""What a mid-term or end-term workbook says before the unit writes anything: the sum of what it has reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from baocao.model.form import CellKey, ColumnRole, Form
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.term_totals import TermAggregation, UnitTerm

_PREFILLED = {
    ColumnRole.OPENING,
    ColumnRole.ACTUAL,
    ColumnRole.DENOMINATOR,
    ColumnRole.INCREASE,
    ColumnRole.DECREASE,
}
SHOWN = "lũy kế các báo cáo đã nhận"


def prefilled(forms: Iterable[Form], term: UnitTerm) -> dict[CellKey, Value]:
    """Entry cell -> the accumulated figure. Stocks stay empty: they are counted anew on the cut-off day. What the unit
    has always declared nil stays empty too."""
    found: dict[CellKey, Value] = {}
    for form in forms:
        for key, (table, row, column) in form.cells.items():
            if not table.is_entered(row, column):
                continue
            if column.role in _PREFILLED:
                of = key
            # At the end of a term the period's figure and the one of the term are the same (ADR 0016, point 1).
            elif column.role is ColumnRole.CUMULATIVE_TERM:
                actual = next((c for c in table.columns if c.role is ColumnRole.ACTUAL and table.applies(row, c)), None)
                if actual is None:
                    continue
                of = key._replace(column=actual.code)
            else:
                continue
            known = term.cells.get(of)
            if known is None or known.nil or known.way not in {TermAggregation.SUM, TermAggregation.EARLIEST}:
                continue
            if isinstance(known.value, int | Decimal):
                found[key] = known.value
    return found


def shown(previous: Mapping[CellKey, Value], term: UnitTerm) -> dict[CellKey, Value]:
    """Printed beside the entry cells: the accumulated flows, the last stocks."""
    sums = {
        k: a.value
        for k, a in term.cells.items()
        if a.way is TermAggregation.SUM and not a.nil and isinstance(a.value, int | Decimal)
    }
    return {**previous, **sums}


def explained(term: UnitTerm, periods: Iterable[Period]) -> list[str]:
    """Sentences for the guide: which reports the prefilled figures are made of, which are missing."""
    names = {p.code: p.name for p in periods}

    def listed(codes: Iterable[str]) -> str:
        return ", ".join(names.get(code, code) for code in codes)

    behind = term.behind
    if not behind.used:
        return ["Chưa có báo cáo nào của đơn vị trong giai đoạn được nhận: mọi ô phải điền từ đầu."]
    lines = [
        f"Số điền sẵn cộng từ các báo cáo đã được nhận: {listed(behind.used)}. Hãy cộng thêm phần phát sinh sau đó."
    ]
    if behind.instead:
        stand_ins = "; ".join(f"{names.get(w, w)} (dùng số {names.get(u, u)})" for w, u in behind.instead)
        lines.append(f"Chưa có báo cáo {stand_ins}: hãy cộng thêm phần còn lại của năm đó.")
    if behind.missing:
        lines.append(f"Không có báo cáo {listed(behind.missing)}: hãy cộng thêm số của các kỳ này.")
    return lines
