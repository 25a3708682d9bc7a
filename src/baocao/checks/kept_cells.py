"""Which cells of an accepted workbook are kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from baocao.checks.cell_specs import CellSpec, lay_out
from baocao.exact import Number
from baocao.forms.derivation import Derivations, compute
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import once_per_slice
from baocao.model.submission import Answer, Cell, ListAnswers, Workbook
from baocao.model.unit import Unit
from baocao.rounding import rounded


def cells_to_keep(workbook: Workbook, pack: Pack, unit: Unit) -> list[Cell]:
    """Every answered cell of the unit's forms, in printed order; derived ones with the value we computed ourselves.

    A form declared nil as a whole answers nil for each of its entry cells. Blank cells are not kept: nobody said
    anything there.
    """
    kept: list[Cell] = []
    derived: list[tuple[int, Cell]] = []
    figures: dict[CellKey, Number] = {}
    value, nil = Answer.VALUE, Answer.NIL
    for form, specs in _specs_by_form(pack, unit):
        whole_nil = form in workbook.nil_forms
        for spec in specs:
            cell = workbook.cells.get(spec.key)
            # The sheet has no such cell: the rules have said so before, where it matters.
            if cell is None:
                continue
            if not spec.entered:
                derived.append((len(kept), cell))
            elif cell.answer is value:
                kept.append(cell)
                if spec.numeric:
                    figures[spec.key] = cell.value  # type: ignore[assignment]
            elif whole_nil or cell.answer is nil:
                kept.append(cell if cell.answer is nil else replace(cell, answer=nil, value=None))
                if spec.numeric:
                    figures[spec.key] = 0
    # Our own result, not what the cell shows: Excel may not have recalculated, or its user typed over the formula.
    for key, derivation in _derivations_to_keep(pack, unit).items():
        if (figure := compute(derivation, figures)) is not None:
            figures[key] = figure
    # From the end, so that the places of the others stay what they were.
    for place, cell in reversed(derived):
        if cell.key in figures:
            shown = _printed(figures[cell.key])
            kept.insert(place, Cell(cell.key, value, shown, cell.sheet, cell.a1, cell.raw))
    return kept


@once_per_slice
def _specs_by_form(pack: Pack, unit: Unit) -> tuple[tuple[str, tuple[CellSpec, ...]], ...]:
    """Form by form the cells that may be kept. Ratios are never kept: the province computes them from sums."""
    wanted = (s for s in lay_out(pack, unit).specs.values() if s.entered or s.type is not ValueType.RATIO)
    # groupby needs them form by form, which is how they are laid out.
    return tuple((form, tuple(of)) for form, of in groupby(wanted, lambda s: s.key.form))


@once_per_slice
def _derivations_to_keep(pack: Pack, unit: Unit) -> Derivations:
    """Of the cells that may be kept, and whatever they follow from."""
    found = lay_out(pack, unit).derivations
    wanted = {spec.key for _, specs in _specs_by_form(pack, unit) for spec in specs if not spec.entered}
    # From the end: components stand before what is derived from them.
    for key in reversed(tuple(found)):
        if key in wanted:
            wanted.update(found[key].components)
    return {key: derivation for key, derivation in found.items() if key in wanted}


def _printed(value: Number) -> int | Decimal:
    """A total of ratios as `12.5`, as it was always kept: the same figure in more digits would read as another text."""
    return Decimal(int(rounded(value, 2) * 100)) / 100 if isinstance(value, Fraction) else value


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
