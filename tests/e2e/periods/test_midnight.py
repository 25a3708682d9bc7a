"""A file that comes between the last sweep of the day and midnight is in time; one that came after it is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from baocao.store.tables import outbox, submission
from baocao.workflow.sweeps import collecting
from builders.sites.site import COMMUNES, Site

UNIT, OTHER = COMMUNES[:2]


def kept(site: Site, unit: str) -> Any:
    with site.place.store.read() as conn:
        found = select(submission).where(submission.c.unit == unit, submission.c.channel == "folder")
        return conn.execute(found.order_by(submission.c.id.desc()).limit(1)).one()


def sent_and_collected(site: Site, unit: str, at: datetime) -> Any:
    site.send(unit, site.workbook(unit), at)
    site.collect(at)
    return kept(site, unit)


def test_files_first_seen_at_midnight_are_in_time(opened: Site) -> None:
    site, due = opened, opened.period.unit.due_at
    site.collect(due - timedelta(seconds=50))
    first = sent_and_collected(site, UNIT, due + timedelta(seconds=9))
    assert first.on_time and first.received_at <= due < first.decided_at
    assert datetime.fromisoformat(first.info["seen_at"]) == due + timedelta(seconds=9)
    # Seen a quarter of an hour later, and not at midnight: it came after the deadline.
    second = sent_and_collected(site, OTHER, due + timedelta(minutes=14))
    assert not second.on_time and second.received_at == due + timedelta(minutes=14)
    assert "seen_at" not in second.info


def test_the_lock_ends_as_the_deadline_does(opened: Site) -> None:
    site, lock = opened, opened.period.unit.locked_after
    site.collect(lock - timedelta(minutes=1))
    assert sent_and_collected(site, UNIT, lock + timedelta(seconds=9)).status == "ACCEPTED"
    assert sent_and_collected(site, OTHER, lock + timedelta(minutes=14)).status == "QUARANTINED"


def test_deadline_without_a_sweep_raises_an_alarm(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, due = opened, opened.period.unit.due_at
    morning = due + timedelta(hours=8)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return morning.astimezone(tz)

    monkeypatch.setattr(collecting, "datetime", Clock)
    site.collect(due - timedelta(hours=3))
    site.collect(morning)
    assert alarms(site) == [], "nothing came, nobody is wronged"
    site.collect(due - timedelta(hours=3))
    assert not sent_and_collected(site, UNIT, morning).on_time
    (said,) = alarms(site)
    assert f"Từ 20:59 {due:%d/%m/%Y} tới 07:59" in said and "baocao" not in said.partition("«")[0]


def alarms(site: Site) -> list[str]:
    with site.place.store.read() as conn:
        return [r.text for r in conn.execute(select(outbox).where(outbox.c.step.startswith("alarm:unwatched")))]
