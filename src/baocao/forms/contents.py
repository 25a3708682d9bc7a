"""What some forms hold, for whoever explains them: a guide to forms without money says nothing of money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from baocao.model.form import ColumnRole, EntryLevel, Form, ValueType
from baocao.model.pack_parts.lists import ListType


@dataclass(frozen=True, slots=True)
class FormContents:
    """Kinds of cells and rows in some forms."""

    types: frozenset[ValueType]
    optional_types: frozenset[ValueType]
    """of the cells somebody may leave blank"""
    roles: frozenset[ColumnRole]
    levels: frozenset[EntryLevel]
    """who enters a row of them"""
    computed: bool
    """a cell that nobody enters"""
    two_levels: bool
    """a row that both levels enter"""
    list_money: bool
    """a list that asks for amounts"""

    @property
    def money(self) -> bool:
        return ValueType.MONEY in self.types

    @property
    def ratios(self) -> bool:
        return ValueType.RATIO in self.types

    @property
    def answers(self) -> bool:
        """questions with given answers: yes or no, one of several"""
        return bool(self.types & {ValueType.BOOL, ValueType.CHOICE})

    @property
    def plans(self) -> bool:
        """Whether a unit types what it has planned for the year or the term."""
        return bool(self.roles & {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM})


def contents_of(forms: Iterable[Form]) -> FormContents:
    """Of the tables of these forms, and whether their lists ask for money."""
    every = tuple(forms)
    cells = [place for form in every for place in form.cells.values()]
    rows = [row for form in every for table in form.tables for row in table.rows]
    return FormContents(
        types=frozenset(table.type_of(row, column) for table, row, column in cells),
        optional_types=frozenset(
            table.type_of(row, column)
            for table, row, column in cells
            if table.is_entered(row, column) and not table.is_required(row, column)
        ),
        roles=frozenset(column.role for _, _, column in cells),
        levels=frozenset(level for row in rows for level in row.levels),
        computed=any(not table.is_entered(row, column) for table, row, column in cells),
        two_levels=any(len(row.levels) > 1 for row in rows),
        list_money=any(c.type is ListType.MONEY for form in every for one in form.lists for c in one.columns),
    )
