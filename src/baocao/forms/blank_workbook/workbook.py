"""The workbook a unit fills: one xlsx per unit and period, the same bytes every time it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import lru_cache
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook as XlsxWorkbook

from baocao.forms.blank_workbook import template, term_prefill
from baocao.forms.blank_workbook.content import Content
from baocao.forms.blank_workbook.entry_rules import Lists
from baocao.forms.blank_workbook.form_sheet import write_form
from baocao.forms.blank_workbook.guide_sheet import unit_lines, write_guide, write_info, write_meta
from baocao.forms.blank_workbook.layout import SHOWN_BEFORE, place
from baocao.forms.blank_workbook.list_sheet import place_list, write_list
from baocao.forms.blank_workbook.styles import Styles
from baocao.forms.derivation import derived_values, slice_derivations
from baocao.forms.file_names import blank_filename
from baocao.model.form import CellKey, ColumnRole, Form
from baocao.model.pack import Pack
from baocao.model.pack_parts.cascade import CascadeOrigin
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.submission import ListName, Value
from baocao.model.term_totals import UnitTerm
from baocao.model.unit import Unit, UnitKind

__all__ = ["blank_filename", "write_blank"]

PREVIOUS = "kỳ trước"
_FIRST_FORM_SHEET = 3
"""Behind the guide and the sheet about the unit."""


def write_blank(
    pack: Pack,
    unit: Unit,
    period: Period,
    previous: Mapping[CellKey, Value] | None = None,
    *,
    previous_name: str = PREVIOUS,
    same_year: Mapping[CellKey, Value] | None = None,
    term: UnitTerm | None = None,
    earlier: Sequence[Period] = (),
    values: Mapping[CellKey, object] | None = None,
    nil_forms: Mapping[str, str] | None = None,
    info: Mapping[str, str] | None = None,
    origin: CascadeOrigin | None = None,
    lists: Mapping[ListName, Sequence[Mapping[str, object]]] | None = None,
    nil_lists: Mapping[ListName, str] | None = None,
) -> bytes:
    """The workbook of one unit and period: only the forms the unit fills, everything known filled in.

    `previous` holds the unit's last accepted figures: printed beside the entry cells for comparison (in columns without
    a code, so they are never read back) and put into opening columns from last closing figures; `same_year`
    those of an earlier period of the same year, with the same opening. With `term` (mid-term, end-term) the entry cells
    hold what the unit's accepted reports add up to instead, and the guide names those reports by `earlier` (the
    periods of the calendar).

    With `values` it is written as if the unit had typed them and a spreadsheet had computed the formulas: numbers,
    bools, dates and texts by cell name, the text `NP` for declared nil, None for a cell left blank; an opening cell
    that is not given keeps its prefilled figure. `nil_forms` maps a form to its reason; without it the pack's default
    nil forms stay declared unless `values` has an entry there. `info` has the keys of `Workbook.info`. `origin` is the
    signed report the values come from: the workbook says so on its `_meta` sheet. `lists` are the rows of lists, column
    code -> value with money in whole đồng; `nil_lists` the reason why a list has none.
    """
    if nil_forms is None:
        used = {key.form for key, value in (values or {}).items() if value is not None}
        # A form that has figures cannot be declared nil at once: the unit would be asked which of the two it means.
        nil_forms = {form: reason for form, reason in _default_nil(pack, unit).items() if form not in used}
    forms = entered_by(pack, unit)
    known = _openings(forms, previous or {}, same_year or {}) if term is None else term_prefill.prefilled(forms, term)
    known = {key: value for key, value in known.items() if key.form not in nil_forms}
    entered: dict[CellKey, object] = {**known, **(values or {})}
    notes: list[str] = []
    if term is not None:
        previous, previous_name = term_prefill.shown(previous or {}, term), term_prefill.SHOWN
        notes = term_prefill.explained(term, earlier)
    order = slice_derivations(pack, unit)
    derived = derived_values(order, entered)
    content = Content(unit, period, previous or {}, previous_name, entered, order, derived, nil_forms, info or {})
    content.origin = origin.as_meta() if origin else {}
    content.top_level = pack.regime.wording.top_level
    content.prefilled, content.notes = frozenset(known), notes
    content.lists, content.nil_lists = lists or {}, nil_lists or {}
    if template.fits(content):
        return _template(_Shape.of(pack, forms, content)).filled(content)
    return _write(pack, forms, content)


@dataclass(frozen=True)
class _Shape:
    """What two units have in common whose workbooks differ in names and figures only."""

    forms: tuple[int, ...]
    regime: int
    period: Period
    previous_name: str
    shown: frozenset[tuple[str, str, str]]
    """form, table and column of last period's figures"""
    prefilled: frozenset[CellKey]
    nil_forms: tuple[tuple[str, str], ...]
    guide_lines: int
    is_lead_body: bool
    made_of: tuple[Pack, tuple[Form, ...], Content] = field(compare=False, repr=False)
    """what the numbers stand for; held, so that nothing else gets them"""

    @classmethod
    def of(cls, pack: Pack, forms: tuple[Form, ...], content: Content) -> _Shape:
        """The shape of the workbook that `content` makes."""
        cells = {
            key: (form.code, table.code, column.code)
            for form in forms
            for key, (table, _, column) in form.cells.items()
            if column.role in SHOWN_BEFORE
        }
        return cls(
            # By identity: comparing whole forms for every unit would cost more than the pattern saves. `made_of`
            # keeps them alive, so no number is given out again.
            tuple(map(id, forms)),
            id(pack.regime),
            content.period,
            content.previous_name,
            frozenset(cells[key] for key in content.previous if key in cells),
            content.prefilled,
            tuple(content.nil_forms.items()),
            unit_lines(content),
            content.unit.is_lead_body,
            (pack, forms, content),
        )


