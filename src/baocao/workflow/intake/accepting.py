"""Which cells of an accepted workbook are kept."""

from __future__ import annotations

from dataclasses import replace

from baocao.checks.rules.derived import derived_to_keep
from baocao.model.form import ValueType
from baocao.model.pack import Pack
from baocao.model.submission import Answer, Cell, ListAnswers, Workbook
from baocao.model.unit import Unit


def cells_to_keep(workbook: Workbook, pack: Pack, unit: Unit) -> list[Cell]:
    """Every answered cell of the unit's forms, in printed order; derived ones with the value we computed ourselves.

    A form declared nil as a whole answers nil for each of its entry cells. Blank cells are not kept: nobody said
    anything there.
    """
    computed = derived_to_keep(workbook, pack, unit)
    kept: list[Cell] = []
    for form in pack.entered_by(unit):
        whole_nil = form.code in workbook.nil_forms
        for key, (table, row, column) in form.cells.items():
            cell = workbook.cells.get(key)
            if not table.is_entered(row, column):
                # Ratios are never kept: the province computes them from sums.
                if key in computed and cell is not None and table.type_of(row, column) is not ValueType.RATIO:
                    kept.append(replace(cell, answer=Answer.VALUE, value=computed[key], problem=None))
            elif cell is not None and cell.answer in {Answer.VALUE, Answer.NIL}:
                kept.append(cell)
            elif whole_nil and cell is not None:
                kept.append(replace(cell, answer=Answer.NIL, value=None))
    return kept


def lists_to_keep(workbook: Workbook) -> ListAnswers:
    """The rows of every list that has any, blank cells left out, and why the others have none."""
    rows = {
        name: tuple(
            replace(row, cells={c: cell for c, cell in row.cells.items() if cell.answer is not Answer.BLANK})
            for row in found
        )
        for name, found in workbook.lists.items()
        if found
    }
    return ListAnswers(rows, {name: said for name, said in workbook.nil_lists.items() if name not in rows})
