"""One deadline for a unit, whoever asks: the verbs that grant and take back, and everybody who acts on it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baocao.delivery.reminding import reminders
from baocao.model.deadline import WaiverKind
from baocao.store import standing, waivers, windows
from baocao.store.submissions import submissions
from baocao.workflow.installation import Refused
from baocao.workflow.periods.waiving import waive, withdraw_waiver
from baocao.workflow.status import overview
from baocao.workflow.sweeps import reminding
from baocao_authoring.what_if import trying as what_if
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT = COMMUNES[0]


def granted(site: Site, until: date | None, at: datetime, unit: str = UNIT) -> dict[str, object]:
    return waive(site.place, REGIME, PERIOD, unit, until=until, reason="Mất điện", by="Thường trực", as_of=at)


def letters(site: Site, step: str) -> list[str]:
    found = []
    for path in sorted(site.place.settings.outbox.glob(f"*{step}*.eml")):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        assert body is not None
        found.append(body.get_content())
    return found


def day(site: Site, after: int) -> datetime:
    """Noon, so many days after the units' deadline."""
    return (site.period.unit.due_at + timedelta(days=after)).replace(hour=12)


def locked(site: Site, more: int) -> datetime:
    """Noon, so many days after the lock."""
    return (site.period.unit.locked_after + timedelta(days=more)).replace(hour=12)


def test_extension_must_be_later_than_the_deadline(opened: Site) -> None:
    due = opened.period.unit.due_at
    for until in (due.date() - timedelta(days=3), due.date()):
        with pytest.raises(Refused, match=f"muộn hơn hạn hiện nay của đơn vị .23:59 ngày {due:%d/%m/%Y}"):
            granted(opened, until, day(opened, -5))
    granted(opened, day(opened, 4).date(), day(opened, -5))
    with pytest.raises(Refused, match="thu hồi gia hạn đó"):
        granted(opened, day(opened, 2).date(), day(opened, -4))
    with pytest.raises(Refused, match="đã qua"):
        granted(opened, day(opened, 6).date(), day(opened, 8))


def test_waived_unit_cannot_be_waived_or_extended_again(opened: Site) -> None:
    granted(opened, None, day(opened, -5))
    with pytest.raises(Refused, match="đã được miễn"):
        granted(opened, None, day(opened, -4))
    with pytest.raises(Refused, match="thu hồi việc miễn"):
        granted(opened, day(opened, 3).date(), day(opened, -4))


def test_an_extension_past_the_provinces_own_deadline_warns(opened: Site) -> None:
    province = opened.period.province.due_at
    assert granted(opened, province.date(), day(opened, -5))["warnings"] == []
    (warning,) = granted(opened, province.date() + timedelta(days=1), day(opened, -4))["warnings"]  # type: ignore[misc]
    assert f"sau hạn gửi báo cáo của tỉnh (hết ngày {province:%d/%m/%Y})" in warning


def test_waiver_after_acceptance_keeps_the_figures(opened: Site) -> None:
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    opened.collect()
    (warning,) = granted(opened, None, day(opened, 1))["warnings"]  # type: ignore[misc]
    assert "số liệu đó vẫn được tổng hợp" in warning
    (letter,) = letters(opened, f"{UNIT}__waiver")
    assert "vẫn được đưa vào báo cáo tổng hợp" in letter


def test_withdrawing_a_waiver_makes_the_unit_owe_again(cli: Cli) -> None:
    site = cli.site
    site.open()
    at = ("--period", PERIOD, "--reason", "Nhầm đơn vị", "--by", "Thường trực", "--as-of")
    assert cli("waive", UNIT, *at, "2026-06-10").code == 0
    assert cli("status", "--period", PERIOD, "--as-of", "2026-06-11", "--json").json["waived"] == 1
    answer = cli("waive", UNIT, "--withdraw", *at, "2026-06-12", "--json")
    assert (answer.code, answer.json["withdrawn"], answer.json["owes"]) == (0, "waiver", True)
    status = cli("status", "--period", PERIOD, "--as-of", "2026-06-13", "--json").json
    assert (status["waived"], UNIT in status["missing"], status["exceptions"]) == (0, True, [])
    (letter,) = letters(site, f"{UNIT}__waiver-withdrawn")
    assert "phải nộp báo cáo" in letter
    again = cli("waive", UNIT, "--withdraw", *at, "2026-06-14")
    assert again.code == 3 and "không có miễn hoặc gia hạn nào đang có hiệu lực" in again.err


def test_withdrawing_an_extension_warns_what_it_means(opened: Site) -> None:
    granted(opened, locked(opened, 2).date(), day(opened, -5))

    def back(at: datetime) -> dict[str, object]:
        return withdraw_waiver(opened.place, REGIME, PERIOD, UNIT, reason="Đã có điện", by="Thường trực", as_of=at)

    answer = back(day(opened, 1))
    assert answer["due_at"] == opened.period.unit.due_at
    assert "đã qua" in answer["warnings"][0]  # type: ignore[index]
    granted(opened, locked(opened, 2).date(), day(opened, 1))
    assert "không nộp được nữa" in back(locked(opened, 1))["warnings"][0]  # type: ignore[index]


