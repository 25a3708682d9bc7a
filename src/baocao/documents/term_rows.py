"""Rows of the tables of a term: plan of the term, year by year, what was reached, how much of the plan that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from baocao.model.consolidated import Consolidation, Number
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.term import ProvinceTerm, Way, way_of

_COUNTED = frozenset({RollUp.LIST, RollUp.CLASS_COUNT, RollUp.NONE})


@dataclass(frozen=True, slots=True)
class TermRow:
    """One line; every figure exact, None where there is none."""

    row: Row
    key: CellKey
    suffix: str
    """after the printed name: `(tổng số)`, `(tỷ lệ)`"""
    type: ValueType
    unit: str
    way: Way
    plan: Number | None
    years: tuple[Number | None, ...]
    """in the order of `ProvinceTerm.columns`"""
    accumulated: Number | None
    """from the accepted reports of the years"""
    reached: Number | None
    """what the evaluated report itself says"""
    estimate: Number | None

    @property
    def name(self) -> str:
        return f"{self.row.name} {self.suffix}".strip()

    @property
    def percent(self) -> Fraction | None:
        """Of the plan of the term; from the report, else from the years."""
        return portion(self.accumulated if self.reached is None else self.reached, self.plan)

    @property
    def estimate_percent(self) -> Fraction | None:
        return portion(self.estimate, self.plan)


def portion(part: Number | None, whole: Number | None) -> Fraction | None:
    """100 * part / whole; None without both, or of nothing."""
    return None if part is None or not whole else Fraction(100) * Fraction(part) / Fraction(whole)


def planned(pack: Pack, result: Consolidation, form: str, row: str) -> dict[ColumnRole, Number]:
    """Plan of the term and estimates of a row, from the rows that say they measure it."""
    found: dict[ColumnRole, Number] = {}
    for other in pack.forms:
        for table in other.tables:
            for line in table.rows:
                if line.measures != f"{form}/{row}":
                    continue
                for column in table.columns:
                    value = result.number(CellKey(other.code, line.code, column.code))
                    if value is not None:
                        found.setdefault(column.role, value)
    return found


def term_rows(pack: Pack, result: Consolidation, term: ProvinceTerm, forms: Iterable[Form]) -> list[TermRow | Row]:
    """The rows of these forms in printed order; a heading stands as the plain `Row`, only where a row is below it."""
    lines: list[TermRow | Row] = []
    for form in forms:
        for table in form.tables:
            pending: list[Row] = []
            for row in table.rows:
                if row.heading:
                    pending = [row]
                    continue
                made = list(_of_row(pack, result, term, form, table, row))
                if made:
                    lines += [*pending, *made]
                    pending = []
    return lines


def _of_row(
    pack: Pack, result: Consolidation, term: ProvinceTerm, form: Form, table: Table, row: Row
) -> Iterator[TermRow]:
    columns = {c.role: c for c in table.columns if table.applies(row, c)}
    main = columns.get(ColumnRole.ACTUAL) or columns.get(ColumnRole.CLOSING)
    if main is None or row.roll_up in _COUNTED or (row.derive is not None and row.derive.year_on_year is not None):
        return
    kind = table.type_of(row, main)
    if not (kind.is_number or kind in {ValueType.BOOL, ValueType.RATIO}):
        return
    goals = planned(pack, result, form.code, row.code)
    kind = ValueType.COUNT if kind is ValueType.BOOL else kind
    way = Way.RATIO if kind is ValueType.RATIO else way_of(row, main) or Way.LATEST
    way = Way.LATEST if row.roll_up is RollUp.YES_COUNT else way

    def line(column: Column, suffix: str, type: ValueType, way: Way, plan: bool, role: ColumnRole) -> TermRow:
        key = CellKey(form.code, row.code, column.code)
        return TermRow(
            row=row,
            key=key,
            suffix=suffix,
            type=type,
            unit="%" if type is ValueType.RATIO else "đơn vị" if row.roll_up is RollUp.YES_COUNT else row.unit,
            way=way,
            plan=goals.get(ColumnRole.PLAN_TERM) if plan else None,
            years=tuple(term.of_year(year, key) for year in term.columns),
            accumulated=term.values.get(key),
            reached=result.number(key),
            estimate=goals.get(role),
        )

    yield line(main, "", kind, way, True, ColumnRole.ESTIMATE)
    whole = columns.get(ColumnRole.DENOMINATOR)
    if whole is None:
        return
    yield line(whole, "(trên tổng số)", table.type_of(row, whole), way, False, ColumnRole.ESTIMATE_TOTAL)
    for column in table.columns:
        ratio = column.derive.ratio if column.derive else None
        if ratio is not None and whole.code in ratio.denominator and table.applies(row, column):
            yield line(column, "(tỷ lệ)", ValueType.RATIO, Way.RATIO, False, ColumnRole.RATIO)
