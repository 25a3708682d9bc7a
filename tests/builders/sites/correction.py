"""A dispatched report of the small site that one commune then corrects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from baocao.model.form import CellKey
from baocao.model.submission import Value
from baocao.workflow.reports import correcting, dispatching
from baocao.workflow.sign_off import signing
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT, OTHER = COMMUNES[0], COMMUNES[1]
REASON = "Phường Hạc Thành báo thiếu số người hoàn thành cai nghiện"
FOUND, DONE = CellKey.parse("PL01/CT10/MS"), CellKey.parse("PL01/CT20/TH")
SAID, NARRATIVE = CellKey.parse("PL01/CT10/GT"), CellKey.parse("PL04/I/ND")
NEW_TEXT = "Đã ban hành kế hoạch; giao ban hằng tháng."
NUMBER, SIGNED_ON = "163", "2026-06-29"
PEOPLE = {"by": "can-bo-tong-hop", "reason": REASON}


def after_dispatch(site: Site, days: float = 3) -> datetime:
    """An instant after the report went out; the window is locked by then."""
    return max(site.report_day, site.period.unit.locked_after) + timedelta(days=days)


def correct(site: Site, *units: str, at: datetime | None = None, until: date | None = None) -> dict[str, object]:
    when = at or after_dispatch(site)
    end = until or (when + timedelta(days=7)).date()
    return correcting.correct(
        site.place, REGIME, PERIOD, **PEOPLE, as_of=when, units=units, until=end if units else None
    )


def changed(site: Site, unit: str = UNIT, more: Mapping[CellKey, Value | str | None] | None = None) -> bytes:
    """The unit's workbook with two figures, an explanation and a sentence that differ from what it sent before."""
    before = site.filled(unit).values
    change: dict[CellKey, Value | str | None] = {
        FOUND: int(str(before[FOUND])) + 4,
        DONE: int(str(before[DONE])) + 5,
        SAID: "=Đếm sót điểm phát hiện cuối kỳ",
        NARRATIVE: NEW_TEXT,
    }
    return site.workbook(unit, {**change, **(more or {})})


def resend(site: Site, data: bytes | None = None, unit: str = UNIT, days: float = 4) -> dict[str, int]:
    """The unit sends its workbook again, and the sweep judges it."""
    when = after_dispatch(site, days)
    site.send(unit, changed(site, unit) if data is None else data, when)
    return site.collect(when + timedelta(hours=1))


def corrected(site: Site) -> dict[str, object]:
    """From a dispatched report to the frozen correction of it."""
    correct(site, UNIT)
    assert resend(site)["accepted"] == 1
    return site.consolidate(after_dispatch(site, 5))


def sign(site: Site, report: Mapping[str, object], number: str = NUMBER, signed_on: str = SIGNED_ON) -> object:
    return signing.sign(
        site.place,
        int(str(report["report_id"])),
        str(report["content_sha256"]),
        "sign",
        by="van-thu",
        as_of=after_dispatch(site, 6),
        number=number,
        signed_on=signed_on,
        signer="Người ký (thử nghiệm)",
    )


def sent(site: Site, report: Mapping[str, object]) -> dict[str, object]:
    """Approve, sign under a number of its own, dispatch."""
    site.approve(report)
    sign(site, report)
    return dispatching.dispatch(site.place, int(str(report["report_id"])), after_dispatch(site, 6))
