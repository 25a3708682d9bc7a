"""A computed cell that shows something else than what follows from what was typed: why, and how to correct it.

Slips that look alike and are corrected differently: a figure or a text typed over the formula; a formula whose stored
value is from before the last change, or that was changed itself; a figure in a cell for which nothing follows.
"""

from __future__ import annotations

from decimal import Decimal

from baocao.checks.cell_specs import CellSpec, moves
from baocao.checks.reading import Reading, printed
from baocao.exact import Number
from baocao.forms.derivation import Derivation, DerivationKind
from baocao.forms.reading.unread import says_nothing
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer, Cell, Severity
from baocao.text import fold
from baocao.xlsx.a1 import address, position

_RECALCULATE = (
    "Hãy mở tệp, bấm Ctrl+Alt+F9 (LibreOffice: Ctrl+Shift+F9) để tính lại, lưu rồi gửi lại tệp. Nếu số vẫn như cũ thì "
    "công thức đã bị sửa: "
)
_LONGEST_FORMULA = 200


def shown(cell: Cell | None) -> Number | None:
    """The number the workbook shows; None when the formula has no stored value (we have computed it anyway)."""
    if cell is None or cell.answer is not Answer.VALUE or isinstance(cell.value, bool):
        return None
    return cell.value if isinstance(cell.value, int | Decimal) else None


def report_difference(
    reading: Reading, spec: CellSpec, cell: Cell, derivation: Derivation, figure: Number, value: Number
) -> None:
    """The cell shows `figure`; `value` follows from what was typed."""
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        report_computed_above(reading, spec, cell)
        return
    said = printed(figure, spec.type)
    must = f"{_in_words(spec, derivation)}, là {printed(value, spec.type)}"
    if spec.key in reading.workbook.formulas:
        message = (
            f"Ô {cell.a1} còn công thức nhưng số đang lưu ({said}) không bằng {must}: tệp chưa được tính lại. "
            f"{_RECALCULATE}{_restore(reading, derivation)}"
        )
    else:
        message = (
            f"Công thức ô {cell.a1} đã bị gõ đè bằng {said}; ô này tự tính, phải bằng {must}. "
            f"{restore(reading, derivation)} Cũng có thể nhập số ở mục gợi ý. Nếu số đang ghi mới đúng thì sửa các ô "
            "thành phần."
        )
    reading.report(
        kind_of_derived(spec),
        spec,
        message,
        expected=value,
        actual=figure,
        suggestion=value,
        cells=derivation.components,
        blames_only_itself=True,
    )


def report_without_value(reading: Reading, spec: CellSpec, cell: Cell | None, derivation: Derivation) -> None:
    """Nothing follows for the cell; a figure that stands there all the same belongs to nothing, and must not vanish."""
    figure = shown(cell)
    if cell is None or not figure:
        return
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        report_computed_above(reading, spec, cell)
        return
    said = printed(figure, spec.type)
    lacking = f"chưa có số ở {_names(derivation.components)}"
    if derivation.kind is DerivationKind.RATIO and any(reading.figure(key) is not None for key in derivation.minus):
        lacking = f"{_names(derivation.minus)} bằng 0 nên không có tỷ lệ"
    if spec.key in reading.workbook.formulas:
        message = (
            f"Ô {cell.a1} còn công thức và đang lưu số {said}, nhưng {lacking}: tệp chưa được tính lại. "
            f"{_RECALCULATE}{_restore(reading, derivation)}"
        )
    else:
        message = (
            f"Công thức ô {cell.a1} đã bị gõ đè bằng {said}, nhưng {lacking}; số ở ô tự tính không được đọc. Hãy điền "
            f"các ô thành phần, rồi {_restore(reading, derivation)} Không có số liệu thì chỉ cần xóa số ở ô này."
        )
    reading.report(
        kind_of_derived(spec),
        spec,
        message,
        expected="(trống)",
        actual=figure,
        cells=derivation.components,
        blames_only_itself=True,
    )


def report_computed_above(reading: Reading, spec: CellSpec, cell: Cell | None) -> None:
    """A figure in a cell that only the level above can compute."""
    figure = shown(cell)
    if cell is None or not figure:
        return
    level = reading.layout.pack.regime.wording.top_level
    reading.report(
        kind_of_derived(spec),
        spec,
        f"Ô {cell.a1} do {level} tính, đơn vị không nhập, nhưng đang có số {printed(figure, spec.type)}; số này không "
        "được đọc. Hãy xóa số ở ô này.",
        expected="(trống)",
        actual=figure,
    )


