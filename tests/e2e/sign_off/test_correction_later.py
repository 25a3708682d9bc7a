"""What comes after a correction: replay of every version, the periods that follow, alarms, the command line."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from demo.figures import Figures

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.consolidated import Earlier
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.periods import waiving, windows
from baocao.workflow.periods.history import history_of, province_before
from baocao.workflow.reports import building, replaying
from baocao.workflow.sign_off.coverage import overrule_coverage
from baocao.workflow.sweeps import reminding
from builders.sites.cli import Cli
from builders.sites.correction import (
    DONE,
    OTHER,
    REASON,
    UNIT,
    after_dispatch,
    correct,
    corrected,
    sent,
)
from builders.sites.site import PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")

# replay ------------------------------------------------------------------------------------------------------------


def test_dispatched_version_and_correction_both_replay_identically(frozen: tuple[Site, dict[str, Any]]) -> None:
    site, report = frozen
    sent(site, report)
    for version in (1, None):
        answer = replaying.replay(site.place, REGIME, PERIOD, version)
        assert (answer["differences"], answer["identical"]) == ([], True), version
        assert answer["version"] == (version or 2)
    with pytest.raises(Refused, match="không có báo cáo phiên bản 7"):
        replaying.replay(site.place, REGIME, PERIOD, 7)


# alarms ------------------------------------------------------------------------------------------------------------


def test_unconsolidated_correction_raises_an_alarm_afterwards(dispatched: Site) -> None:
    site = dispatched
    opened = after_dispatch(site)
    until = (opened + timedelta(days=7)).date()
    correct(site, UNIT, at=opened, until=until)
    quiet, loud = (opened + timedelta(days=n) for n in (7, 12))
    assert reminding.remind(site.place, quiet)["alarms"] == 0
    assert [reminding.remind(site.place, loud - timedelta(hours=n))["alarms"] for n in (1, 0)] == [1, 0]
    letter = next(p for p in site.place.settings.outbox.glob("*correction*.eml") if "operator" in p.name)
    body = message_from_bytes(letter.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    assert "chưa được tổng hợp" in body.get_content()


# the command line --------------------------------------------------------------------------------------------------


def test_commands_open_a_correction_and_replay_versions(dispatched: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = Cli(dispatched, monkeypatch)
    when = after_dispatch(dispatched)
    until = (when + timedelta(days=7)).date()
    common = ("--period", PERIOD, "--as-of", when.isoformat(), "--json")
    told = ("--reason", REASON, "--by", "can-bo")
    done = cli("correct", *common, *told, "--unit", UNIT, "--unit", OTHER, "--until", until)
    assert done.code == 0
    assert (done.json["corrects_version"], done.json["units"]) == (1, sorted([UNIT, OTHER]))
    assert cli("correct", *common, *told, "--unit", UNIT, "--until", "10/7").code == 3
    assert cli("correct", *common, "--by", "can-bo").code == 64
    assert "không có gì để đính chính" in cli("consolidate", *common).json["error"]
    assert cli("replay", *common, "--version", "1").json["identical"] is True


# the next period ---------------------------------------------------------------------------------------------------

ANNUAL, NEXT = "2026-Y", "2027-H1"


def reported(site: Site, code: str, data: bytes) -> dict[str, Any]:
    """One unit's report of a later period goes in and is consolidated; the others are missing."""
    period = site.place.period(REGIME, code)
    windows.open_window(site.place, REGIME, code, period.opens_at)
    when = period.unit.due_at - timedelta(days=2)
    site.send(OTHER, data, when)
    taken = site.collect(when)
    assert taken["accepted"] == 1, taken
    at = period.province.due_at - timedelta(days=1)
    drafting.gate(site.place, REGIME, code, at)
    return building.build(site.place, drafting.consolidate(site.place, REGIME, code, at)["report_id"], at)


def half_a_year_later(site: Site) -> bytes:
    """The unit's workbook of the next half year, opening where the last one closed."""
    period = site.place.period(REGIME, NEXT)
    with site.place.store.read() as conn:
        figures = history_of(site.place, conn, site.pack, OTHER, period).previous
    filled = Figures(site.pack, site.unit(OTHER), period, figures, 2026).fill()
    return write_blank(site.pack, site.unit(OTHER), period, figures, values=filled.values, info=filled.info)


def done_in(earlier: Earlier) -> int:
    """What all units together had done in an earlier period."""
    return sum(int(str(r.cells[DONE].value or 0)) for r in earlier.reports if DONE in r.cells)


def test_next_report_is_compared_with_corrected_figures(dispatched: Site) -> None:
    site = dispatched
    annual, following = (site.place.period(REGIME, code) for code in (ANNUAL, NEXT))
    yearly = reported(site, ANNUAL, site.workbook(OTHER, period=annual))
    reported(site, NEXT, half_a_year_later(site))
    with site.place.store.read() as conn:
        just_before = province_before(site.place, conn, site.pack, annual)[1]
        old_history = history_of(site.place, conn, site.pack, UNIT, annual)
    report = corrected(site)
    with site.place.store.read() as conn:
        # The unit's own past is what it sent last; the province's is what was dispatched.
        assert province_before(site.place, conn, site.pack, annual)[1] == just_before
        history = history_of(site.place, conn, site.pack, UNIT, annual)
    assert int(str(history.same_year[DONE])) - int(str(old_history.same_year[DONE])) == 5
    sent(site, report)
    with site.place.store.read() as conn:
        assert done_in(province_before(site.place, conn, site.pack, annual)[1]) - done_in(just_before) == 5
        assert done_in(province_before(site.place, conn, site.pack, following)[0]) - done_in(just_before) == 5
    # Who is missing from the annual report is excused afterwards.
    waiving.waive(
        site.place, REGIME, ANNUAL, UNIT, until=None, reason="giải thể", by="can-bo", as_of=annual.province.due_at
    )
    for code in (ANNUAL, NEXT):
        again = replaying.replay(site.place, REGIME, code)
        assert (again["differences"], again["identical"]) == ([], True), code
    # Nor is the dispatch of what was frozen before stopped by it; that one unit's report is enough, somebody decides.
    overrule_coverage(site.place, REGIME, ANNUAL, by="can-bo", reason="diễn tập một đơn vị", as_of=site.report_day)
    site.approve(yearly)
    site.sign(yearly)
    assert site.dispatch(yearly)["status"] == "DISPATCHED"
