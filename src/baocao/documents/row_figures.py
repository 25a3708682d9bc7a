"""What is printed of a row, worked out once: Excel, Word and the sentences only write it down.

A figure beside its plan and its past is over the units that have both; where that is not all of them, or where nothing
can be said, the words for it are here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from baocao.documents.narrative.marks import Mark, unmarked
from baocao.documents.word_report.numerals import count, figure, magnitude
from baocao.exact import Number
from baocao.model.consolidated import (
    NOT_COMPARABLE,
    NOTHING_KNOWN,
    Change,
    Consolidation,
    PlanShare,
    plan_ratio_column,
    share_column,
)
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.model.report import Coverage

FROM_ZERO = "kỳ trước bằng 0"
NOT_SHARED = "chưa tính"
"""Instead of a share of the plan that is not the whole's."""
_BY_NAME = 3
"""Rows that a note names in full."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed place: a number of a type, or words where there can be no number. Empty: neither."""

    value: Number | None = None
    type: ValueType = ValueType.COUNT
    nil: bool = False
    words: str = ""
    signed: bool = False
    """a change: `+12`, `-3`"""

    def text(self, nil: str) -> str:
        """As a text, `nil` standing for what did not occur."""
        if self.words or (self.value is None and not self.nil):
            return self.words
        if self.nil:
            return nil
        assert self.value is not None
        sign = ("+" if self.value > 0 else "-" if self.value < 0 else "") if self.signed else ""
        return sign + figure(magnitude(self.value) if self.signed else self.value, self.type)


EMPTY = Printed()


@dataclass(frozen=True, slots=True)
class RowFigures:
    """A row with its plan and its past."""

    form: Form
    table: Table
    row: Row
    main: CellKey | None
    """the row's figure of the period"""
    compared: CellKey | None
    """what is held against last year: the ratio of a row that has one, else `main`"""
    change: Change
    share: PlanShare | None
    plan_percent: Printed = EMPTY
    previous: Printed = EMPTY
    difference: Printed = EMPTY
    percent: Printed = EMPTY
    coverage: Coverage | None = None

    @property
    def compared_units(self) -> str:
        """`163/166`: how many units are behind the comparison; empty where nothing is compared."""
        return "" if self.previous.value is None else f"{self.change.counted}/{self.change.expected}"

    @property
    def planned_units(self) -> str:
        """`47/166`: how many units have a plan, of those that have a result."""
        return planned_units(self.share)


def row_figures(result: Consolidation, form: Form, table: Table, row: Row) -> RowFigures:
    """Everything that stands beside the row's own cells."""
    columns = table.by_role(row)
    main = columns.get(ColumnRole.ACTUAL) or columns.get(ColumnRole.CLOSING)
    if main is None:
        covered = _coverage(result, form, table, row)
        return RowFigures(form, table, row, None, None, NOTHING_KNOWN, None, coverage=covered)
    key = CellKey(form.code, row.code, main.code)
    share = share_column(table)
    # Of a row with numerator and denominator the ratio is compared: a larger numerator of a much larger whole is no
    # rise.
    compared = key if share is None or not table.applies(row, share) else CellKey(form.code, row.code, share.code)
    change = result.last_year.get(compared, NOTHING_KNOWN)
    counted = row.roll_up is RollUp.YES_COUNT
    kind = ValueType.RATIO if compared != key else ValueType.COUNT if counted else table.type_of(row, main)
    previous, difference, percent = _against_last_year(row, change, kind)
    planned = result.plan_shares.get(key)
    return RowFigures(
        form, table, row, key, compared, change, planned,
        plan_percent=share_figure(planned), previous=previous, difference=difference, percent=percent,
        coverage=_coverage(result, form, table, row),
    )  # fmt: skip


