"""What the page of a form says of each of its rows: who enters it, which rules and relations look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from baocao.model.form import CellKey, EntryLevel, Form, Relation, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.pack_parts.slices import concrete_relations
from baocao.model.pack_views import entered_by
from baocao.model.unit import Unit
from baocao.regimes.examination.remarks import one_unit_of_each_slice

Place = tuple[str, str]
"""(form, row)"""


@dataclass(frozen=True)
class RowReference:
    """A row with who enters it and every rule that looks at it."""

    table: Table
    row: Row
    leads: tuple[Unit, ...]
    """The lead bodies that enter it."""
    rules: tuple[str, ...]
    """Ids of the rules that look at a cell of the row."""
    named: tuple[Relation, ...]
    """Relations that name this row."""
    general: tuple[Relation, ...]
    """Relations over every row (`*`) that reach this one."""


@dataclass(frozen=True)
class FormReference:
    """A form with its versions, the reports that use it, and its rows."""

    form: Form
    versions: tuple[str, ...]
    """Every version the regime names, newest first; the newest in force is `form.version`."""
    periods: tuple[PeriodRule, ...]
    rows: tuple[RowReference, ...]
    relations: tuple[Relation, ...]
    """Its own and those between forms that name a cell of it."""
    leads: tuple[Unit, ...]

    @property
    def entered_rows(self) -> tuple[str, ...]:
        return tuple(v.row.code for v in self.rows if v.row.levels)

    @property
    def by_communes(self) -> bool:
        return any(EntryLevel.COMMUNE in v.row.levels for v in self.rows)

    def reads_as(self, other: FormReference) -> bool:
        """Word for word the same form, with the same relations."""
        return self.form == other.form and self.relations == other.relations

    def rows_of(self, table: Table) -> tuple[RowReference, ...]:
        """The rows of one of its tables, in printed order."""
        return tuple(v for v in self.rows if v.table is table)

    def reach(self, relation: Relation) -> tuple[str, ...]:
        """Codes of the rows of this form that the relation looks at."""
        return tuple(v.row.code for v in self.rows if relation in v.named or relation in v.general)

    @property
    def cells(self) -> int:
        """How many cells somebody enters."""
        return sum(table.is_entered(row, column) for table, row, column in self.form.cells.values())


def form_views(pack: Pack, touched: Mapping[str, frozenset[CellKey]]) -> tuple[FormReference, ...]:
    """The forms of the pack in workbook order, each with everything its page says."""
    rules: dict[Place, set[str]] = defaultdict(set)
    for rule, keys in touched.items():
        for key in keys:
            rules[key.form, key.row].add(rule)
    relations = _relations_by_row(pack)
    leads = _leads(pack)
    views = []
    for form in pack.forms:
        rows = tuple(
            _row_view(form, table, row, leads, rules, relations) for table in form.tables for row in table.rows
        )
        elsewhere = (*(r for f in pack.forms if f is not form for r in f.relations), *pack.regime.relations)
        between = (r for r in elsewhere if any(n.startswith(f"{form.code}/") for n in r.names))
        mine = {unit.code for view in rows for unit in view.leads}
        views.append(
            FormReference(
                form=form,
                versions=_versions(pack, form.code),
                periods=tuple(
                    p for p in pack.regime.periods if form.code in (getattr(p, "forms", ()) or pack.regime.forms)
                ),
                rows=rows,
                relations=(*form.relations, *between),
                leads=tuple(u for u in pack.units if u.code in mine),
            )
        )
    return tuple(views)


def _versions(pack: Pack, form: str) -> tuple[str, ...]:
    return tuple(sorted({f.version for f in (*pack.forms, *pack.others) if f.code == form}, reverse=True))


def _row_view(
    form: Form,
    table: Table,
    row: Row,
    leads: Mapping[Place, tuple[Unit, ...]],
    rules: Mapping[Place, set[str]],
    relations: Mapping[Place, tuple[Relation, ...]],
) -> RowReference:
    place = (form.code, row.code)
    mine = relations.get(place, ())
    prefix = f"{form.code}/{row.code}/"
    named = tuple(r for r in mine if any(n.startswith(prefix) for n in r.names))
    return RowReference(
        table=table,
        row=row,
        leads=leads.get(place, ()),
        rules=tuple(sorted(rules.get(place, ()))),
        named=named,
        general=tuple(r for r in mine if r not in named),
    )


def _leads(pack: Pack) -> dict[Place, tuple[Unit, ...]]:
    """The lead bodies that enter a row, in the order of the list of units."""
    found: dict[Place, list[Unit]] = defaultdict(list)
    for unit in pack.units:
        # Territorial units all enter the same rows; only of lead bodies it differs who.
        if unit.is_lead_body:
            for form in entered_by(pack, unit):
                for row in (row for table in form.tables for row in table.rows if row.levels):
                    found[form.code, row.code].append(unit)
    return {place: tuple(units) for place, units in found.items()}


def _relations_by_row(pack: Pack) -> dict[Place, tuple[Relation, ...]]:
    """The relations, as written in the pack, that look at a row in the workbook of some unit."""
    slices = [
        (EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE, entered_by(pack, unit))
        for unit in one_unit_of_each_slice(pack)
    ]
    found: dict[Place, dict[str, Relation]] = defaultdict(dict)
    for relation in (*(r for f in pack.forms for r in f.relations), *pack.regime.relations):
        for level, forms in slices:
            if level in relation.levels:
                for concrete in concrete_relations([relation], forms):
                    for name in concrete.names:
                        key = CellKey.parse(name)
                        found[key.form, key.row][relation.id] = relation
    return {place: tuple(relations.values()) for place, relations in found.items()}
