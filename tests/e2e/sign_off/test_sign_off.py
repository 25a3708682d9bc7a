"""Approve, sign, take back, dispatch: slips of the hand are refused where they are made, or can be mended."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from baocao.model.report import ReportStatus, Role
from baocao.settings import load_settings
from baocao.store.reports import corrections, reports, signoff
from baocao.store.tables import outbox
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports import dispatching, replaying
from baocao.workflow.reports.correcting import correct as open_correction
from baocao.workflow.sign_off import signing
from baocao.workflow.sign_off.revoking import revoke
from builders.sites.correction import PEOPLE, after_dispatch
from builders.sites.site import PERIOD, REGIME, SIGNATURE, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
WHO = {"by": "van-thu", "reason": "Ghi nhầm số văn bản"}


def sign(site: Site, report: dict[str, Any], by: str = "van-thu", user: str = "", **changes: Any) -> dict[str, Any]:
    return signing.sign(
        site.place, report["report_id"], report["content_sha256"], "sign",
        by=by, as_of=changes.pop("as_of", site.report_day), user=user, **{**SIGNATURE, **changes},
    )  # fmt: skip


def status_of(site: Site, report: dict[str, Any]) -> ReportStatus:
    with site.place.store.read() as conn:
        return reports.report_of(conn, report["report_id"]).status


def refusals(site: Site) -> list[dict[str, Any]]:
    with site.place.store.read() as conn:
        return [dict(e.payload) for e in events.events(conn) if e.action == "report_decision_refused"]


def test_revoked_signature_is_announced_and_can_be_repeated(signed: tuple[Site, dict[str, Any]]) -> None:
    site, report = signed
    with pytest.raises(Refused, match="lý do"):
        revoke(site.place, report["report_id"], by="van-thu", reason=" ", as_of=site.report_day)
    done = revoke(site.place, report["report_id"], as_of=site.report_day, **WHO)
    assert (done["status"], done["repeated"]) == ("APPROVED", False)
    assert revoke(site.place, report["report_id"], as_of=site.report_day, **WHO)["repeated"]
    with site.place.store.read() as conn:
        told = [r.recipient for r in conn.execute(select(outbox).where(outbox.c.step.contains("revoked")))]
        assert signoff.signed(conn, report["report_id"]) is None
    authority = site.pack.regime.authority
    assert set(told) == {authority.standing_email, authority.leadership_email, site.place.settings.operator_email}
    with pytest.raises(Refused, match="APPROVED"):
        site.dispatch(report)

    assert sign(site, report, number="152/BC-UBND")["status"] == "SIGNED"
    sent = site.dispatch(report)
    assert sent["status"] == "DISPATCHED"
    assert (Path(str(sent["package"])) / f"bao-cao_{PERIOD}_152.docx").is_file()
    with pytest.raises(Refused, match="DISPATCHED"):
        revoke(site.place, report["report_id"], as_of=site.report_day, by="van-thu", reason="lại nhầm")


def test_mistakes_in_signing_are_refused_and_recorded(signed: tuple[Site, dict[str, Any]]) -> None:
    site, report = signed
    revoke(site.place, report["report_id"], as_of=site.report_day, **WHO)
    slips = ({"number": "15/../x"}, {"signer": "Nguyễn\nThử"}, {"signed_on": "2027-01-01"}, {"symbol": "BC UBND"})
    for slip in slips:
        with pytest.raises(Refused, match="Chưa thể ghi nhận việc ký"):
            sign(site, report, **slip)
    assert status_of(site, report) is ReportStatus.APPROVED
    assert [r["by"] for r in refusals(site)] == ["van-thu"] * len(slips)


def test_approver_signs_only_if_the_regime_allows(
    signed: tuple[Site, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, report = signed
    revoke(site.place, report["report_id"], as_of=site.report_day, **WHO)
    with pytest.raises(Refused, match="hai người khác nhau"):
        sign(site, report, by="Can-Bo-Truc ")
    assert refusals(site)[-1]["decision"] == "sign"
    pack = site.place.pack(REGIME)
    allowed = pack.regime.sign_off.model_copy(update={"one_person": "Quyết định 1 (thử nghiệm)"})
    object.__setattr__(pack.regime, "sign_off", allowed)
    try:
        assert sign(site, report, by="can-bo-truc")["status"] == "SIGNED"
    finally:
        object.__setattr__(pack.regime, "sign_off", type(allowed)())


PEOPLE_FILE = """
people:
  - {name: police, roles: [Approver], airflow_id: "2", os_users: [pc04]}
  - {name: committee, roles: [Signer], airflow_id: "3", os_users: [ubnd, pc04]}
  - {name: both, roles: [Approver, Signer], os_users: [pc04, ubnd]}