def _against_last_year(row: Row, change: Change, kind: ValueType) -> tuple[Printed, Printed, Printed]:
    """(same period last year, difference, its percent). A class is no figure; a change in percentage points has no
    percent of its own."""
    if row.derive is not None and row.derive.year_on_year is not None:
        return EMPTY, EMPTY, EMPTY  # the row itself is a change against last year
    if change.reason:
        return Printed(words=NOT_COMPARABLE), EMPTY, EMPTY
    if change.previous is None or row.roll_up is RollUp.CLASS_COUNT:
        return EMPTY, EMPTY, EMPTY
    percent = EMPTY
    if kind is not ValueType.RATIO:
        rate = Printed(change.percent, ValueType.RATIO, signed=True)
        percent = Printed(words=FROM_ZERO) if change.from_zero else rate
    return Printed(change.previous, kind), Printed(change.difference, kind, signed=True), percent


def share_figure(share: PlanShare | None) -> Printed:
    """What is printed of a share of the plan."""
    if share is None:
        return EMPTY
    if share.reason:
        return Printed(words=NOT_SHARED)
    return Printed(share.percent, ValueType.RATIO, nil=share.plan is not None and not share.plan)


def _coverage(result: Consolidation, form: Form, table: Table, row: Row) -> Coverage | None:
    """Of the row's own figure; of a row without one, of the cell most units owe."""
    columns = table.by_role(row)
    main = columns.get(ColumnRole.ACTUAL) or columns.get(ColumnRole.CLOSING)
    ours = [main] if main is not None else []
    for chosen in (ours, list(columns.values())):
        keys = [CellKey(form.code, row.code, c.code) for c in chosen]
        found = [v.coverage for k in keys if (v := result.values.get(k)) is not None and v.coverage.expected]
        if found:
            # Of the cells as many units owe the least covered one: the row is only as well known as that.
            return max(found, key=lambda c: (c.expected, -c.counted))
    return None


def cell_figure(result: Consolidation, form: Form, table: Table, row: Row, column: Column) -> Printed | None:
    """One cell of the row's own; None where it holds no figure (a text, or nothing at all)."""
    key = CellKey(form.code, row.code, column.code)
    if row.roll_up is RollUp.YES_COUNT and (counted := _of_yes(result, form, table, row, column)) is not None:
        return counted
    found = result.values.get(key) if table.applies(row, column) else None
    if found is None:
        return None
    kind = table.type_of(row, column)
    # A plan ratio is over the units that have both (ADR 0025), so never the quotient of the two printed cells beside
    # it.
    if key in result.plan_shares and kind is ValueType.RATIO and column.role is not ColumnRole.ACTUAL:
        return share_figure(result.plan_shares[key])
    if row.derive is not None and row.derive.year_on_year is not None and found.value is None:
        return _no_change(result.last_year.get(CellKey.parse(row.derive.year_on_year.of), NOTHING_KNOWN))
    if kind is ValueType.RATIO and key in result.plan_shares and result.plan_shares[key].reason:
        return Printed(words=NOT_SHARED)
    # The province's value of a yes/no cell is a number of units, whatever the form's cell is.
    counts = row.roll_up in {RollUp.YES_COUNT, RollUp.CLASS_COUNT} and not kind.is_number
    return Printed(found.value, ValueType.COUNT if counts else kind, nil=found.nil)


def gathered(result: Consolidation, key: CellKey, kind: ValueType) -> str:
    """What units answered in a cell that holds no figure: the one answer, how many said yes, or how many answered."""
    said = result.texts.get(key, ())
    if len(said) == 1:
        return said[0][1]
    if kind is ValueType.BOOL and said:
        yes = sum(text == "Có" for _, text in said)
        return f"Có: {yes}; Không: {len(said) - yes}"
    return f"{len(said)} đơn vị" if said else ""


def _no_change(change: Change) -> Printed:
    """In place of a rate of change that there cannot be."""
    return Printed(words=NOT_COMPARABLE if change.reason else FROM_ZERO if change.from_zero else "")


def _of_yes(result: Consolidation, form: Form, table: Table, row: Row, column: Column) -> Printed | None:
    """A yes-count also shows its denominator, all units that are asked, and its share of them."""
    actual = next((c for c in table.columns if c.role is ColumnRole.ACTUAL), None)
    key = CellKey(form.code, row.code, actual.code) if actual else None
    if column.role is ColumnRole.DENOMINATOR:
        return Printed(result.population(key), ValueType.COUNT)
    if column == share_column(table):
        share = result.share_of_units(key) if key else None
        return Printed(share, ValueType.RATIO)
    return None


