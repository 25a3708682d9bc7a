"""A slice of the pack (what one kind of unit fills), laid flat for checking: specs of cells, derivations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from baocao.forms.derivation import Derivation, DerivationKind, Derivations, slice_derivations
from baocao.model.form import CellKey, Column, ColumnRole, Form, Relation, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, once_per_slice, relations_for
from baocao.model.unit import Unit

SILENT_ROLES = frozenset({ColumnRole.OPENING, ColumnRole.EXPLANATION, ColumnRole.NOTE})
"""What stands there answers no form: it was prefilled, or it is about something else."""


# Compared by identity: one exists a cell, and comparing the forms they hold would cost more than a check.
@dataclass(frozen=True, slots=True, eq=False)
class CellSpec:
    """One cell that exists in the slice. `order` is its place in the printed workbook."""

    key: CellKey
    name: str
    """`FORM/ROW/COLUMN`"""
    form: Form
    table: Table
    row: Row
    column: Column
    type: ValueType
    numeric: bool
    entered: bool
    required: bool
    """A blank is a finding."""
    optional: bool
    """A typed figure of a row that may stay empty as a whole."""
    order: int


@dataclass(frozen=True)
class Layout:
    """The slice: `forms` as the unit gets them, and every cell in printed order."""

    pack: Pack
    forms: tuple[Form, ...]
    relations: tuple[Relation, ...]
    """those of the pack that speak only of cells of this slice, `*` replaced"""
    lead_body: bool
    specs: dict[CellKey, CellSpec]
    derivations: Derivations

    @cached_property
    def entered(self) -> tuple[tuple[Form, tuple[CellSpec, ...]], ...]:
        """Typed cells, form by form."""
        return tuple((f, tuple(s for s in self.specs.values() if s.entered and s.form is f)) for f in self.forms)

    @cached_property
    def typed(self) -> frozenset[CellKey]:
        """The names of the typed cells."""
        return frozenset(key for key, spec in self.specs.items() if spec.entered)

    @cached_property
    def derived(self) -> tuple[tuple[CellSpec, Derivation, tuple[CellKey, ...]], ...]:
        """Every derived cell in the order in which they follow from each other; with those of a total's components that
        somebody must have typed, else there is no total."""
        # A ratio may lack its parts, see `compute`; a total may not.
        return tuple(
            (
                self.specs[key],
                d,
                tuple(c for c in d.components if d.kind is DerivationKind.LINEAR and self.specs[c].required),
            )
            for key, d in self.derivations.items()
        )

    @cached_property
    def computed_above(self) -> tuple[CellSpec, ...]:
        """Computed cells of which the slice holds no component: nobody types there, and nothing follows here."""
        figures = (s for s in self.specs.values() if s.numeric or s.type is ValueType.RATIO)
        return tuple(s for s in figures if not s.entered and s.key not in self.derivations)

    def sibling(self, spec: CellSpec, *roles: ColumnRole) -> CellSpec | None:
        """The cell of the same row whose column has one of `roles` and applies."""
        for column in spec.table.columns:
            if column.role in roles:
                found = self.specs.get(CellKey(spec.key.form, spec.key.row, column.code))
                if found is not None:
                    return found
        return None


@once_per_slice
def lay_out(pack: Pack, unit: Unit) -> Layout:
    """The slice of `pack` that `unit` fills.

    Raises ConfigurationError when cells are derived from one another in a circle.
    """
    forms = entered_by(pack, unit)
    specs: dict[CellKey, CellSpec] = {}
    for form in forms:
        for key, (table, row, column) in form.cells.items():
            specs[key] = _spec(key, form, table, row, column, len(specs))
    return Layout(pack, forms, relations_for(pack, unit), unit.is_lead_body, specs, slice_derivations(pack, unit))


def _spec(key: CellKey, form: Form, table: Table, row: Row, column: Column, order: int) -> CellSpec:
    kind = table.type_of(row, column)
    entered = table.is_entered(row, column)
    return CellSpec(
        key=key,
        name=str(key),
        form=form,
        table=table,
        row=row,
        column=column,
        type=kind,
        numeric=kind.is_number,
        entered=entered,
        required=table.is_required(row, column),
        optional=entered and kind.is_number and not row.required,
        order=order,
    )


def is_money_table(table: Table) -> bool:
    """A table of resources: its rows have an allocation, so a row that is filled has a plan too."""
    return any(c.role is ColumnRole.ALLOCATED for c in table.columns)


def moves(table: Table) -> bool:
    """A movement table: opening, increases, decreases, closing."""
    return any(c.role is ColumnRole.CLOSING for c in table.columns)
