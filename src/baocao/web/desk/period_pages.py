"""A period and its units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.documents.charts.picture import Picture
from baocao.documents.unit_list import unit_list_workbook
from baocao.media_types import BYTES, XLSX
from baocao.model.form import CellKey, Form
from baocao.model.pack_views import pack_rows, with_every_form
from baocao.store.browse.standings import SORTS, UnitLine, Wanted
from baocao.store.standing import Standing
from baocao.web.common.typed import or_404
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import STANDINGS, short_instant, state_name, step_name
from baocao.workflow.looking import differences_page, period_page, pictures, unit_page, units_figures

PAGE = 50
_ALL = 100_000
_OPEN = (Standing.MISSING, Standing.RETURNED, Standing.PENDING)


def show(ask: Ask) -> Response:
    """A period: who has reported, who has not, how it goes on."""
    view = period_page.period_view(*ask.where)
    curve = pictures.arrival_picture(ask.place, ask.pack, ask.period) if view.opened_at else None
    late, total = period_page.late_list(*ask.where, Wanted(standings=_OPEN, sort="standing", count=8))
    return ask.page(
        "period.html",
        section="period",
        view=view,
        curve=Markup(curve.page_svg) if curve else "",  # noqa: S704 - made by us from numbers and our own words
        curve_alt=curve.alt if curve else "",
        late=late,
        late_total=total,
        standings=STANDINGS,
    )


def wanted(ask: Ask, standings: tuple[Standing, ...] = ()) -> Wanted:
    """What the address of a list asks for; anything it does not know is left out."""
    known = {s.value for s in Standing}
    # Addresses are bookmarked and typed: what a list does not know is left out, not refused.
    asked = tuple(Standing(t) for t in ask.request.query_params.getlist("tt") if t in known)
    sort = ask.query("sx", "name")
    return Wanted(
        search=ask.query("q"),
        standings=asked or standings,
        sort=sort if sort in SORTS else "name",
        first=ask.first,
        count=PAGE,
    )


def units(ask: Ask) -> Response:
    """Units x forms."""
    asked = wanted(ask)
    found = period_page.matrix(*ask.where, asked)
    return ask.page("units.html", section="units", found=found, wanted=asked, forms=ask.pack.forms, standings=STANDINGS)


def late(ask: Ask) -> Response:
    """Who has nothing accepted, with the last letter and what can be done."""
    asked = wanted(ask, _OPEN)
    rows, total = period_page.late_list(*ask.where, asked)
    return ask.page("late.html", section="late", rows=rows, total=total, wanted=asked, standings=STANDINGS, open=_OPEN)


def unit_sheet(ask: Ask) -> Response:
    """The units the address asks for, all of them on one sheet."""
    # The whole list and not the page of it: a sheet is made to be worked with elsewhere.
    every = replace(wanted(ask), first=0, count=_ALL)
    rows, _ = period_page.late_list(*ask.where, every)
    lines = [_sheet_row(ask, line, letter) for line, letter in rows]
    data = unit_list_workbook(
        f"{ask.regime.name}. Đơn vị, {ask.period.name}, lúc {short_instant(ask.now, ask.zone)}", lines
    )
    return ask.file(data, f"don-vi_{ask.period.code}.xlsx", XLSX)


def _sheet_row(ask: Ask, line: UnitLine, letter: Any) -> tuple[str | int | datetime | None, ...]:
    def here(moment: datetime | None) -> datetime | None:
        # A cell of Excel knows no time zone: it gets the clock of the regime.
        return None if moment is None else moment.astimezone(ask.zone).replace(tzinfo=None, microsecond=0)

    unit = ask.pack.unit(line.unit)
    told = ""
    if letter is not None:
        state = state_name(letter.status, "mail")
        told = f"{step_name(letter.step)}, {short_instant(letter.sent_at or letter.created_at, ask.zone)}, {state}"
    return (
        line.unit,
        line.name,
        state_name(line.standing, "standing"),
        here(line.due_at),
        "có" if line.extended else "",
        line.sent,
        here(line.last_at),
        told,
        unit.email if unit else "",
    )


def chart(ask: Ask) -> Response:
    """The schematic map by state, or by one indicator with the units ranked below it; its signs are links."""
    forms = units_figures.choices(ask.pack)
    form, chosen = _indicator(ask, forms)
    shared: dict[str, Any] = {"section": "map", "forms": [f for f, _ in forms], "form": form, "chosen": chosen}
    shared["choices"] = next((of for f, of in forms if f is form), [])
    if chosen is None:
        picture = pictures.period_map(*ask.where, _unit_address(ask))
        asked = wanted(ask)
        lines, total = period_page.unit_list(*ask.where, asked)
        return ask.page(
            "map.html", picture=picture, svg=_svg(picture), lines=lines, total=total, wanted=asked, view=None, **shared
        )
    name = dict(shared["choices"])[chosen]
    view = pictures.indicator_map(*ask.where, chosen, name, _unit_address(ask))
    return ask.page(
        "map.html",
        picture=view.picture,
        svg=_svg(view.picture),
        view=view,
        name=name,
        shown=view.ranked[(first := ask.first) : first + PAGE],
        first=first,
        count=PAGE,
        **shared,
    )


def _indicator(ask: Ask, forms: Sequence[tuple[Form, Sequence[tuple[CellKey, str]]]]) -> tuple[Form, CellKey | None]:
    """The form and the indicator in the address; None: by state. Raises HTTPException 404 where there is no such
    indicator."""
    text = ask.query("theo")
    if not text:
        return next((f for f, _ in forms if f.code == ask.query("bieu")), forms[0][0]), None
    for form, of in forms:
        for key, _ in of:
            if str(key) == text:
                return form, key
    raise HTTPException(404)


def _unit_address(ask: Ask) -> Callable[[str], str]:
    return lambda unit: ask.path("p", ask.period.code, "u", unit)


def _svg(picture: Picture | None) -> Markup:
    return Markup(picture.page_svg if picture else "")  # noqa: S704 - made by us; names are escaped by the drawing


def unit(ask: Ask) -> Response:
    """One unit in one period. Answers 404 for a unit nobody knows."""
    view = unit_page.unit_view(*ask.where, ask.param("unit"))
    if view.unit is None and view.line is None:
        raise HTTPException(404)
    name = view.unit.full_name if view.unit is not None else view.line.name if view.line is not None else ""
    return ask.page("unit.html", section="units", view=view, name=name, unit_code=ask.param("unit"))


def file(ask: Ask) -> Response:
    """A unit's file, byte for byte as it came."""
    return _submission(ask, marked=False)


