"""Figures, where each comes from, and what the rules found."""

from __future__ import annotations

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.model.form import CellKey
from baocao.store.browse.points import Asked
from baocao.web.desk.ask import Ask
from baocao.workflow.looking import figures_page, findings_page, pack_page, trend_page, units_figures

PAGE = 50


def first_of(ask: Ask) -> int:
    """Where a list begins, from the address."""
    text = ask.query("tu", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def figures(ask: Ask) -> Response:
    """The figures of one form of the report."""
    view = figures_page.figures_view(ask.place, ask.code, ask.period.code, ask.query("bieu"))
    if view is None:
        raise HTTPException(404)
    return ask.page("figures.html", section="figures", view=view, CellKey=CellKey)


def trend(ask: Ask) -> Response:
    """The indicators of a form over the periods."""
    view = trend_page.trend_view(
        ask.place,
        ask.code,
        ask.period.code,
        ask.query("bieu"),
        ask.query("cot"),
        lambda period, key: ask.path("p", period, "cell", key.form, key.row, key.column),
    )
    if view is None:
        raise HTTPException(404)
    svg = Markup(view.svg)  # noqa: S704 - made by us; names are escaped there
    return ask.page("trend.html", section="figures", view=view, svg=svg)


def cell(ask: Ask) -> Response:
    """One province figure: its formula, who is behind it, its past."""
    key = CellKey(ask.param("form"), ask.param("row"), ask.param("column"))
    view = figures_page.cell_view(ask.place, ask.code, ask.period.code, key)
    if view is None:
        raise HTTPException(404)
    first = first_of(ask)
    return ask.page(
        "cell.html",
        section="figures",
        view=view,
        mapped=units_figures.is_of_units(ask.pack, key),
        shown=view.contributions[first : first + PAGE],
        total=len(view.contributions),
        first=first,
        count=PAGE,
    )


def findings(ask: Ask) -> Response:
    """What was found in the period's files, by rule and form."""
    return ask.page(
        "findings.html", section="findings", view=findings_page.findings_view(ask.place, ask.code, ask.period.code)
    )


def rule(ask: Ask) -> Response:
    """The points of one rule."""
    if ask.param("rule") not in ask.pack.rules:
        raise HTTPException(404)
    return _points(ask, ask.param("rule"))


def points(ask: Ask) -> Response:
    """The points of every rule: of one unit, of one form, or what is not explained."""
    return _points(ask, ask.query("quy-tac"))


def _points(ask: Ask, rule: str) -> Response:
    asked = Asked(
        rule=rule,
        unit=ask.query("don-vi"),
        form=ask.query("bieu"),
        unexplained=ask.query("chua") == "1",
        first=first_of(ask),
        count=PAGE,
    )
    rows, total = findings_page.points_of(ask.place, ask.code, ask.period.code, asked)
    return ask.page(
        "points.html",
        section="findings",
        asked=asked,
        titles=pack_page.rule_titles(ask.pack),
        forms=[form.code for form in ask.pack.forms],
        unit_name=ask.pack.unit_name(asked.unit),
        rows=rows,
        total=total,
    )