def ratio_figure(result: Consolidation, figures: RowFigures) -> Printed:
    """The one ratio of a row where a table has room for one: numerator over denominator, else the share of the plan."""
    table, row = figures.table, figures.row
    for column in (share_column(table), plan_ratio_column(table)):
        if column is not None and (table.applies(row, column) or row.roll_up is RollUp.YES_COUNT):
            return cell_figure(result, figures.form, table, row, column) or EMPTY
    if row.roll_up is RollUp.YES_COUNT and figures.main is not None:
        return Printed(result.share_of_units(figures.main), ValueType.RATIO)
    main = table.by_role(row).get(ColumnRole.ACTUAL)
    if main is not None and table.type_of(row, main) is ValueType.RATIO:
        return EMPTY  # the row's own figure is the ratio
    return figures.plan_percent


# ------------------------------------------------------------------------------------------------------------- words


def units_compared(change: Change, mark: Mark = unmarked) -> str:
    """`tính trên 163/166 đơn vị có số liệu cả hai kỳ`; empty where that is every unit."""
    if change.previous is None or change.is_all:
        return ""
    gone = f"; {mark('don-vi-ky-truoc', count(len(change.gone)))} đơn vị chỉ có ở kỳ trước" if change.gone else ""
    both = mark("don-vi-so-sanh", f"{count(change.counted)}/{count(change.expected)}")
    return f"tính trên {both} đơn vị có số liệu cả hai kỳ{gone}"


def units_planned(share: PlanShare, mark: Mark = unmarked) -> str:
    """`47/166 đơn vị có kế hoạch`; empty where that is every unit."""
    if share.is_all:
        return ""
    return f"{mark('don-vi-co-ke-hoach', f'{count(share.counted)}/{count(share.expected)}')} đơn vị có kế hoạch"


def planned_units(share: PlanShare | None) -> str:
    """`47/166`; empty where nobody has a plan."""
    return "" if share is None or (not share.counted and not share.reason) else f"{share.counted}/{share.expected}"


def change_in_words(
    change: Change, kind: ValueType, unit: str, last_year: str, mark: Mark = unmarked, usual: str = ""
) -> str:
    """`tăng 12 người (3,45 %) so với cùng kỳ năm trước (tính trên 163/166 đơn vị có số liệu cả hai kỳ)`; empty where
    last year is not known, and said where it cannot be compared. `usual`: the units that are said once for all."""
    if change.reason:
        return f"{NOT_COMPARABLE} với {last_year}"
    if change.difference is None:
        return ""
    over = f" ({units_compared(change, mark)})" if units_compared(change) not in {"", usual} else ""
    if change.difference == 0:
        return f"{mark('tang-giam', 'bằng')} {last_year}{over}"
    moved, rate = moved_and_rate(change, kind, unit, mark)
    share = f" ({rate})" if rate else ""
    zero = f", {FROM_ZERO}" if change.from_zero else ""
    return f"{moved}{share} so với {last_year}{zero}{over}"


def moved_and_rate(change: Change, kind: ValueType, unit: str, mark: Mark = unmarked) -> tuple[str, str]:
    """(`tăng 12 người`, `3,45 %`) of a change that there is; the second is empty where there is no rate."""
    assert change.difference is not None
    word = "tăng" if change.difference > 0 else "giảm"
    amount = f"{figure(magnitude(change.difference), kind)} {unit}".rstrip()
    # The percent of a percentage confuses every reader: a ratio changes by points.
    rate: Fraction | None = None if kind is ValueType.RATIO else change.percent
    printed = f"{figure(magnitude(rate), ValueType.RATIO)}\N{NO-BREAK SPACE}%" if rate is not None else ""
    return mark("tang-giam", f"{word} {amount}"), mark("ty-le-tang-giam", printed) if printed else ""
