"""Reports accepted after a version was made: signer, operator and unit are told before the signature and after it."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from baocao.model.form import CellKey
from baocao.store.reports import reports, signoff
from baocao.store.tables import outbox
from baocao.store.trail import events
from baocao.workflow.installation import Refused
from baocao.workflow.reports import correcting, dispatching
from baocao.workflow.sign_off import signing
from baocao.workflow.sign_off.summary import report_summary
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from builders.sites.site import COMMUNES, PERIOD, REGIME, SIGNATURE, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
CORRECTS, SILENT, *_ = COMMUNES
FOUND = CellKey.parse("PL01/CT10/MS")


def arrives(site: Site, unit: str, at: datetime, change: dict[CellKey, Any] | None = None) -> None:
    site.send(unit, site.workbook(unit, change), at, f"gui-{at:%d%H%M}.xlsx")
    assert site.collect(at + timedelta(minutes=5))["accepted"] == 1


def corrects(site: Site, at: datetime, by: int = 4) -> None:
    arrives(site, CORRECTS, at, {FOUND: int(str(site.filled(CORRECTS).values[FOUND])) + by})


def letters(site: Site, to: str = "", step: str = "") -> list[str]:
    with site.place.store.read() as conn:
        rows = conn.execute(select(outbox.c.recipient, outbox.c.step, outbox.c.text).order_by(outbox.c.id)).all()
    return [text for recipient, name, text in rows if to in {"", recipient} and name.startswith(step)]


def named(site: Site) -> list[str]:
    found = overview.status(site.place, REGIME, PERIOD, site.report_day)["newer_than_report"]
    return [n["unit"] for n in found]


def decided(site: Site, report: dict[str, Any], verb: Any, decision: str, **more: Any) -> dict[str, Any]:
    who = {"by": f"nguoi-{verb.__name__}", "as_of": site.report_day + timedelta(hours=3)}
    return verb(site.place, report["report_id"], report["content_sha256"], decision, **who, **more)


@pytest.fixture(scope="module")
def waiting_template(
    opened_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory, renderings_off: Any
) -> tuple[Path, dict[str, Any]]:
    """A frozen report without one commune; then that commune reports and another one corrects itself."""
    site = Site(trimmed, tmp_path_factory.mktemp("waiting") / "var")
    shutil.copytree(opened_template, site.data)
    with renderings_off():
        site.send_all(but=[SILENT])
        site.collect()
        report = site.consolidate()
        arrives(site, SILENT, site.report_day + timedelta(hours=1))
        corrects(site, site.report_day + timedelta(hours=2))
    site.place.store.close()
    return site.data, dict(report)


@pytest.fixture
def waiting(site: Site, waiting_template: tuple[Path, dict[str, Any]]) -> tuple[Site, dict[str, Any]]:
    data, report = waiting_template
    shutil.copytree(data, site.data)
    return site, report


def test_deciders_are_told_what_a_version_lacks(waiting: tuple[Site, dict[str, Any]]) -> None:
    site, report = waiting
    silent, other = site.unit(SILENT).full_name, site.unit(CORRECTS).full_name
    lacks = (
        "02 báo cáo được tiếp nhận sau khi lập phiên bản 1, chưa có trong phiên bản này: "
        f"{silent} (báo cáo lần đầu), {other} (đính chính)"
    )
    # The operator.
    assert named(site) == [SILENT, CORRECTS]
    assert lacks in status_text(overview.status(site.place, REGIME, PERIOD, site.report_day))
    # The units: which version lacks their figures.
    for unit in (SILENT, CORRECTS):
        note = letters(site, site.unit(unit).email, "accepted-")[-1]
        assert "mới hơn phiên bản 1 của báo cáo tổng hợp (đang chờ duyệt)" in note
    # The office, by letter and in the question; what is missing from the version is told of the version itself.
    authority = site.pack.regime.authority
    assert [text for text in letters(site, authority.standing_email, "newer-") if silent in text]
    question = report_summary(site.place, report["report_id"])["body"]
    assert lacks in question
    assert f"- Chưa có báo cáo: {silent}" in question
    with site.place.store.read() as conn:
        inside = len(reports.inputs(conn, report["report_id"]))
    assert f"- Số đơn vị có số liệu: {inside}/{inside + 1}" in question
    # Deciding without knowing is refused with both ways out, for both offices; knowing is put on record.
    with pytest.raises(Refused, match=r"--return.*--knowingly"):
        decided(site, report, signing.approve, "approve")
    answer = decided(site, report, signing.approve, "approve", knowingly=True)
    assert [n["unit"] for n in answer["newer"]] == [SILENT, CORRECTS]
    [asked] = letters(site, authority.leadership_email, "report-")
    assert lacks in asked
    corrects(site, site.report_day + timedelta(hours=4), by=5)
    assert other in letters(site, authority.leadership_email, "newer-")[-1]
    with pytest.raises(Refused, match="chưa có trong phiên bản này"):
        decided(site, report, signing.sign, "sign", **SIGNATURE)
    decided(site, report, signing.sign, "sign", knowingly=True, **SIGNATURE)
    with site.place.store.read() as conn:
        notes = [a.note for a in signoff.approvals(conn, report["report_id"])]
        payloads = [e.payload for e in events.events(conn) if e.action in {"report_approve", "report_sign"}]
    assert all("Đã biết: 02 báo cáo" in note for note in notes) and len(notes) == 2
    assert [len(p["newer"]) for p in payloads] == [2, 2]


def test_returned_and_made_again_the_version_lacks_nothing(waiting: tuple[Site, dict[str, Any]]) -> None:
    site, report = waiting
    decided(site, report, signing.approve, "return", note="đưa hai báo cáo mới vào")
    again = dict(site.consolidate(site.report_day + timedelta(hours=5)))
    assert named(site) == []
    assert "chưa có trong phiên bản này" not in report_summary(site.place, again["report_id"])["body"]
    answer = decided(site, again, signing.approve, "approve")
    assert answer["newer"] == []


def test_newer_report_after_signing_is_announced(
    signed: tuple[Site, dict[str, Any]],
) -> None:
    site, report = signed
    corrects(site, site.report_day + timedelta(hours=1))
    name = site.unit(CORRECTS).full_name
    authority = site.pack.regime.authority
    assert "(đã ký, chưa gửi)" in letters(site, site.unit(CORRECTS).email, "accepted-")[-1]
    assert name in letters(site, authority.standing_email, "newer-")[-1]
    assert any(name in text and "baocao correct" in text for text in letters(site, step="alarm"))
    sent = dispatching.dispatch(site.place, report["report_id"], site.report_day + timedelta(hours=2))
    assert [n["unit"] for n in sent["newer"]] == [CORRECTS]


def test_newer_report_after_dispatch_announces_how_to_correct(
    dispatched: Site,
) -> None:
    site = dispatched
    corrects(site, site.report_day + timedelta(hours=1))
    name, mail = site.unit(CORRECTS).full_name, site.unit(CORRECTS).email
    receipt = letters(site, mail, "accepted-")[-1]
    assert "báo cáo đã gửi không có số liệu này" in receipt and "báo cáo đính chính" in receipt
    [told] = letters(site, site.pack.regime.authority.standing_email, "newer-")
    assert name in told and f"baocao correct --period {PERIOD}" in told
    [alarm] = [text for text in letters(site, step="alarm") if "thiếu báo cáo vừa tiếp nhận" in text]
    assert name in alarm and f"baocao correct --period {PERIOD}" in alarm
    assert named(site) == [CORRECTS]
    text = status_text(overview.status(site.place, REGIME, PERIOD, site.report_day))
    assert "chưa có trong phiên bản này" in text and "baocao correct" in text
    # Once the correction is open, what arrives is what was asked for: no alarm, and the receipt says where it goes.
    at = site.report_day + timedelta(hours=3)
    correcting.correct(site.place, REGIME, PERIOD, reason="đưa số liệu đính chính vào", by="can-bo", as_of=at)
    corrects(site, at + timedelta(hours=1), by=6)
    assert "được đưa vào báo cáo đính chính đang lập" in letters(site, mail, "accepted-")[-1]
    assert len(letters(site, site.pack.regime.authority.standing_email, "newer-")) == 1
