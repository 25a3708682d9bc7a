"""The document that is dispatched: made with its number, signed on paper or digitally, held against our own bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from baocao.documents.pdf_files.convert import pdf_available
from baocao.model.signed_copy import SignedCopyRule
from baocao.settings import ConfigurationError, load_settings
from baocao.store.trail import events
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports import issuing
from baocao.workflow.reports.attaching import attach_signed, signed_copy_state
from baocao.workflow.sign_off.outgoing import outgoing
from baocao.workflow.sign_off.revoking import revoke
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from builders.files.signed_pdf import other_root, root, sign_pdf, signer, small_pdf
from builders.sites.cli import Cli
from builders.sites.site import PERIOD, REGIME, Site, trimmed_root, with_pack

OURS = small_pdf("Bao cao da co so")
RULES = "dispatched: {units_detail: false, word: false, signed_copy: none}"
Signed = tuple[Site, dict[str, Any]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`root` (the pack wants a digital copy), `var` (a signed report), `roots` (the trust root), `report.json`."""
    folder = tmp_path_factory.mktemp("digital")
    place = with_pack(trimmed_root(folder), {RULES: RULES.replace("none", "digital")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("baocao.workflow.reports.building.pdf_available", lambda: False)
        site = Site(place, folder / "var")
        report = site.to_signed()
    site.place.store.close()
    (folder / "roots").mkdir()
    (folder / "roots" / "ca.pem").write_bytes(root().pem)
    (folder / "report.json").write_text(json.dumps({k: str(v) for k, v in report.items()}), encoding="utf-8")
    return folder


def opened(template: Path, tmp_path: Path, patch: pytest.MonkeyPatch, rule: SignedCopyRule) -> Signed:
    """A copy of it whose installation makes a small PDF, and whose pack wants this."""
    shutil.copytree(template / "var", tmp_path / "var")
    site = Site(template / "root", tmp_path / "var")
    settings = replace(load_settings(site.env), trust_roots=template / "roots")
    site.__dict__["place"] = Installation(settings)
    patch.setattr(issuing, "pdf_available", lambda: True)
    patch.setattr(issuing, "to_pdf", lambda *_: OURS)
    if rule is not SignedCopyRule.DIGITAL:
        wanted = outgoing

        def relaxed(*arguments: Any) -> Any:
            found = wanted(*arguments)
            dispatched = found.pack.regime.dispatched.model_copy(update={"signed_copy": rule})
            regime = found.pack.regime.model_copy(update={"dispatched": dispatched})
            return replace(found, pack=replace(found.pack, regime=regime))

        patch.setattr(issuing, "outgoing", relaxed)
    return site, json.loads((template / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def digital(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signed]:
    site, report = opened(template, tmp_path, monkeypatch, SignedCopyRule.DIGITAL)
    yield site, report
    site.place.store.close()


@pytest.fixture
def scanned(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signed]:
    site, report = opened(template, tmp_path, monkeypatch, SignedCopyRule.SCAN)
    yield site, report
    site.place.store.close()


def attach(case: Signed, data: bytes, name: str = "da-ky.pdf", *, scan: bool = False) -> dict[str, Any]:
    site, report = case
    return attach_signed(
        site.place, int(report["report_id"]), data, name, by="Văn thư", as_of=site.report_day, scan=scan
    )


def sent_files(site: Site) -> dict[str, bytes]:
    folder = site.place.settings.dispatch / REGIME / PERIOD / "v1"
    return {f.name: f.read_bytes() for f in folder.iterdir()}


def test_dispatch_waits_for_the_digitally_signed_pdf(digital: Signed) -> None:
    site, report = digital
    with pytest.raises(Refused, match=r"yêu cầu bản đã ký \(PDF ký số\) mà chưa gắn"):
        site.dispatch(report)
    assert signed_copy_state(site.place, int(report["report_id"]))["ready"] is False

    signed = sign_pdf(OURS, signer())
    done = attach(digital, signed)
    assert (done["kind"], done["missing"], done["repeated"]) == ("digital", "", False)
    assert done["signatures"][0]["signer"] == "Người ký thử nghiệm" and done["signatures"][0]["trusted"] is True
    assert attach(digital, signed)["repeated"] is True
    assert "chứng thư tin cậy" in status_text(overview.status(site.place, REGIME, PERIOD, site.report_day))

    answer = site.dispatch(report)
    assert answer["status"] == "DISPATCHED" and "Người ký thử nghiệm" in str(answer["signed_copy"])
    files = sent_files(site)
    assert files[f"bao-cao_{PERIOD}_151_da-ky-so.pdf"] == signed
    assert not [name for name in files if name.endswith(".docx")] and f"bao-cao_{PERIOD}_151.pdf" not in files
    assert verify(site.place)["ok"]
    assert site.dispatch(report)["package_sha256"] == answer["package_sha256"]
    with pytest.raises(Refused, match="đã bắt đầu gửi đi"):
        attach(digital, sign_pdf(OURS, signer(), field="Khac"))


@pytest.mark.parametrize(
    "data, says",
    [
        (sign_pdf(small_pdf("Bao cao khac"), signer()), "không phải bản PDF của báo cáo này"),
        (OURS, "chưa có chữ ký nào"),
        (sign_pdf(OURS, signer(), also_change=True), "đã bị thay đổi"),
        (b"\xff\xd8\xff" + bytes(20) + b"\xff\xd9", "Ảnh không mang chữ ký số"),
        (b"PK\x03\x04", "không phải bản quét hoặc bản PDF"),
    ],
)
def test_only_our_own_pdf_with_signatures_is_accepted(digital: Signed, data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        attach(digital, data)
    with digital[0].place.store.read() as conn:
        assert not [e for e in events.events(conn) if e.action == "signed_copy_attached"]


def test_untrusted_signature_or_scan_is_not_enough(digital: Signed) -> None:
    site, report = digital
    roots = site.data / "roots"
    roots.mkdir()
    (roots / "khac.crt").write_bytes(other_root().der)
    site.__dict__["place"] = Installation(replace(site.place.settings, trust_roots=roots))
    done = attach((site, report), sign_pdf(OURS, signer()))
    assert "chưa được tin cậy" in done["missing"] and "không dẫn về" in done["said"]
    with pytest.raises(Refused, match="chưa được tin cậy"):
        site.dispatch(report)
    attach((site, report), small_pdf("Ban quet"), "quet.pdf", scan=True)
    with pytest.raises(Refused, match="yêu cầu PDF ký số, bản đang gắn là bản quét"):
        site.dispatch(report)


def test_scan_is_dispatched_beside_the_pdf(scanned: Signed) -> None:
    site, report = scanned
    with pytest.raises(Refused, match=r"bản đã ký \(bản quét\) mà chưa gắn"):
        site.dispatch(report)
    scan = b"\xff\xd8\xff" + bytes(90) + b"\xff\xd9"
    assert "bản quét quet.jpg, do Văn thư gắn" in attach(scanned, scan, "quet.jpg", scan=True)["said"]
    site.dispatch(report)
    files = sent_files(site)
    assert files[f"bao-cao_{PERIOD}_151_ban-quet.jpg"] == scan and files[f"bao-cao_{PERIOD}_151.pdf"] == OURS


def test_revoked_signature_needs_a_new_signed_copy(digital: Signed) -> None:
    site, report = digital
    attach(digital, sign_pdf(OURS, signer()))
    revoke(site.place, int(report["report_id"]), by="van-thu", reason="Sai ngày ký", as_of=site.report_day)
    with pytest.raises(Refused, match="chỉ phát hành báo cáo đã được"):
        attach(digital, sign_pdf(OURS, signer()))
    site.sign(report)
    with pytest.raises(Refused, match="mà chưa gắn"):
        site.dispatch(report)
    attach(digital, sign_pdf(OURS, signer()))
    assert site.dispatch(report)["status"] == "DISPATCHED"


def test_required_pdf_that_fails_stops_the_dispatch(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, report = opened(template, tmp_path, monkeypatch, SignedCopyRule.NONE)
    monkeypatch.setattr(issuing, "pdf_available", lambda: False)
    settings = site.place.settings
    site.__dict__["place"] = Installation(replace(settings, pdf_required=True))
    with pytest.raises(Refused, match="Không dựng được PDF"):
        site.dispatch(report)
    site.__dict__["place"] = Installation(settings)
    answer = site.dispatch(report)
    assert "nơi nhận được gửi tệp Word" in answer["warnings"][0]  # type: ignore[index]
    assert f"bao-cao_{PERIOD}_151.docx" in sent_files(site)
    monkeypatch.setattr(issuing, "pdf_available", lambda: True)
    assert site.dispatch(report)["package_sha256"] == answer["package_sha256"]  # LibreOffice came meanwhile
    site.place.store.close()


@pytest.mark.skipif(not pdf_available(), reason="LibreOffice is not installed")
def test_issued_pdf_is_signed_and_attached_by_command(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(template / "var", tmp_path / "var")
    site = Site(template / "root", tmp_path / "var")
    monkeypatch.setenv("BAOCAO_TRUST_ROOTS", str(template / "roots"))
    cli, when = Cli(site, monkeypatch), ("--period", PERIOD, "--as-of", site.report_day.isoformat())
    made = cli("issue", "--out", tmp_path / "out", *when, "--json").json
    pdf = tmp_path / "out" / f"bao-cao_{PERIOD}_151.pdf"
    assert made["pdf"] is True and made["signed_copy"] == "digital"
    (tmp_path / "ky.pdf").write_bytes(sign_pdf(pdf.read_bytes(), signer()))
    done = cli("attach-signed", made["report_id"], tmp_path / "ky.pdf", "--by", "Văn thư", *when)
    assert done.code == 0 and "Người ký thử nghiệm, Ủy ban nhân dân thử nghiệm (chứng thư tin cậy)" in done.out
    assert cli("dispatch", *when, "--json").json["status"] == "DISPATCHED"
    site.place.store.close()


@pytest.mark.parametrize(
    "content, says",
    [(None, "không có thư mục"), (b"", "không có chứng thư nào"), (b"khong phai", "không phải chứng thư")],
)
def test_wrong_trust_roots_folder_stops_the_start(tmp_path: Path, content: bytes | None, says: str) -> None:
    folder = tmp_path / "goc"
    if content is not None:
        folder.mkdir()
        if content:
            (folder / "ca.pem").write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"BAOCAO_TRUST_ROOTS: .*{says}"):
        load_settings({"BAOCAO_TRUST_ROOTS": str(folder)})
    with pytest.raises(ConfigurationError, match="BAOCAO_PDF_REQUIRED"):
        load_settings({"BAOCAO_PDF_REQUIRED": "có"})