# A few shapes a regime: the territorial units, each lead body.
@lru_cache(maxsize=12)
def _template(shape: _Shape) -> template.Template:
    pack, forms, first = shape.made_of
    # An office's name is the whole of what is printed.
    nobody = replace(first.unit, kind=UnitKind.AGENCY, name=template.NAME, code=template.CODE)
    # Only that there are earlier figures is part of the pattern: their columns stand there, empty.
    previous: dict[CellKey, Any] = dict.fromkeys(first.previous)
    content = replace(first, unit=nobody, previous=previous, entered={}, derived={}, unit_lines=shape.guide_lines)
    written, sheets, number = _write(pack, forms, content), {}, _FIRST_FORM_SHEET
    for found in content.places.values():
        if found.tables:
            sheets[number] = found
        number += bool(found.tables) + len(found.form.lists)
    return template.Template(written, sheets)


def _default_nil(pack: Pack, unit: Unit) -> dict[str, str]:
    """Forms a territorial unit may leave out come declared nil; it clears the reason when it has figures."""
    return {} if unit.is_lead_body else dict(pack.regime.default_nil)


def _openings(
    forms: tuple[Form, ...], previous: Mapping[CellKey, Value], same_year: Mapping[CellKey, Value]
) -> dict[CellKey, Value]:
    """Opening cell -> what it must say: the closing figure of the last accepted report; the very opening of
    an earlier report of the same year, which began on the same day."""
    found: dict[CellKey, Value] = {}
    for form in forms:
        for table in form.tables:
            opening = next((c for c in table.columns if c.role is ColumnRole.OPENING), None)
            closing = next((c for c in table.columns if c.role is ColumnRole.CLOSING), None)
            if opening is None or closing is None:
                continue
            for row in table.rows:
                began = same_year.get(CellKey(form.code, row.code, opening.code))
                # V31: the annual report opens where the first report of its year opened, every other one where the
                # last closed.
                value = previous.get(CellKey(form.code, row.code, closing.code)) if began is None else began
                if value is not None and table.is_entered(row, opening):
                    found[CellKey(form.code, row.code, opening.code)] = value
    return found


def _write(pack: Pack, forms: tuple[Form, ...], content: Content) -> bytes:
    """The bytes of one blank: guide, information, the sheets of the forms and lists, and the hidden sheet."""
    period, unit = content.period, content.unit
    places = [place(form, content.previous, content.entered) for form in forms]
    content.places = {p.form.code: p for p in places}
    buffer = BytesIO()
    # `in_memory`: by itself XlsxWriter writes temporary files. The other two: a text that begins with `=` or `http`
    # stays a text.
    book = XlsxWorkbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": f"{period.name} - {unit.full_name}",
            "subject": pack.regime.name,
            "author": pack.regime.authority.standing_office,
            # XlsxWriter would write the clock's time: the same blank must be the same bytes.
            "created": datetime.combine(period.covers_from, time()),
        }
    )
    styles, lists = Styles(book), Lists()
    write_guide(book, styles, pack, places, content)
    write_info(book, styles, lists, content)
    for found in places:
        if found.tables:
            write_form(book, styles, lists, found, content)
        for one in found.form.lists:
            filled = len(content.lists.get((found.form.code, one.code), ()))
            write_list(book, styles, lists, place_list(found.form, one, filled), content)
    write_meta(book, lists, pack, places, content)
    book.close()
    return buffer.getvalue()
