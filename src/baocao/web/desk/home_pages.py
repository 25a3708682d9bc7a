"""The first page, a regime and its pack, the trail, the runbook."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from baocao.text import fold
from baocao.web.desk.access import Need
from baocao.web.desk.ask import Ask
from baocao.web.desk.figure_pages import first_of
from baocao.workflow.lead_bodies.objecting import objections as objections_of
from baocao.workflow.looking import audit_page, home_page

PAGE = 50


def home(ask: Ask) -> Response:
    text = ask.query("nam")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else ask.now.astimezone(ask.zone).year
    found = home_page.home(ask.place, ask.regimes, ask.now, year, everywhere=ask.asker.is_everywhere)
    mine = {code: {r.value for r in ask.asker.roles_in(ask.place.pack(code).regime)} for code in ask.regimes}
    return ask.page(
        "home.html",
        section="home",
        home=found,
        year=year,
        mine=mine,
        regimes=[ask.place.pack(code).regime for code in ask.regimes],
        names={code: ask.place.pack(code).regime.label for code in ask.regimes},
    )


def regime(ask: Ask) -> Response:
    return ask.page(
        "regime.html", section="regime", view=home_page.regime_view(ask.place, ask.code, ask.now), Need=Need
    )


def pack(ask: Ask) -> Response:
    """The regime as a readable page: law, deadlines, forms, recipients, targets, with what is confirmed and what is
    not."""
    return ask.page("pack.html", section="pack", pack=ask.place.pack(ask.code).with_every_form())


def objections(ask: Ask) -> Response:
    said = objections_of(ask.place, ask.code, ask.period.code)
    has_leads = any(unit.is_lead_body for unit in ask.pack.units)
    return ask.page("objections.html", section="objections", said=said, has_leads=has_leads)


def audit(ask: Ask) -> Response:
    first = first_of(ask)
    period, action = ask.query("ky"), ask.query("viec")
    rows, total, actions = audit_page.trail(ask.place, ask.code, period=period, action=action, first=first, count=PAGE)
    return ask.page(
        "audit.html",
        section="audit",
        rows=rows,
        total=total,
        actions=actions,
        first=first,
        count=PAGE,
        chosen={"ky": period, "viec": action},
    )


def runbook(ask: Ask) -> Response:
    """The operator's handbook; a part of it under its heading, as alarms name it."""
    file = ask.place.settings.root / "docs" / "runbook.md"
    if not file.is_file():
        raise HTTPException(404)
    parts = _parts(file, file.stat().st_mtime_ns)
    wanted = fold(ask.query("muc"))
    found = [part for part in parts if fold(part[0]) == wanted] if wanted else []
    return ask.page("runbook.html", section="", parts=parts, found=found)


@lru_cache(maxsize=2)
def _parts(file: Path, _changed: int) -> tuple[tuple[str, Markup], ...]:
    """(heading, HTML) of each part; HTML inside the file is shown as text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    chapters = file.read_text(encoding="utf-8").split("\n## ")[1:]
    cut = (chapter.partition("\n") for chapter in chapters)
    return tuple((head.strip(), Markup(reader.render(body))) for head, _, body in cut)  # noqa: S704 - our own file


def run(ask: Ask) -> Response:
    """From Airflow's page of a run to the period's: the run's id is the period's code."""
    prefix = ask.param("dag").rpartition("__")[0]
    code = next((c for c in ask.regimes if ask.place.pack(c).regime.dag_prefix == prefix), None)
    if code is None:
        return RedirectResponse(f"{ask.root}/", status_code=303)
    known = {period.code for period in ask.place.periods(code)}
    below = f"/p/{quote(ask.param('run'))}" if ask.param("run") in known else ""
    return RedirectResponse(f"{ask.root}/r/{code}{below}", status_code=303)
