"""The first page and its alarms, a regime and its pack, the trail, the runbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from baocao.text import fold
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.workflow.lead_bodies.objecting import objections as objections_of
from baocao.workflow.looking import alarms_page, home_page
from baocao.workflow.looking.year_page import Day, year_view

PAGE = 50
_SOON = timedelta(days=14)


def home(ask: Ask) -> Response:
    """The first page, of all regimes."""
    text = ask.query("nam")
    today = ask.now.astimezone(ask.zone).date()
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 and int(text) > 1 else today.year
    # Only one's own: another regime in the address shows one's own as if none were named.
    shown = ask.regimes if ask.query("che-do") not in ask.regimes else (ask.query("che-do"),)
    found = home_page.home(ask.place, shown, ask.now, year, everywhere=ask.asker.is_everywhere)
    mine = {code: {r.value for r in ask.asker.roles_in(ask.place.pack(code).regime)} for code in ask.regimes}
    return ask.page(
        "home.html",
        section="home",
        home=found,
        year=year,
        today=today,
        soon=_soon(ask, shown, today),
        mine=mine,
        chosen=ask.query("che-do"),
        broken=ask.broken_packs,
        regimes=[ask.place.pack(code).regime for code in ask.regimes],
        names={code: ask.place.pack(code).regime.label for code in ask.regimes},
    )


def _soon(ask: Ask, regimes: Sequence[str], today: date) -> list[Day]:
    """What the calendar has for today and the days after it, also over the end of the year."""
    until = today + _SOON
    years = {today.year, until.year}
    months = [m for year in sorted(years) for m in year_view(ask.place, regimes, year)]
    return [day for month in months for day in month.days if today <= day.on <= until]


def alarms(ask: Ask) -> Response:
    """Every alarm of one's own regimes."""
    chosen = ask.query("che-do")
    shown = (chosen,) if chosen in ask.regimes else ask.regimes
    # Alarms of no regime are for whoever works in all of them: they may name another office's files.
    everywhere = ask.asker.is_everywhere and not chosen
    period, first = ask.query("ky"), ask.first
    sought = ask.query("q")
    with ask.place.store.read() as conn:
        rows, total = alarms_page.alarms(
            conn, shown, everywhere=everywhere, period=period, search=sought, first=first, count=PAGE
        )
    return ask.page(
        "alarms.html",
        section="alarms",
        rows=rows,
        total=total,
        first=first,
        count=PAGE,
        chosen={"che-do": chosen if chosen in ask.regimes else "", "ky": period, "q": ask.query("q")},
        names={code: ask.place.pack(code).regime.label for code in ask.regimes},
    )


def regime(ask: Ask) -> Response:
    """One regime: its periods."""
    return ask.page(
        "regime.html", section="regime", view=home_page.regime_view(ask.place, ask.code, ask.now), Permission=Permission
    )


def objections(ask: Ask) -> Response:
    """Comments and objections of the lead bodies in a period."""
    said = objections_of(*ask.where)
    has_leads = any(unit.is_lead_body for unit in ask.pack.units)
    return ask.page("objections.html", section="objections", said=said, has_leads=has_leads)


def runbook(ask: Ask) -> Response:
    """The operator's handbook; a part of it under its heading, as alarms name it."""
    file = ask.place.settings.root / "docs" / "runbook.md"
    if not file.is_file():
        raise HTTPException(404)
    parts = _parts(file, file.stat().st_mtime_ns)
    wanted = fold(ask.query("muc"))
    found = [part for part in parts if fold(part[0]) == wanted] if wanted else []
    return ask.page("runbook.html", section="", parts=parts, found=found)


# `_changed` is used by the cache alone: a file that was edited is read again.
@lru_cache(maxsize=2)
def _parts(file: Path, _changed: int) -> tuple[tuple[str, Markup], ...]:
    """(heading, HTML) of each part; HTML inside the file is shown as text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    chapters = file.read_text(encoding="utf-8").split("\n## ")[1:]
    cut = (chapter.partition("\n") for chapter in chapters)
    return tuple((head.strip(), Markup(reader.render(body))) for head, _, body in cut)  # noqa: S704 - our own file


def run(ask: Ask) -> Response:
    """From Airflow's page of a run to the period's, which Airflow knows; without Airflow the run's id says it: the
    period's code, or holds it between `__`."""
    # Airflow knows DAGs and runs; which regime and period these are is said by their names alone.
    prefix = ask.param("dag").rpartition("__")[0]
    code = next((c for c in ask.regimes if ask.place.pack(c).regime.dag_prefix == prefix), None)
    if code is None:
        return RedirectResponse(f"{ask.root}/", status_code=303)
    known = {period.code for period in ask.place.periods(code)}
    dag, asked = ask.param("dag"), ask.param("run")
    of_run = ask.runs.period_of(dag, asked) if ask.runs is not None else ""
    named = of_run or next((part for part in asked.split("__") if part in known), "")
    below = f"/p/{quote(named)}" if named else ""
    return RedirectResponse(f"{ask.root}/r/{code}{below}", status_code=303)