def marked(ask: Ask) -> Response:
    """The unit's workbook with the marks it was sent back with."""
    return _submission(ask, marked=True)


def _submission(ask: Ask, *, marked: bool) -> Response:
    found = or_404(unit_page.submission_file(ask.place, ask.code, ask.number("submission"), marked=marked))
    data, name = found
    # A file from outside is only ever offered to be kept, as what it claims to be or as bytes; no browser shows it.
    return ask.file(data, name, XLSX if name.lower().endswith(".xlsx") else BYTES)


def scan(ask: Ask) -> Response:
    """The signed paper that came with a report the office has entered."""
    found = or_404(unit_page.entered_scan(ask.place, ask.code, ask.number("submission")))
    return ask.file(*found, BYTES)


def changes(ask: Ask) -> Response:
    """What a unit changed from the file before this one."""
    view = or_404(differences_page.sent_changes(ask.place, ask.code, ask.number("submission")))
    return ask.page("sent_changes.html", section="units", view=view)


def cells(ask: Ask) -> Response:
    """What was read from a unit's file, cell by cell, as a page: the file open at the place of a figure."""
    found = or_404(unit_page.submission_cells(ask.place, ask.code, ask.number("submission")))
    sheet = ask.query("trang")
    sheets = list(dict.fromkeys(row.sheet for row in found))
    shown = sheet if sheet in sheets else (sheets[0] if sheets else "")
    return ask.page(
        "cells.html",
        section="units",
        submission=ask.number("submission"),
        sheets=sheets,
        sheet=shown,
        rows=[row for row in found if row.sheet == shown],
        place=ask.query("o"),
        names={at: row.name for at, (_, _, row) in pack_rows(with_every_form(ask.place.pack(ask.code))).items()},
    )