def report_text(reading: Reading, spec: CellSpec, cell: Cell | None, derivation: Derivation | None) -> None:
    """A text typed over a formula: it is not read, so it is returned when it holds a figure, else asked about."""
    if cell is None or cell.answer is not Answer.BLANK or not cell.raw or spec.key in reading.workbook.formulas:
        return
    computed_above = derivation is None or derivation.kind is DerivationKind.YEAR_ON_YEAR
    # The blank itself prints "cấp tỉnh tính" or the like in cells that the level above computes.
    if says_nothing(cell.raw) or (computed_above and fold(cell.raw).endswith(" tính")):
        return
    how = "Hãy xóa chữ ở ô này." if derivation is None else restore(reading, derivation)
    reading.report(
        kind_of_derived(spec),
        spec,
        f"Công thức ô {cell.a1} đã bị gõ đè bằng chữ «{cell.raw[:60]}»; chữ này không được đọc. {how} Ghi chú thì viết "
        "ở cột giải trình.",
        actual=cell.raw,
        severity=Severity.BLOCKS if any(c.isdigit() for c in cell.raw) else Severity.EXPLAIN,
        blames_only_itself=True,
        tag="chu",
    )


def restore(reading: Reading, derivation: Derivation) -> str:
    """How to get the formula back, as a sentence."""
    return f"Hãy {_restore(reading, derivation)}"


def _restore(reading: Reading, derivation: Derivation) -> str:
    """In signs that every language setting of a spreadsheet reads: no list separator."""
    cell = reading.cell(derivation.key)
    formula = None if cell is None else _formula(reading, derivation, cell.sheet)
    if formula is None or cell is None:
        return "khôi phục công thức: chép ô này từ tệp mẫu của kỳ này."
    return (
        f"khôi phục công thức: xóa ô {cell.a1}, gõ {formula} rồi Enter, hoặc chép ô này từ tệp mẫu của kỳ này (ô bị "
        "khóa thì vào Xem lại, Bỏ bảo vệ trang; Review, Unprotect Sheet)."
    )


def _formula(reading: Reading, derivation: Derivation, sheet: str) -> str | None:
    """`=SUM(E15:G15)-SUM(H15:K15)` where the cells stand in this very workbook; None when one is not there."""
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        return None
    plus, minus = (_sum_of(reading, keys, sheet) for keys in (derivation.plus, derivation.minus))
    if plus is None or (derivation.minus and minus is None):
        return None
    # A difference of several runs needs brackets: a - b + c is not a - (b + c).
    less = f"-{minus}" if minus and "+" not in minus else f"-({minus})"
    if derivation.kind is DerivationKind.RATIO:
        formula = f"=100*({plus})/({minus})"
    else:
        formula = f"={plus}" + (less if minus else "")
    # Nobody types a longer one without a slip; the cell is to be copied from the blank.
    return formula if len(formula) <= _LONGEST_FORMULA else None


def _sum_of(reading: Reading, keys: tuple[CellKey, ...], sheet: str) -> str | None:
    """Their sum as SUM over runs of neighbours; `NP` in one of them does no harm."""
    runs: list[list[tuple[str, int, int]]] = []
    for key in keys:
        cell = reading.cell(key)
        place = position(cell.a1) if cell is not None else None
        if cell is None or place is None:
            return None
        # A spreadsheet doubles an apostrophe inside a quoted sheet name.
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


def kind_of_derived(spec: CellSpec) -> RuleKind:
    """A closing stock, a ratio, or any other total."""
    if spec.type is ValueType.RATIO:
        return RuleKind.RATIO
    return RuleKind.CLOSING_STOCK if moves(spec.table) else RuleKind.TOTAL


def _in_words(spec: CellSpec, derivation: Derivation) -> str:
    if spec.column.role is ColumnRole.CLOSING:
        return "đầu kỳ cộng các cột tăng, trừ các cột giảm"
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        return "mức thay đổi so với cùng kỳ năm trước, tính bằng phần trăm"
    if derivation.kind is DerivationKind.RATIO:
        return f"tỷ lệ phần trăm của {_names(derivation.plus)} trên {_names(derivation.minus)}"
    return f"tổng của {_names(derivation.plus)}" + (f" trừ {_names(derivation.minus)}" if derivation.minus else "")


def _names(keys: tuple[CellKey, ...]) -> str:
    shown = [f"{k.row} cột {k.column}" for k in keys[:4]]
    return ", ".join(shown) + (" ..." if len(keys) > 4 else "")
