"""Derived cells: recomputed from what was typed, compared with what the workbook shows (V11, V25, V26)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from baocao.checks.layout import CellSpec, Derivation, Layout, lay_out, moves
from baocao.checks.reading import Figure, Reading, total
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack import Pack
from baocao.model.per_view import once_per_slice
from baocao.model.submission import Answer, Cell, Problem, Value, Workbook
from baocao.model.unit import Unit
from baocao.rounding import rounded
from baocao.xlsx.a1 import address, position

_PRINTED_TWICE = Fraction(1, 100)
"""Two prints of one ratio may differ in the last of two decimals."""
_SURELY_THE_SAME = 0.004
"""Below this the prints cannot differ by more, so that the exact comparison is not needed."""


def compute(
    derivation: Derivation, figures: Mapping[CellKey, Figure], last_year: Mapping[CellKey, Value]
) -> Figure | None:
    """The value of a derived cell; None when no component is there or a denominator is zero (`không phát sinh`).

    Components that are not answered count as nothing, as in the workbook's own formula. Ratios are exact fractions
    in percent.
    """
    if derivation.year_on_year:
        now, before = figures.get(derivation.plus[0]), last_year.get(derivation.plus[0])
        if now is None or not isinstance(before, int | Decimal) or not before:
            return None
        return Fraction(100) * (Fraction(now) - Fraction(before)) / Fraction(before)
    plus = _sum(derivation.plus, figures)
    if not derivation.minus:
        return plus
    minus = _sum(derivation.minus, figures)
    if derivation.ratio:
        return percentage(plus, minus) if plus is not None and minus else None
    if minus is None:
        return plus
    return total((0 if plus is None else plus, -minus))


def percentage(part: Figure, whole: Figure) -> Fraction:
    """100 * part / whole, exactly. Counts and money, which nearly all are, need one fraction and not three."""
    if isinstance(part, int) and isinstance(whole, int):
        return Fraction(100 * part, whole)
    return Fraction(100) * Fraction(part) / Fraction(whole)


def _sum(keys: tuple[CellKey, ...], figures: Mapping[CellKey, Figure]) -> Figure | None:
    """Of those that are there; None when none is."""
    values = [v for v in map(figures.get, keys) if v is not None]
    return total(values) if values else None


def look_at_derived(reading: Reading) -> None:
    """Recompute every derived cell into `reading.figures` and report the ones that show something else.

    A derived cell with a component at fault is neither recomputed nor compared: its difference would be an echo.
    """
    figures, at_fault = reading.figures, reading.at_fault
    tainted: set[CellKey] = set()
    for derivation in reading.layout.derivations:
        key = derivation.spec.key
        if _is_tainted(derivation, figures, at_fault, tainted):
            tainted.add(key)
            continue
        value = compute(derivation, figures, reading.history.last_year)
        if value is None:
            continue
        figures[key] = value
        if _report_difference(reading, derivation, value):
            tainted.add(key)
            del figures[key]


def _is_tainted(
    derivation: Derivation, figures: Mapping[CellKey, Figure], at_fault: set[CellKey], tainted: set[CellKey]
) -> bool:
    """A component is at fault, rests on one that is, or should be there and is not."""
    if (at_fault or tainted) and any(k in at_fault or k in tainted for k in derivation.components):
        return True
    return not all(map(figures.__contains__, derivation.needed))


def _report_difference(reading: Reading, derivation: Derivation, value: Figure) -> bool:
    """Whether the cell itself is at fault: a closing stock below zero, or a shown value other than the computed one."""
    spec = derivation.spec
    cell = reading.cell(spec.key)
    if spec.column.role is ColumnRole.CLOSING and value < 0:
        reading.report(
            "V11",
            spec,
            "Số giảm lớn hơn đầu kỳ cộng số tăng, nên cuối kỳ âm. Hãy kiểm tra lại đầu kỳ và các cột tăng, giảm của "
            "dòng này.",
            expected="từ 0 trở lên",
            actual=value,
            cells=derivation.components,
            blames_only_itself=True,
        )
        return True
    if cell is None:
        return False
    if cell.problem is Problem.ERROR_VALUE:
        reading.report(
            "V01",
            spec,
            f"Ô tính tự động này báo lỗi {cell.raw} vì công thức hỏng. {_restore(reading, derivation)}",
            expected=value,
            actual=cell.raw,
            suggestion=value,
        )
        return True
    shown = _shown(cell)
    if shown is None or _same(spec, shown, value):
        return False
    reading.report(
        rule_of_derived(spec),
        spec,
        f"Ô này tự tính, phải bằng {_in_words(derivation)}, nhưng công thức đã bị gõ đè hoặc tệp chưa tính lại. "
        f"{_restore(reading, derivation)} Nếu số đang ghi mới đúng thì sửa các ô thành phần.",
        expected=value,
        actual=shown,
        suggestion=value,
        cells=derivation.components,
        blames_only_itself=True,
    )
    return True


def _restore(reading: Reading, derivation: Derivation) -> str:
    """How to get the formula back: in signs that every language setting of a spreadsheet reads (no list separator)."""
    cell = reading.cell(derivation.spec.key)
    formula = None if derivation.year_on_year or cell is None else _formula(reading, derivation, cell.sheet)
    if formula is None:
        return "Hãy khôi phục công thức: chép ô này từ tệp mẫu của kỳ này, hoặc nhập số ở mục gợi ý."
    return (
        f"Hãy khôi phục công thức: xóa ô, gõ {formula} rồi Enter (ô bị khóa thì vào Xem lại, Bỏ bảo vệ trang; Review, "
        "Unprotect Sheet); hoặc nhập số ở mục gợi ý."
    )


_LONGEST_FORMULA = 200


def _formula(reading: Reading, derivation: Derivation, sheet: str) -> str | None:
    """`=SUM(E15:G15)-SUM(H15:K15)` where the cells stand in this very workbook; None when one is not there."""
    plus, minus = (_sum_of(reading, keys, sheet) for keys in (derivation.plus, derivation.minus))
    if plus is None or (derivation.minus and minus is None):
        return None
    less = f"-{minus}" if minus and "+" not in minus else f"-({minus})"
    formula = f"=100*({plus})/({minus})" if derivation.ratio else f"={plus}" + (less if minus else "")
    return formula if len(formula) <= _LONGEST_FORMULA else None


def _sum_of(reading: Reading, keys: tuple[CellKey, ...], sheet: str) -> str | None:
    """Their sum as SUM over runs of neighbours; `NP` in one of them does no harm."""
    runs: list[list[tuple[str, int, int]]] = []
    for key in keys:
        cell = reading.cell(key)
        place = position(cell.a1) if cell is not None else None
        if cell is None or place is None:
            return None
        name = "" if cell.sheet == sheet else "'" + cell.sheet.replace("'", "''") + "'!"
        row, column = place
        last = runs[-1][-1] if runs else None
        if last is not None and last[0] == name and (row, column) in {(last[1], last[2] + 1), (last[1] + 1, last[2])}:
            before = runs[-1][0]
            if row == before[1] or column == before[2]:
                runs[-1].append((name, row, column))
                continue
        runs.append([(name, row, column)])
    return "+".join(f"SUM({_area(run)})" for run in runs)


def _area(run: list[tuple[str, int, int]]) -> str:
    name, row, column = run[0]
    first = name + address(row, column)
    return first if len(run) == 1 else f"{first}:{address(*run[-1][1:])}"


def _shown(cell: Cell) -> Figure | None:
    """The number the workbook shows; None when the formula has no stored value (we have computed it anyway)."""
    if cell.answer is not Answer.VALUE or isinstance(cell.value, bool) or not isinstance(cell.value, int | Decimal):
        return None
    return cell.value


def _same(spec: CellSpec, shown: Figure, value: Figure) -> bool:
    if spec.type is not ValueType.RATIO:
        return shown == value
    if abs(float(shown) - float(value)) < _SURELY_THE_SAME:
        return True
    return abs(Fraction(shown) - Fraction(rounded(value, 2))) <= _PRINTED_TWICE


def rule_of_derived(spec: CellSpec) -> str:
    """V11 for a closing stock, V26 for a ratio, V25 for any other total."""
    if spec.type is ValueType.RATIO:
        return "V26"
    return "V11" if moves(spec.table) else "V25"


def _in_words(derivation: Derivation) -> str:
    if derivation.spec.column.role is ColumnRole.CLOSING:
        return "đầu kỳ cộng các cột tăng, trừ các cột giảm"
    if derivation.year_on_year:
        return "mức thay đổi so với cùng kỳ năm trước, tính bằng phần trăm"
    if derivation.ratio:
        return f"tỷ lệ phần trăm của {_names(derivation.plus)} trên {_names(derivation.minus)}"
    return f"tổng của {_names(derivation.plus)}" + (f" trừ {_names(derivation.minus)}" if derivation.minus else "")


def _names(keys: tuple[CellKey, ...]) -> str:
    shown = [f"{k.row} cột {k.column}" for k in keys[:4]]
    return ", ".join(shown) + (" ..." if len(keys) > 4 else "")


def derived_values(
    workbook: Workbook, pack: Pack, unit: Unit, last_year: Mapping[CellKey, Value] | None = None
) -> dict[CellKey, Value]:
    """The derived cells of an accepted workbook, recomputed: what the store keeps instead of the cached figures.

    Totals are int or Decimal; ratios are Decimal percent with two decimals. Cells without a value are left out.
    """
    layout = lay_out_cached(pack, unit)
    figures = typed_figures(workbook, layout)
    result: dict[CellKey, Value] = {}
    for derivation in layout.derivations:
        value = compute(derivation, figures, last_year or {})
        if value is None:
            continue
        figures[derivation.spec.key] = value
        result[derivation.spec.key] = _printed_ratio(value) if isinstance(value, Fraction) else value
    return result


def typed_figures(workbook: Workbook, layout: Layout) -> dict[CellKey, Figure]:
    """The numbers somebody typed, with 0 for declared nil (cell or whole form)."""
    figures: dict[CellKey, Figure] = {}
    for form, specs in layout.entered:
        whole = form.code in workbook.nil_forms
        for spec in specs:
            if not spec.numeric:
                continue
            cell = workbook.cells.get(spec.key)
            if cell is not None and cell.answer is Answer.VALUE:
                figures[spec.key] = cell.value  # type: ignore[assignment]
            elif whole or (cell is not None and cell.answer is Answer.NIL):
                figures[spec.key] = 0
    return figures


lay_out_cached = once_per_slice()(lay_out)
"""`lay_out`, once per view of a pack and slice."""


def _printed_ratio(value: Fraction) -> Decimal:
    """`12.5`, as ratios were always kept: the same figure in more digits would read as another text."""
    return Decimal(int(rounded(value, 2) * 100)) / 100