def test_old_extension_before_the_deadline_has_no_effect(opened: Site) -> None:
    """Rows of earlier versions of the program: an extension to a day before the deadline."""
    early = day(opened, -6)
    with opened.place.store.begin() as conn:
        waivers.grant(
            conn,
            regime=REGIME,
            period=PERIOD,
            unit=UNIT,
            kind=WaiverKind.EXTENSION,
            until=early,
            reason="Nhầm",
            granted_by="Thường trực",
            granted_at=day(opened, -8),
        )
    opened.send(UNIT, opened.workbook(UNIT), day(opened, -3))
    assert opened.collect(day(opened, -3))["accepted"] == 1
    with opened.place.store.read() as conn:
        official = submissions.official(conn, REGIME, PERIOD, UNIT)
    assert official is not None and official.on_time is True
    answer = what_if.what_if(opened.place, REGIME, PERIOD, opened.place.pack(REGIME))
    assert [u for u in answer["units"] if u["unit"] == UNIT and u.get("new")] == []


def test_locked_letter_names_the_units_own_deadline(opened: Site) -> None:
    until = locked(opened, 2).date()
    granted(opened, until, day(opened, -5))
    opened.send(UNIT, opened.workbook(UNIT), locked(opened, 3))
    assert opened.collect(locked(opened, 3))["quarantined"] == 1
    (letter,) = letters(opened, f"{UNIT}__locked")
    # The two lines say the same day: that of the extension, not the period's.
    said = re.findall(rf"ngày 0?{until.day}/0?{until.month}/{until.year}|0?{until.day} tháng 0?{until.month}", letter)
    due = opened.period.unit.due_at
    assert len(said) == 2, letter
    assert not re.search(rf"\b{due.day}(/| tháng )0?{due.month}", letter)


def test_check_judges_by_the_units_own_deadline_too(cli: Cli) -> None:
    site = cli.site
    site.load_baseline()
    site.open()
    granted(site, day(site, 4).date(), day(site, -5))
    file = site.data / "mot-tep.xlsx"
    file.write_bytes(site.workbook(UNIT))
    late = [f["rule"] for f in cli("check", file, "--as-of", f"{day(site, 2):%Y-%m-%d}", "--json").json["findings"]]
    file.write_bytes(site.workbook(COMMUNES[1]))
    other = [f["rule"] for f in cli("check", file, "--as-of", f"{day(site, 2):%Y-%m-%d}", "--json").json["findings"]]
    assert set(other) - set(late), "the other unit is late"


steps = st.lists(
    st.tuples(st.sampled_from(["waive", "extend", "withdraw"]), st.integers(-10, 20), st.integers(0, 25)), max_size=5
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, now=st.integers(-5, 24))
def test_everybody_who_asks_hears_the_same_deadline(opened: Site, steps: list[tuple[str, int, int]], now: int) -> None:
    place, period, as_of = opened.place, opened.period, day(opened, now)
    # Each example has a unit of its own, else it would meet what the one before was granted.
    with place.store.read() as conn:
        untouched = [o.unit for o in windows.obligations(conn, REGIME, PERIOD)]
        touched = {w.unit for w in waivers.waivers(conn, REGIME, PERIOD)}
    free = [u for u in untouched if u not in touched]
    if not free:
        return
    unit = free[0]
    for act, until, at in sorted(steps, key=lambda s: s[2]):
        when = day(opened, at - 12)
        try:
            if act == "withdraw":
                withdraw_waiver(place, REGIME, PERIOD, unit, reason="x", by="y", as_of=when)
            else:
                granted(opened, day(opened, until).date() if act == "extend" else None, when, unit)
        except Refused:
            pass
    with place.store.read() as conn:
        own = waivers.deadline_of(conn, REGIME, PERIOD, unit, as_of)
        assert own is not None
        stands = next(s for s in standing.standing_of(conn, REGIME, PERIOD, as_of) if s.obligation.unit == unit)
        decisions = reminders.plan(
            opened.pack,
            period,
            as_of,
            [stands.obligation],
            (),
            waivers.waivers(conn, REGIME, PERIOD),
            (),
            days=place.working_days,
        )
        awaited = reminding._last_lock(conn, period, as_of)
    assert stands.deadline == own
    assert (stands.standing is standing.Standing.WAIVED) == (not own.owes)
    assert {d.deadline.due_at for d in decisions} <= {own.due_at} and (own.owes or not decisions)
    assert awaited >= own.locked_after
    shown = [e for e in overview.status(place, REGIME, PERIOD, as_of)["exceptions"] if e["unit"] == unit]
    assert [e["until"] for e in shown] == ([own.because.until] if own.because else [])
    seen = own.of_period(period)
    assert (seen.unit.due_at, seen.unit.locked_after) == (own.due_at, own.locked_after)


def test_reports_within_their_extension_are_in_time(opened: Site) -> None:
    until = day(opened, 4)
    granted(opened, until.date(), day(opened, -5))
    for unit in COMMUNES[:2]:
        opened.send(unit, opened.workbook(unit), day(opened, 3))
    assert opened.collect(day(opened, 3))["accepted"] == 2
    with opened.place.store.read() as conn:
        on_time = {s.unit: s.on_time for s in submissions.accepted(conn, REGIME, PERIOD)}
    assert on_time == {COMMUNES[0]: True, COMMUNES[1]: False}
