"""A business time that cannot be true is asked about; honest runs and the past are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from baocao.workflow.auditing.clock import SILENCE, ImplausibleTime, require_plausible_time
from baocao.workflow.reports import dispatching
from baocao.workflow.sweeps import reminding
from builders.sites.cli import Cli
from builders.sites.site import PERIOD, Site


def reminders(site: Site) -> int:
    from sqlalchemy import func, select

    from baocao.store.tables import reminder

    with site.place.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(reminder)).scalar_one())


def mails(site: Site) -> int:
    return len(list(site.place.settings.outbox.glob("*.eml")))


@pytest.mark.parametrize("command", ["collect", "remind", "open"])
def test_future_time_must_be_confirmed_with_yes(opened: Site, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    cli, before = Cli(opened, monkeypatch), mails(opened)
    ahead = f"{datetime.now(UTC) + timedelta(days=400):%Y-%m-%d}"
    asked = cli(command, "--as-of", ahead)
    assert asked.code == 4 and "sau hôm nay" in asked.err and "--yes" in asked.err
    assert (reminders(opened), mails(opened)) == (0, before)
    assert cli(command, "--as-of", ahead, "--yes").code == 0


def test_clock_running_ahead_decides_nothing(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock itself is wrong: no --as-of, and what the store knows is months older."""
    cli, before = Cli(opened, monkeypatch), mails(opened)
    asked = cli("remind", "--json", "--as-of", "2026-09-10T08:00")
    assert asked.code == 4 and asked.json["kind"] == "ImplausibleTime" and PERIOD in asked.json["error"]
    assert (reminders(opened), mails(opened)) == (0, before)
    # Right again, the same step goes out.
    assert cli("remind", "--as-of", "2026-06-18T08:00").code == 0
    assert reminders(opened) > 0


def test_implausible_time_of_a_sweep_can_be_alarmed(opened: Site) -> None:
    """As the tasks of Airflow do it: the clock is asked before the verb, and the failed task raises an alarm."""
    before, wrong = mails(opened), datetime.now(UTC) + timedelta(days=200)
    with pytest.raises(ImplausibleTime, match="đồng hồ") as refused:
        require_plausible_time(opened.place, wrong, datetime.now(UTC))
    reminding.deadline_alarm(opened.place, "", "", str(refused.value), wrong)
    assert (reminders(opened), mails(opened)) == (0, before + 1)


def test_quiet_window_with_regular_sweeps_is_plausible(opened: Site) -> None:
    """Nothing may happen for weeks in a long window: that sweeps run is the sign of life."""
    place, when = opened.place, opened.opens
    for _ in range(12):
        when += SILENCE - timedelta(days=1)
        require_plausible_time(place, when, now=when)


def test_idle_months_and_past_times_are_plausible(
    signed: tuple[Site, dict[str, object]], without_renderings: None
) -> None:
    site, report = signed
    dispatching.dispatch(site.place, int(str(report["report_id"])), site.report_day)
    place, october = site.place, datetime(2026, 10, 20, 8, tzinfo=UTC)
    require_plausible_time(place, october, now=october)
    require_plausible_time(place, site.opens, now=october)
    # But not over the opening of the next period, which nobody has opened.
    later = datetime(2027, 3, 1, 8, tzinfo=UTC)
    with pytest.raises(ImplausibleTime, match="2026-Y"):
        require_plausible_time(place, later, now=later)


def test_a_new_installation_is_never_asked(site: Site) -> None:
    require_plausible_time(site.place, datetime.now(UTC), datetime.now(UTC))
