"""Rows of the tables of a term: plan of the term, year by year, what was reached, how much of the plan that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from baocao.documents.word_report.source_texts import MARK
from baocao.exact import Number
from baocao.model.consolidated import Consolidation, PlanShare
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.term_totals import ProvinceTerm, TermAggregation, way_of

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
    way: TermAggregation
    plan: Number | None
    years: tuple[Number | None, ...]
    """in the order of `ProvinceTerm.columns`"""
    accumulated: Number | None
    """from the accepted reports of the years"""
    reached: Number | None
    """what the evaluated report itself says"""
    estimate: Number | None
    share: PlanShare | None = None
    """of the plan of the term, over the units that have a plan and a figure of the term"""
    estimate_share: PlanShare | None = None
    two_figures: bool = False
    """whether two levels report the row differently"""

    @property
    def name(self) -> str:
        """As printed; marked where two levels report the row differently."""
        marked = MARK if self.two_figures and not self.suffix else ""
        return f"{self.row.name} {self.suffix}".strip() + marked


@dataclass(frozen=True, slots=True)
class Goals:
    """Plan of the term and estimates of a row, from the rows that say they measure it."""

    cells: dict[ColumnRole, CellKey]
    result: Consolidation

    def value(self, role: ColumnRole) -> Number | None:
        """The province's figure in the column of that role; None where there is none."""
        return self.result.number(self.cells[role]) if role in self.cells else None

    @property
    def share(self) -> PlanShare | None:
        """What is reached of the plan."""
        return self._share(ColumnRole.PLAN_TERM)

    @property
    def estimate_share(self) -> PlanShare | None:
        """What the estimate for the end of the term reaches of the plan."""
        return self._share(ColumnRole.ESTIMATE)

    def _share(self, role: ColumnRole) -> PlanShare | None:
        return self.result.plan_shares.get(self.cells[role]) if role in self.cells else None


def planned(pack: Pack, result: Consolidation, form: str, row: str) -> Goals:
    """Where the plan of the term and the estimates of a row stand."""
    found: dict[ColumnRole, CellKey] = {}
    for other in pack.forms:
        for table in other.tables:
            for line in table.rows:
                if line.measures != f"{form}/{row}":
                    continue
                for column in table.columns:
                    key = CellKey(other.code, line.code, column.code)
                    if result.number(key) is not None:
                        found.setdefault(column.role, key)
    return Goals(found, result)


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
    """The rows of the term's table for one row of a form: its figure, the whole it is part of, the ratio."""
    columns = table.by_role(row)
    main = columns.get(ColumnRole.ACTUAL) or columns.get(ColumnRole.CLOSING)
    # A change against last year does not accumulate.
    if main is None or row.roll_up in _COUNTED or (row.derive is not None and row.derive.year_on_year is not None):
        return
    kind = table.type_of(row, main)
    if not (kind.is_number or kind in {ValueType.BOOL, ValueType.RATIO}):
        return
    goals = planned(pack, result, form.code, row.code)
    kind = ValueType.COUNT if kind is ValueType.BOOL else kind
    way = TermAggregation.RATIO if kind is ValueType.RATIO else way_of(row, main) or TermAggregation.LATEST
    # Units that answered yes in two years are not twice as many units.
    way = TermAggregation.LATEST if row.roll_up is RollUp.YES_COUNT else way

    def line(
        column: Column, suffix: str, type: ValueType, way: TermAggregation, plan: bool, role: ColumnRole
    ) -> TermRow:
        key = CellKey(form.code, row.code, column.code)
        return TermRow(
            row=row,
            key=key,
            suffix=suffix,
            type=type,
            unit="%" if type is ValueType.RATIO else "đơn vị" if row.roll_up is RollUp.YES_COUNT else row.unit,
            way=way,
            plan=goals.value(ColumnRole.PLAN_TERM) if plan else None,
            years=tuple(term.of_year(year, key) for year in term.columns),
            accumulated=term.values.get(key),
            reached=result.number(key),
            estimate=goals.value(role),
            share=goals.share if plan else None,
            estimate_share=goals.estimate_share if plan else None,
            two_figures=result.conflict(form.code, row.code) is not None,
        )

    yield line(main, "", kind, way, True, ColumnRole.ESTIMATE)
    whole = columns.get(ColumnRole.DENOMINATOR)
    if whole is None:
        return
    yield line(whole, "(trên tổng số)", table.type_of(row, whole), way, False, ColumnRole.ESTIMATE_TOTAL)
    for column in table.columns:
        ratio = column.derive.ratio if column.derive else None
        if ratio is not None and whole.code in ratio.denominator and table.applies(row, column):
            yield line(column, "(tỷ lệ)", ValueType.RATIO, TermAggregation.RATIO, False, ColumnRole.RATIO)