"""


def test_decision_needs_role_account_and_another_person(collected: Site) -> None:
    site = collected
    report = site.consolidate()
    site.place.settings.people_file.write_text(PEOPLE_FILE, encoding="utf-8")
    shown = report["report_id"], report["content_sha256"]
    with pytest.raises(Refused, match="không có vai 'Approver'"):
        signing.approve(site.place, *shown, "approve", by="committee", user="os:ubnd", as_of=site.report_day)
    signing.approve(site.place, *shown, "approve", by="police", user="os:pc04", as_of=site.report_day)
    for by, user, said in (
        ("police", "os:pc04", "không có vai 'Signer'"),
        ("nobody", "os:ubnd", "không có vai 'Signer'"),
        ("committee", "os:somebody", "không được ủy quyền"),
        ("committee", "", "Không rõ tài khoản"),
        ("committee", "os:pc04", "đã ghi việc duyệt"),
        ("commit\u200btee", "os:ubnd", "ký tự ẩn"),
    ):
        with pytest.raises(Refused, match=said):
            sign(site, report, by=by, user=user)
        assert status_of(site, report) is ReportStatus.APPROVED, (by, user)
    assert sign(site, report, by="committee", user="airflow:3")["status"] == "SIGNED"


def test_office_may_return_its_approved_report_before_signing(collected: Site) -> None:
    site = collected
    report = site.consolidate()
    site.approve(report)
    assert site.approve(report, "return", "Phát hiện sai sau khi duyệt")["status"] == "RETURNED"
    assert site.approve(report, "return", "Phát hiện sai sau khi duyệt")["repeated"]
    with pytest.raises(Refused, match="RETURNED"):
        sign(site, report)
    assert signing.decision_of(site.place, report["report_id"], Role.STANDING_OFFICE)["decision"] == "return"


def test_changed_address_or_holiday_does_not_delay_dispatch(
    signed: tuple[Site, dict[str, Any]], tmp_path: Path
) -> None:
    site, report = signed
    site.place.store.close()
    root = tmp_path / "root"
    shutil.copytree(site.root, root, symlinks=False)
    units = root / "include" / "regimes" / REGIME / "units.csv"
    text = units.read_text(encoding="utf-8")
    mail = next(field for line in text.splitlines()[1:] for field in line.split(",") if "@" in field)
    units.write_text(text.replace(mail, "dia-chi-moi@xa.example"), encoding="utf-8")
    regime = root / "include" / "regimes" / REGIME / "regime.yaml"
    first = site.pack.regime.recipients[0]
    regime.write_text(
        regime.read_text(encoding="utf-8").replace(first.email, "hop-thu-moi@bo.example"), encoding="utf-8"
    )
    holidays = root / "include" / "reference" / "holidays.yaml"
    day = site.period.province.safe_on
    before = holidays.read_text(encoding="utf-8") if holidays.is_file() else ""
    added = f"  - {{on: {day}, reason: thử nghiệm, source: thử nghiệm}}\n"
    holidays.write_text(
        before.replace("off:\n", f"off:\n{added}") if "off:\n" in before else f"off:\n{added}", encoding="utf-8"
    )
    changed = Installation(load_settings({**site.env, "BAOCAO_ROOT": str(root)}))
    assert changed.period(REGIME, PERIOD).province.safe_on != day
    assert changed.pack(REGIME).sha256 != site.pack.sha256
    sent = dispatching.dispatch(changed, report["report_id"], site.report_day)
    assert sent["status"] == "DISPATCHED"
    with changed.store.read() as conn:
        addresses = {d.address for d in signoff.dispatches(conn, report["report_id"])}
        manifest = reports.manifest(conn, report["report_id"])
    assert "hop-thu-moi@bo.example" in addresses
    assert changed.store.files.get(manifest["reference"]["holidays.yaml"]).decode() == before
    assert len(manifest["templates_sha256"]) == 64
    assert replaying.replay(changed, REGIME, PERIOD)["identical"]
    changed.store.close()


def test_wrong_document_number_is_corrected_by_new_report(dispatched: Site) -> None:
    site = dispatched
    when = after_dispatch(site, 1)
    with site.place.store.read() as conn:
        wrong = signoff.signed(conn, reports.latest(conn, REGIME, PERIOD).id).signature
    open_correction(site.place, REGIME, PERIOD, **PEOPLE, as_of=when, document=True)
    report = site.consolidate(when)
    signing.approve(site.place, report["report_id"], report["content_sha256"], "approve", by="can-bo-truc", as_of=when)
    same = {"number": wrong.number, "signed_on": f"{site.place.day(REGIME, when)}", "as_of": when + timedelta(hours=1)}
    assert sign(site, report, **(same | {"number": "152"}))["status"] == "SIGNED"
    sent = dispatching.dispatch(site.place, report["report_id"], when + timedelta(hours=2))
    assert sent["status"] == "DISPATCHED"
    with site.place.store.read() as conn:
        opened = corrections.of_version(conn, REGIME, PERIOD, 2)
        files = {f["name"]: f["sha256"] for f in reports.manifest(conn, report["report_id"])["files"]}
    assert opened.is_of_document
    from io import BytesIO

    from docx import Document

    word = Document(BytesIO(site.place.store.files.get(files[f"bao-cao_{PERIOD}_v2.docx"])))
    said = "\n".join(p.text for p in word.paragraphs)
    assert "Số liệu và lời văn không thay đổi; chỉ đính chính số" in said
