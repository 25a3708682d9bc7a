"""A report of too few units is not approved, unless somebody overrules the pack's bound by name; nor is it sent."""

from __future__ import annotations

import pytest

from baocao.store.trail import events
from baocao.workflow.installation import Refused
from baocao.workflow.sign_off.coverage import overrule_coverage
from builders.sites.cli import Cli
from builders.sites.site import PERIOD, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
REASON = "Các xã còn lại bị chia cắt do lũ; báo cáo bổ sung bằng bản đính chính"
BY = "Phó Giám đốc (thử nghiệm)"


def test_low_coverage_prevents_approval_until_overruled(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.load_baseline()
    site.open()
    silent = [u.code for u in site.units if not u.is_lead_body][:4]
    site.send_all(but=silent)
    site.collect()
    report = site.consolidate()
    expected = len(site.units)
    with pytest.raises(Refused, match=rf"chỉ có số liệu của {expected - 4}/{expected} đơn vị, dưới mức 90 %"):
        site.approve(report)
    with pytest.raises(Refused, match="người quyết định và lý do"):
        overrule_coverage(site.place, REGIME, PERIOD, by=" ", reason=REASON, as_of=site.report_day)
    done = Cli(site, monkeypatch)("accept-coverage", "--period", PERIOD, "--by", BY, "--reason", REASON, "--json")
    assert done.json["coverage"] == f"{expected - 4}/{expected}"
    with site.place.store.read() as conn:
        [told] = [e for e in events.events(conn) if e.action == "coverage_overruled"]
    assert (told.actor, told.payload["reason"]) == (BY, REASON)
    assert told.payload["content_sha256"] == report["content_sha256"]
    assert site.approve(report)["status"] == "APPROVED"

    # It holds for that content alone: the next version is looked at anew.
    site.approve(report, "return", "Chờ thêm báo cáo")
    site.send(silent[0], site.workbook(silent[0]), site.in_time)
    site.collect()
    again = site.consolidate()
    with pytest.raises(Refused, match="dưới mức"):
        site.approve(again)
