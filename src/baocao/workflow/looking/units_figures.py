"""One indicator, unit by unit: entered or computed from what each unit entered, ranked, and in classes for the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.consolidation.lineage import components
from baocao.exact import Number
from baocao.forms.derivation import DerivationKind, Derivations, compute, number_of, pack_derivations
from baocao.model.form import CellKey, Form
from baocao.model.pack import Pack
from baocao.model.pack_views import once_per_pack
from baocao.settings import ConfigurationError
from baocao.store.browse import figures
from baocao.store.values import typed_by

CLASSES = 3
"""Classes of an indicator on the map, beside the units without a figure."""


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One unit's value of the indicator."""

    unit: str
    value: Number
    submission_id: int
    sheet: str
    a1: str
    """empty for a value computed from several cells"""


def is_of_units(pack: Pack, key: CellKey) -> bool:
    """Whether units can be held against each other by this cell."""
    return any(key == one for _, mine in choices(pack) for one, _ in mine)


@once_per_pack
def choices(pack: Pack) -> list[tuple[Form, list[tuple[CellKey, str]]]]:
    """Every indicator that units can be held against each other by, form by form: a number in every cell of the form
    that units fill in or that follows from those."""
    order = pack_derivations(pack)
    found = []
    for form in pack.forms:
        mine = []
        for key, (table, row, column) in form.cells.items():
            kind = table.type_of(row, column)
            entered = table.is_entered(row, column) and kind.is_number
            if entered or _is_of_a_unit(key, order):
                mine.append((key, f"{row.item} {row.name} – {column.title}".strip()))
        if mine:
            found.append((form, mine))
    return found


def _is_of_a_unit(key: CellKey, order: Derivations) -> bool:
    """Whether a derived figure follows from one report alone."""
    derived = order.get(key)
    if derived is None:
        return False
    # A change against last year needs another report, which this page does not read.
    return derived.kind is not DerivationKind.YEAR_ON_YEAR and all(
        k not in order or _is_of_a_unit(k, order) for k in derived.components
    )


def of_units(conn: Connection, pack: Pack, period: str, key: CellKey) -> list[UnitFigure]:
    """The indicator of each unit that has it, the largest first. Empty for a cell that no form has.

    A derived one is computed from the unit's own cells, exactly as the province's is from the sums.
    """
    order = pack_derivations(pack)
    try:
        leaves = components(key, pack)
    except ConfigurationError:
        return []
    typed = typed_by(pack)
    units: dict[str, list[figures.Figure]] = {}
    for found in figures.of_every_unit(conn, pack.code, period, leaves):
        units.setdefault(found.unit, []).append(found)
    result = []
    for unit, cells in units.items():
        known: dict[CellKey, Number | None] = {
            # A declared nil is nothing, and a unit that said so ranks with the others.
            c.key: number_of(0 if c.value is None else typed(c.key, c.value))
            for c in cells
        }
        value = _value_from(key, order, known)
        if value is not None:
            only = cells[0] if key not in order else None
            result.append(
                UnitFigure(unit, value, cells[0].submission_id, only.sheet if only else "", only.a1 if only else "")
            )
    return sorted(result, key=lambda one: (-one.value, one.unit))


def _value_from(key: CellKey, order: Derivations, known: Mapping[CellKey, Number | None]) -> Number | None:
    derived = order.get(key)
    if derived is None:
        return known.get(key)
    below = {part: _value_from(part, order, known) for part in derived.components}
    return compute(derived, below)


@dataclass(frozen=True, slots=True)
class Class:
    """From `least` (included) to `most` (included); both occur."""

    least: Number
    most: Number
    units: tuple[str, ...]


def classes_of(ranked: Sequence[UnitFigure]) -> list[Class]:
    """At most `CLASSES` classes of about as many units each, the largest figures first; equal figures are never parted,
    and no unit with nothing stands with one that has something."""
    found = []
    rest = [one for one in ranked if one.value != 0]
    nothing = [one for one in ranked if one.value == 0]
    parts = CLASSES - bool(nothing)
    while rest:
        parts = max(parts, 1)
        size = -(-len(rest) // parts)
        # Two units with one figure in two classes would look like a difference.
        while size < len(rest) and rest[size].value == rest[size - 1].value:
            size += 1
        found.append(_class(rest[:size]))
        rest, parts = rest[size:], parts - 1
    return [*found, _class(nothing)] if nothing else found


def _class(ranked: Sequence[UnitFigure]) -> Class:
    return Class(ranked[-1].value, ranked[0].value, tuple(one.unit for one in ranked))
