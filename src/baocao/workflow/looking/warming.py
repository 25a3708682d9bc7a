"""What the first pages of a server need is worked out while nobody waits: packs as people read them, pictures of the
period that is open.

Nothing here is needed: a page that comes first works out what it shows itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from urllib.parse import quote

from baocao.model.form import CellKey
from baocao.workflow.installation import Installation
from baocao.workflow.looking import pack_page, pictures, trend_page, units_figures

log = logging.getLogger(__name__)
MOST_SECONDS = 180.0
"""After that the rest is left to whoever opens its page."""
Pause = Callable[[], bool]
"""Whether to stop."""


def warm(place: Installation, root: str, now: datetime, stop: Pause) -> int:
    """Work it out regime by regime, until it is done, `stop` says so, or the time is over; how many things were.
    `root`: where the desk is mounted, which stands in the addresses of the maps. What fails is told by the log."""
    until, done = time.monotonic() + MOST_SECONDS, 0
    for name, work in _things(place, root, now):
        # The server may be asked to end meanwhile, and must not be held up by what nobody waits for.
        if stop() or time.monotonic() > until:
            break
        try:
            work()
            done += 1
        except Exception:
            # A pack with faults, a database that is away: the page that needs it says so to whoever asks.
            log.info("Chưa chuẩn bị được: %s", name, exc_info=True)
    return done


def _things(place: Installation, root: str, now: datetime) -> Iterator[tuple[str, Callable[[], object]]]:
    """The periods' pages before the packs: they are looked at daily."""
    codes = sorted(place.folders)
    for code in codes:
        yield f"{code}, kỳ hiện nay", partial(_period, place, code, root, now)
    for code in codes:
        yield f"{code}, gói chế độ", partial(_pack, place, code, now)


def _period(place: Installation, code: str, root: str, now: datetime) -> None:
    current = place.current_period(code, now)
    if current is None:
        return
    pack, period = place.at(code, current.code)
    here = f"{root}/r/{code}/p/{period.code}"
    units_figures.choices(pack)
    for picture in (
        pictures.arrival_picture(place, pack, period),
        pictures.period_map(place, code, period.code, lambda unit: f"{here}/u/{unit}"),
    ):
        if picture is not None:
            _ = picture.page_svg

    def address(of: str, key: CellKey) -> str:
        return f"{root}/r/{code}/p/{quote(of, safe='')}/cell/{'/'.join(quote(k, safe='') for k in key)}"

    for form in pack.forms:
        trend_page.trend_view(place, code, period.code, form.code, "", address)


def _pack(place: Installation, code: str, now: datetime) -> None:
    pack_page.pack_view(place, code, now.astimezone(place.zone(code)).date())
