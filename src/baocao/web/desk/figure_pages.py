"""Figures, where each comes from, and what the rules found."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from baocao.model.form import CellKey
from baocao.web.desk.ask import Ask
from baocao.workflow.looking import figures_page, findings_page

PAGE = 50


def first_of(ask: Ask) -> int:
    """Where a list begins, from the address."""
    text = ask.query("tu", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def figures(ask: Ask) -> Response:
    view = figures_page.figures_view(ask.place, ask.code, ask.period.code, ask.query("bieu"))
    if view is None:
        raise HTTPException(404)
    return ask.page("figures.html", section="figures", view=view, CellKey=CellKey)


def cell(ask: Ask) -> Response:
    key = CellKey(ask.param("form"), ask.param("row"), ask.param("column"))
    view = figures_page.cell_view(ask.place, ask.code, ask.period.code, key)
    if view is None:
        raise HTTPException(404)
    first = first_of(ask)
    return ask.page(
        "cell.html",
        section="figures",
        view=view,
        shown=view.contributions[first : first + PAGE],
        total=len(view.contributions),
        first=first,
        count=PAGE,
    )


def findings(ask: Ask) -> Response:
    return ask.page(
        "findings.html", section="findings", view=findings_page.findings_view(ask.place, ask.code, ask.period.code)
    )


def rule(ask: Ask) -> Response:
    first = first_of(ask)
    rows, total = findings_page.points_of_rule(
        ask.place, ask.code, ask.period.code, ask.param("rule"), first=first, count=PAGE
    )
    if not total:
        raise HTTPException(404)
    return ask.page(
        "rule.html", section="findings", rule=ask.param("rule"), rows=rows, total=total, first=first, count=PAGE
    )
