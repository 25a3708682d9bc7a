"""What differs between two versions of a report: cell by cell, down to the units' own cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from baocao.consolidation.lineage import components
from baocao.consolidation.list_changes import list_changes
from baocao.model.consolidated import plan_ratio_column
from baocao.model.correction import Cause, CorrectedCell, ListChange, Resent, TextChange
from baocao.model.form import CellKey, Column, ColumnRole, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.report import ProvinceValue
from baocao.model.submission import AcceptedCells, Answer, Cell
from baocao.text import as_answered

_SAID = {ColumnRole.EXPLANATION, ColumnRole.NOTE}
Explanations = Mapping[tuple[int, CellKey], str]
"""(submission, cell) -> what the unit answered to a finding about the cell"""


@dataclass(frozen=True)
class Differences:
    """Everything that differs, in printed order."""

    changes: tuple[CorrectedCell, ...]
    causes: tuple[Cause, ...]
    texts: tuple[TextChange, ...]
    resent: tuple[Resent, ...]
    lists: tuple[ListChange, ...]


def differences(
    pack: Pack,
    old: Mapping[CellKey, ProvinceValue],
    new: Mapping[CellKey, ProvinceValue],
    old_cells: Iterable[AcceptedCells],
    new_cells: Iterable[AcceptedCells],
    explanations: Explanations | None = None,
) -> Differences:
    """Compare two versions of a report.

    A province cell differs when its value, its nil or its classes do. Its causes are the entered cells it is made of
    that a unit answered differently; a unit that sent nothing new is never looked at.
    """
    before, after = ({a.unit: a for a in cells} for cells in (old_cells, new_cells))
    pairs = [
        (before.get(unit), after.get(unit))
        for unit in sorted(before.keys() | after.keys())
        # Cells of an accepted submission never change, so an equal id means equal cells.
        if _id(before.get(unit)) != _id(after.get(unit))
    ]
    causes: list[Cause] = []
    texts: list[TextChange] = []
    lists: list[ListChange] = []
    for pair in pairs:
        found, said = _of_unit(pack, *pair, explanations or {})
        causes += found
        texts += said
        lists += list_changes(pack, _unit(pair), *pair)
    by_key: dict[CellKey, list[Cause]] = {}
    for cause in causes:
        by_key.setdefault(cause.key, []).append(cause)
    changes = [
        _change(pack, spec, key, old, new, by_key)
        for form in pack.forms
        for key, spec in form.cells.items()
        if _says(old.get(key)) != _says(new.get(key))
    ]
    resent = [Resent(_unit(p), pack.unit_name(_unit(p)), _id(p[0]), _id(p[1])) for p in pairs]
    return Differences(tuple(changes), tuple(causes), tuple(texts), tuple(resent), tuple(lists))


def _says(value: ProvinceValue | None) -> tuple[object, ...]:
    # Not the coverage: a unit more or less with the same figure changes nothing that was printed in the cell.
    return (None, False, ()) if value is None else (value.value, value.nil, value.classes)


def _id(sent: AcceptedCells | None) -> int | None:
    return None if sent is None else sent.submission_id


def _unit(pair: Sequence[AcceptedCells | None]) -> str:
    return next(sent.unit for sent in pair if sent is not None)


def _change(
    pack: Pack,
    spec: tuple[Table, Row, Column],
    key: CellKey,
    old: Mapping[CellKey, ProvinceValue],
    new: Mapping[CellKey, ProvinceValue],
    by_key: Mapping[CellKey, Sequence[Cause]],
) -> CorrectedCell:
    """One consolidated cell of a correction, old and new, with the unit cells that caused the change."""
    table, row, column = spec
    causes = [cause for component in components(key, pack) for cause in by_key.get(component, ())]
    return CorrectedCell(
        key=key,
        item=row.item,
        name=row.name,
        column=column.heading,
        measure="%" if table.type_of(row, column) is ValueType.RATIO else row.unit,
        type=table.type_of(row, column),
        old=old.get(key),
        new=new.get(key),
        causes=tuple(causes),
        old_from_zero=_from_zero(row, old),
        new_from_zero=_from_zero(row, new),
        old_withheld=_withheld(spec, key, old),
        new_withheld=_withheld(spec, key, new),
    )


def _withheld(spec: tuple[Table, Row, Column], key: CellKey, values: Mapping[CellKey, ProvinceValue]) -> bool:
    """Whether the cell is a share of a plan that there is, of which no share is printed."""
    table, row, column = spec
    found = values.get(key)
    if found is None or found.value is not None or found.nil or column != plan_ratio_column(table):
        return False
    plans = (c for c in table.columns if c.role is ColumnRole.PLAN_YEAR and table.applies(row, c))
    planned = (values.get(CellKey(key.form, key.row, c.code)) for c in plans)
    return any(plan is not None and plan.value is not None for plan in planned)


def _from_zero(row: Row, values: Mapping[CellKey, ProvinceValue]) -> bool:
    """Whether the row is a rate of change of a figure that was 0 a year ago."""
    if row.derive is None or row.derive.year_on_year is None:
        return False
    of = values.get(CellKey.parse(row.derive.year_on_year.of))
    return of is not None and of.value is not None and of.previous == 0


def _of_unit(
    pack: Pack, old: AcceptedCells | None, new: AcceptedCells | None, explanations: Explanations
) -> tuple[list[Cause], list[TextChange]]:
    """The entered cells a unit answered differently: figures with their place, and narrative texts."""
    unit = _unit((old, new))
    name = pack.unit_name(unit)
    before, after = ({} if sent is None else sent.cells for sent in (old, new))
    causes: list[Cause] = []
    texts: list[TextChange] = []
    for form in pack.forms:
        for key, (table, row, column) in form.cells.items():
            was, now = before.get(key), after.get(key)
            if _answer(was) == _answer(now) or not table.is_entered(row, column) or column.role in _SAID:
                continue
            if table.type_of(row, column) is ValueType.TEXT:
                texts.append(TextChange(key, unit, name, row.item, row.name, _answer(was), _answer(now)))
                continue
            # Where a unit's report was withdrawn only the old place can be shown.
            there = now or was
            assert there is not None
            # What the unit answered to a question about this very cell is nearer than the row's explanation.
            said = "" if new is None else explanations.get((new.submission_id, key)) or _note(table, row, key, new)
            causes.append(
                Cause(key, unit, name, _id(old), _id(new), there.sheet, there.a1, _answer(was), _answer(now), said)
            )
    return causes, texts


def _answer(cell: Cell | None) -> str:
    """What the unit said, as text; empty for no answer."""
    if cell is None or cell.answer not in {Answer.VALUE, Answer.NIL}:
        return ""
    if cell.answer is Answer.NIL:
        return "không phát sinh"
    return as_answered(cell.value)


def _note(table: Table, row: Row, key: CellKey, sent: AcceptedCells) -> str:
    """The explanation column of the same row."""
    for column in table.columns:
        if column.role in _SAID and table.applies(row, column):
            said = _answer(sent.cells.get(CellKey(key.form, key.row, column.code)))
            if said:
                return said
    return ""
