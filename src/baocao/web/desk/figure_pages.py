"""Figures, where each comes from, and what the rules found."""

from __future__ import annotations

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.model.form import CellKey
from baocao.store.browse.points import Asked
from baocao.web.common.typed import or_404
from baocao.web.desk.ask import Ask
from baocao.workflow.looking import figures_page, findings_page, pack_page, trend_page, units_figures

PAGE = 50


def figures(ask: Ask) -> Response:
    """The figures of one form of the report."""
    view = or_404(figures_page.figures_view(*ask.where, ask.query("bieu")))
    return ask.page("figures.html", section="figures", view=view, CellKey=CellKey)


def trend(ask: Ask) -> Response:
    """The indicators of a form over the periods."""
    view = or_404(
        trend_page.trend_view(
            *ask.where,
            ask.query("bieu"),
            ask.query("cot"),
            lambda period, key: ask.path("p", period, "cell", key.form, key.row, key.column),
        )
    )
    svg = Markup(view.svg)  # noqa: S704 - made by us; names are escaped there
    return ask.page("trend.html", section="figures", view=view, svg=svg)


def cell(ask: Ask) -> Response:
    """One province figure: its formula, who is behind it, its past."""
    key = CellKey(ask.param("form"), ask.param("row"), ask.param("column"))
    view = or_404(figures_page.cell_view(*ask.where, key))
    first = ask.first
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
    return ask.page("findings.html", section="findings", view=findings_page.findings_view(*ask.where))


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
        first=ask.first,
        count=PAGE,
    )
    rows, total = findings_page.points_of(*ask.where, asked)
    return ask.page(
        "points.html",
        section="findings",
        asked=asked,
        titles=pack_page.rule_titles(ask.pack),
        # Of what is found in workbooks: the rules about the whole report have no points of units.
        offered=[rule.id for rule in ask.pack.rules if rule.at_submission],
        forms=[form.code for form in ask.pack.forms],
        unit_name=ask.pack.unit_name(asked.unit),
        rows=rows,
        total=total,
    )
