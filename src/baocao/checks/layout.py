"""A slice of the pack (what one kind of unit fills), laid flat for checking: specs of cells, derivations, columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from baocao.model.form import CellKey, Column, ColumnRole, Derive, Form, Relation, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.unit import Unit
from baocao.settings import ConfigurationError

SILENT_ROLES = frozenset({ColumnRole.OPENING, ColumnRole.EXPLANATION, ColumnRole.NOTE})
"""What stands there answers no form: it was prefilled, or it is about something else."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Derivation:
    """A derived cell of the slice; components that the slice does not hold are left out.

    With `ratio`: 100 * sum(plus) / sum(minus); with `year_on_year`: change of `plus[0]` in percent; else
    sum(plus) - sum(minus).
    """

    spec: CellSpec
    plus: tuple[CellKey, ...]
    minus: tuple[CellKey, ...]
    ratio: bool = False
    year_on_year: bool = False
    components: tuple[CellKey, ...] = ()
    needed: tuple[CellKey, ...] = ()
    """components of a total that somebody must have typed, else there is no total"""


@dataclass(frozen=True)
class Layout:
    """The slice: `forms` as the unit gets them, and every cell in printed order."""

    pack: Pack
    forms: tuple[Form, ...]
    relations: tuple[Relation, ...]
    """those of the pack that speak only of cells of this slice, `*` replaced"""
    lead_body: bool
    specs: dict[CellKey, CellSpec]

    @cached_property
    def entered(self) -> tuple[tuple[Form, tuple[CellSpec, ...]], ...]:
        """Typed cells, form by form."""
        return tuple((f, tuple(s for s in self.specs.values() if s.entered and s.form is f)) for f in self.forms)

    @cached_property
    def optional_rows(self) -> dict[tuple[str, str], int]:
        """(form, row) of every row that may stay empty -> how many figures are typed in it."""
        return Counter(s.key[:2] for s in self.specs.values() if s.optional)

    @cached_property
    def derivations(self) -> tuple[Derivation, ...]:
        """Derived cells, components first.

        Raises ConfigurationError when cells are derived from one another in a circle.
        """
        found = {d.spec.key: d for d in map(self._derivation, self.specs.values()) if d is not None}
        ordered: dict[CellKey, Derivation] = {}
        open_: list[CellKey] = []

        def visit(key: CellKey) -> None:
            if key in ordered or key not in found:
                return
            if key in open_:
                circle = " -> ".join(map(str, [*open_, key]))
                raise ConfigurationError(f"biểu {key.form}: các ô được tính vòng tròn ({circle}); hãy sửa `derive`")
            open_.append(key)
            for component in found[key].components:
                visit(component)
            open_.pop()
            ordered[key] = found[key]

        for key in found:
            visit(key)
        return tuple(ordered.values())

    @cached_property
    def computed_above(self) -> tuple[CellSpec, ...]:
        """Computed cells of which the slice holds no component: nobody types there, and nothing follows here."""
        here = {d.spec.key for d in self.derivations}
        figures = (s for s in self.specs.values() if s.numeric or s.type is ValueType.RATIO)
        return tuple(s for s in figures if not s.entered and s.key not in here)

    def _derivation(self, spec: CellSpec) -> Derivation | None:
        if spec.entered or not (spec.numeric or spec.type is ValueType.RATIO):
            return None
        form, row, column = spec.key
        if spec.column.derive is not None:
            found = self._named(spec, spec.column.derive, lambda code: CellKey(form, row, code))
            if found is not None or spec.row.derive is None:
                return found
        if spec.row.derive is None:
            return None
        return self._named(spec, spec.row.derive, lambda code: CellKey(form, code, column))

    def _named(self, spec: CellSpec, derive: Derive, short: object) -> Derivation | None:
        def known(codes: tuple[str, ...]) -> tuple[CellKey, ...]:
            keys = (CellKey.parse(c) if "/" in c else short(c) for c in codes)  # type: ignore[operator]
            return tuple(k for k in keys if k in self.specs)

        if derive.linear is not None:
            plus, minus = known(derive.linear.plus), known(derive.linear.minus)
            needed = tuple(k for k in (*plus, *minus) if self.specs[k].required)
            return Derivation(spec, plus, minus, components=plus + minus, needed=needed) if plus or minus else None
        if derive.ratio is not None:
            plus, minus = known(derive.ratio.numerator), known(derive.ratio.denominator)
            return Derivation(spec, plus, minus, ratio=True, components=plus + minus) if plus and minus else None
        assert derive.year_on_year is not None
        of = known((derive.year_on_year.of,))
        return Derivation(spec, of, (), year_on_year=True, components=of) if of else None

    def sibling(self, spec: CellSpec, *roles: ColumnRole) -> CellSpec | None:
        """The cell of the same row whose column has one of `roles` and applies."""
        for column in spec.table.columns:
            if column.role in roles:
                found = self.specs.get(CellKey(spec.key.form, spec.key.row, column.code))
                if found is not None:
                    return found
        return None


def lay_out(pack: Pack, unit: Unit) -> Layout:
    """The slice of `pack` that `unit` fills."""
    forms = pack.entered_by(unit)
    specs: dict[CellKey, CellSpec] = {}
    for form in forms:
        for key, (table, row, column) in form.cells.items():
            specs[key] = _spec(key, form, table, row, column, len(specs))
    return Layout(pack, forms, pack.relations_for(unit), unit.is_lead_body, specs)


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
