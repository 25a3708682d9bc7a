"""The province's figures, and where each comes from: down to the unit's file, its sheet and its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from baocao.consolidation.lineage import components
from baocao.documents.word_report.numerals import plain_figure
from baocao.forms.derivation import Derivation, DerivationKind, pack_derivations
from baocao.model.form import CellKey, Column, Form, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_rows
from baocao.model.regime import Target
from baocao.model.report import Contribution, ProvinceValue, Report, TargetVerdict
from baocao.settings import ConfigurationError
from baocao.store.browse import report_values
from baocao.store.reports import reports
from baocao.store.values import number_from_text
from baocao.workflow.installation import Installation
from baocao.workflow.looking.earlier_comparisons import EarlierComparison, earlier_comparisons
from baocao.workflow.looking.lists_page import ListShown, lists_shown


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One target as the version's own manifest has it."""

    target: Target
    actual: Fraction | None
    verdict: TargetVerdict


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The figures of one form in the newest version of the report."""

    report: Report | None
    form: Form
    forms: Sequence[Form]
    values: Mapping[CellKey, ProvinceValue]
    """of this form only"""
    targets: tuple[TargetLine, ...]
    lists: tuple[ListShown, ...] = ()
    """the form's lists as they stand now, every unit's rows"""


def figures_view(place: Installation, regime: str, period: str, form: str) -> FiguresView | None:
    """The consolidated values of one form in the newest version (the first form for an empty code); None for a form
    this period does not have."""
    pack, _ = place.at(regime, period)
    chosen = pack.forms[0] if not form else next((f for f in pack.forms if f.code == form), None)
    if chosen is None:
        return None
    with place.store.read() as conn:
        newest = reports.latest(conn, regime, period)
        # One form at a time: all values of a report are some thousand rows, and a page shows one form.
        values = report_values.of_form(conn, newest.id, chosen.code) if newest else {}
        sealed = reports.sealed(conn, newest.id) if newest else None
        lists = lists_shown(conn, pack, period, chosen)
    return FiguresView(newest, chosen, pack.forms, values, _targets(pack, sealed), lists)


def _targets(pack: Pack, sealed: Mapping[str, Any] | None) -> tuple[TargetLine, ...]:
    known = {t["id"]: t for t in (sealed or {}).get("targets", ())}
    return tuple(
        TargetLine(
            target,
            Fraction(known[target.id]["actual"]) if known[target.id]["actual"] else None,
            TargetVerdict(known[target.id]["verdict"]),
        )
        for target in pack.targets
        if target.id in known
    )


@dataclass(frozen=True, slots=True)
class EarlierValue:
    """The same cell in another period's report."""

    period: str
    name: str
    value: Any
    coverage: str


@dataclass(frozen=True, slots=True)
class FormulaPart:
    """A figure below a derived one, or the figure itself."""

    key: CellKey
    name: str
    value: ProvinceValue | None


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """Where one figure comes from."""

    report: Report
    key: CellKey
    form: Form
    table: Table
    row: Row
    column: Column
    value: ProvinceValue | None
    formula: str
    """of a derived figure, with its figures; empty for one that is entered"""
    parts: tuple[FormulaPart, ...]
    """the figures a derived one is computed from, one step down"""
    contributions: tuple[Contribution, ...]
    """the units' cells, the largest figure first"""
    missing: tuple[str, ...]
    """full names"""
    past: tuple[EarlierValue, ...]
    """newest period first, this one left out"""
    earlier: tuple[EarlierComparison, ...]
    """over the same units, against the same period a year before and the one just before"""


def cell_view(place: Installation, regime: str, period: str, key: CellKey) -> CellOrigin | None:
    """None for a cell no form of the period has, and while there is no report."""
    pack, when = place.at(regime, period)
    found = _find(pack, key)
    if found is None:
        return None
    form, table, row, column = found
    derived = pack_derivations(pack).get(key)
    below = tuple(derived.components) if derived is not None else ()
    try:
        # Of a derived figure the units' cells stand one step down, each under its own figure.
        entered = components(key, pack) if derived is None else ()
    except ConfigurationError:
        return None
    with place.store.read() as conn:
        newest = reports.latest(conn, regime, period)
        if newest is None:
            return None
        names = {unit.code: unit.full_name for unit in pack.units}
        every = [c for cell in entered for c in reports.contributions(conn, newest.id, cell, names)]
        value = report_values.of_cell(conn, newest.id, key)
        parts = tuple(
            FormulaPart(cell, _name(pack, cell), report_values.of_cell(conn, newest.id, cell)) for cell in below
        )
        past = _past(place, conn, pack, period, key)
        same_units = earlier_comparisons(place, conn, pack, when, key)
    return CellOrigin(
        newest,
        key,
        form,
        table,
        row,
        column,
        value,
        _formula(derived, {part.key: part.value for part in parts}) if derived is not None else "",
        parts,
        # Whoever asks where a figure comes from looks for the units that make it large.
        tuple(sorted((c for c in every if c.answer != "blank"), key=_largest_first)),
        tuple(names.get(code, code) for code in value.coverage.missing) if value else (),
        past,
        same_units,
    )


def _find(pack: Pack, key: CellKey) -> tuple[Form, Table, Row, Column] | None:
    form, table, row = pack_rows(pack).get((key.form, key.row), (None, None, None))
    column = next((c for c in table.columns if c.code == key.column), None) if table is not None else None
    return (form, table, row, column) if form and table and row and column else None


def _name(pack: Pack, key: CellKey) -> str:
    found = _find(pack, key)
    return f"{found[2].name}, {found[3].title}" if found else str(key)


def _formula(derived: Derivation, parts: Mapping[CellKey, ProvinceValue | None]) -> str:
    """The formula with its figures in it: `100 × (12 + 3) / 20`."""

    def figures(keys: Sequence[CellKey]) -> str:
        known = [None if (value := parts.get(key)) is None else value.value for key in keys]
        told = ["–" if value is None else plain_figure(value) for value in known]
        return told[0] if len(told) == 1 else f"({' + '.join(told)})"

    if derived.kind is DerivationKind.RATIO:
        return f"100 × {figures(derived.plus)} / {figures(derived.minus)}"
    if derived.kind is DerivationKind.YEAR_ON_YEAR:
        return "100 × (kỳ này − cùng kỳ năm trước) / cùng kỳ năm trước"
    less = f" − {figures(derived.minus)}" if derived.minus else ""
    return figures(derived.plus) + less


def _largest_first(found: Contribution) -> tuple[float, str]:
    try:
        return -float(found.value), found.unit
    # A contribution may be an answer in words: those come behind the figures.
    except ValueError:
        return 0.0, found.unit


def _past(place: Installation, conn: Connection, pack: Pack, period: str, key: CellKey) -> tuple[EarlierValue, ...]:
    """The newest version of every other period, where it has this cell."""
    found = report_values.newest_of_cell(conn, pack.code, key)
    newest = {code: row for code, row in found.items() if code != period}
    order = {p.code: p for p in place.periods(pack.code)}
    known = sorted((order[code].cutoff_on, code) for code in newest if code in order)
    return tuple(
        EarlierValue(
            code,
            order[code].name,
            None if newest[code].value is None else number_from_text(newest[code].value),
            f"{newest[code].counted}/{newest[code].expected}",
        )
        for _, code in reversed(known)
    )
