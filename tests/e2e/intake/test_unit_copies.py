"""The signed copy of a unit's report: kept beside its workbook, traced, asked for, chased where the pack says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from baocao.model.signed_copy import UnitCopy
from baocao.store.submissions import unit_copies
from baocao.store.trail import events
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.installation import Refused
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from baocao.workflow.sweeps import reminding
from builders.files.signed_pdf import sign_pdf, signer, small_pdf
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site, letters, trimmed_root, with_pack

UNIT, OTHER = COMMUNES[:2]
SCAN = small_pdf("Ban quet bao cao da ky")
JPEG = b"\xff\xd8\xff\xe0" + bytes(300) + b"\xff\xd9"


def kept(site: Site, period: str = PERIOD) -> dict[str, UnitCopy]:
    with site.place.store.read() as conn:
        return unit_copies.latest(conn, REGIME, period)


def status(site: Site) -> dict[str, object]:
    return overview.status(site.place, REGIME, PERIOD, site.in_time)


@pytest.fixture(scope="module")
def required_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `root` and `var` of an installation whose pack requires the copy; its window is open."""
    folder = tmp_path_factory.mktemp("required")
    root = with_pack(trimmed_root(folder), {"unit_copy: asked": "unit_copy: required"})
    site = Site(root, folder / "var")
    site.load_baseline()
    site.open()
    site.place.store.close()
    return folder


@pytest.fixture
def required(required_template: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(required_template / "var", tmp_path / "var")
    site = Site(required_template / "root", tmp_path / "var")
    yield site
    site.place.store.close()


def test_scan_beside_the_workbook_is_kept_and_receipted(opened: Site) -> None:
    at = opened.in_time
    opened.send(UNIT, opened.workbook(UNIT), at, f"{UNIT}_{PERIOD}.xlsx")
    opened.send(UNIT, SCAN, at, "ban-ky.pdf")
    answer = opened.collect(at)

    assert (answer["files"], answer["accepted"], answer["signed_copies"], answer["quarantined"]) == (2, 1, 1, 0)
    copy = kept(opened)[UNIT]
    assert (copy.filename, copy.kind, copy.size, copy.channel) == ("ban-ky.pdf", "pdf", len(SCAN), "folder")
    assert opened.place.store.files.get(copy.sha256) == SCAN
    (receipt,) = letters(opened, UNIT, "accepted-")
    assert "Bản ký của báo cáo đã có: tệp ban-ky.pdf" in receipt
    (answered,) = letters(opened, UNIT, "signed_copy_received")
    assert copy.sha256 in answered and "không thay cho tệp biểu mẫu" in answered
    assert verify(opened.place)["ok"]
    assert not list((opened.place.settings.inbox / UNIT).iterdir())


def test_digital_signatures_are_recorded_but_refuse_no_copy(opened: Site) -> None:
    at = opened.in_time
    for unit, data in ((UNIT, sign_pdf(SCAN, signer())), (OTHER, b"%PDF-1.7 khong doc duoc %%EOF")):
        opened.send(unit, opened.workbook(unit), at)
        opened.send(unit, data, at, f"ban-ky_{PERIOD}.pdf")
    assert opened.collect(at)["signed_copies"] == 2
    signed, unread = (kept(opened)[unit] for unit in (UNIT, OTHER))
    said = "ký số: Người ký thử nghiệm, Ủy ban nhân dân thử nghiệm (chưa kiểm được: chưa cài đặt chứng thư gốc"
    assert signed.signed_by.startswith(said)
    assert unread.signatures is None and unread.signed_by == "PDF, chưa kiểm được chữ ký số"
    with opened.place.store.read() as conn:
        told = {e.payload["unit"]: e.payload["signed_by"] for e in events.events(conn) if "copy_rec" in e.action}
    assert told == {UNIT: signed.signed_by, OTHER: unread.signed_by}
    assert status(opened)["without_copy"] == [] and verify(opened.place)["ok"]


def test_receipt_and_status_name_a_missing_copy(opened: Site) -> None:
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    opened.collect()
    (receipt,) = letters(opened, UNIT, "accepted-")
    assert "Chưa nhận được bản ký của báo cáo" in receipt and "CHƯA ĐỦ" not in receipt
    assert status(opened)["without_copy"] == [UNIT]
    # Asked for, not required: nobody is reminded of it.
    reminding.remind(opened.place, opened.period.unit.due_at + timedelta(days=2))
    assert letters(opened, UNIT, "copy") == []

    opened.send(UNIT, JPEG, opened.in_time, f"{PERIOD}.xyz")
    assert opened.collect(opened.in_time + timedelta(hours=1))["signed_copies"] == 1
    (answered,) = letters(opened, UNIT, "signed_copy_received")
    assert "Bản ký được lưu cùng báo cáo có biên nhận số" in answered
    assert status(opened)["without_copy"] == []


def test_missing_required_copy_is_chased_until_it_comes(required: Site) -> None:
    required.send(UNIT, required.workbook(UNIT), required.in_time - timedelta(days=4))
    required.collect(required.in_time - timedelta(days=4))
    (receipt,) = letters(required, UNIT, "accepted-")
    assert "CHƯA ĐỦ BẢN KÝ" in receipt
    assert (status(required)["accepted"], status(required)["without_copy"]) == (1, [UNIT])
    assert "Chưa đủ bản ký: 1 đơn vị" in status_text(status(required))

    late = required.period.unit.due_at + timedelta(days=1, hours=10)
    reminding.remind(required.place, late)
    (chased,) = letters(required, UNIT, "copy_3At")
    assert "chưa đủ bản ký, đã quá thời hạn" in chased and "Không phải gửi lại tệp biểu mẫu" in chased
    reminding.remind(required.place, late + timedelta(hours=1))
    assert len(letters(required, UNIT, "copy_3At")) == 1

    required.send(UNIT, SCAN, late, f"ban-ky_{PERIOD}.pdf")
    required.collect(late + timedelta(hours=2))
    assert status(required)["without_copy"] == []
    reminding.remind(required.place, late + timedelta(days=3))
    assert len(letters(required, UNIT, "copy_3At")) == 1


def test_a_correction_needs_a_copy_of_its_own(required: Site) -> None:
    at = required.in_time
    required.send(UNIT, SCAN, at, "ban-ky.pdf")
    required.collect(at)
    required.send(UNIT, required.workbook(UNIT), at)
    required.collect(at + timedelta(hours=1))
    assert status(required)["without_copy"] == []  # the first report takes the copy that came before it

    again = required.workbook(UNIT, info={"phone": "0912345678"})
    required.send(UNIT, again, at, "sua.xlsx")
    required.collect(at + timedelta(hours=2))
    assert status(required)["without_copy"] == [UNIT]
    required.send(UNIT, JPEG, at, "ban-ky-2.jpg")
    required.collect(at + timedelta(hours=3))
    assert status(required)["without_copy"] == []
    assert kept(required)[UNIT].kind == "jpeg"


@pytest.mark.parametrize(
    "data, name, says",
    [
        (SCAN[:-40], "ban-ky.pdf", "bị cụt"),
        (b"%PDF-1.7" + bytes(26 << 20) + b"%%EOF", "ban-ky.pdf", "quá giới hạn 25 MB"),
    ],
)
def test_unusable_copy_is_answered_with_the_reason(opened: Site, data: bytes, name: str, says: str) -> None:
    opened.send(UNIT, data, opened.in_time, name)
    answer = opened.collect()
    assert (answer["signed_copies"], answer["quarantined"]) == (0, 1)
    assert says in letters(opened, UNIT)[-1]
    assert kept(opened) == {}


def test_copy_needs_a_known_unit_and_owed_period(opened: Site) -> None:
    # An unknown folder's PDF waits for the office as any file of an unknown sender.
    opened.send("khong-ro", SCAN, opened.in_time, f"{PERIOD}.pdf")
    answer = opened.collect()
    assert (answer["signed_copies"], answer["waiting"]) == (0, 1) and kept(opened) == {}
    with pytest.raises(Refused, match="không có báo cáo nào phải nộp ở kỳ"):
        receive_signed_copy(
            opened.place, REGIME, "2026-Y", UNIT, filename="a.pdf", data=SCAN, channel="portal", as_of=opened.in_time
        )
    with pytest.raises(Refused, match="Không có đơn vị mã"):
        receive_signed_copy(
            opened.place, REGIME, PERIOD, "00000", filename="a.pdf", data=SCAN, channel="portal", as_of=opened.in_time
        )
    with pytest.raises(Refused, match="không phải bản quét hoặc bản PDF đã ký"):
        receive_signed_copy(
            opened.place, REGIME, PERIOD, UNIT, filename="a.pdf", data=b"PK\x03\x04", channel="portal",
            as_of=opened.in_time,
        )  # fmt: skip


def test_office_handing_in_the_same_copy_changes_nothing(
    opened: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "quet.pdf"
    file.write_bytes(SCAN)
    when = opened.in_time.isoformat()
    arguments = ("unit-copy", OTHER, str(file), "--by", "Văn thư", "--period", PERIOD, "--as-of", when)
    cli = Cli(opened, monkeypatch)
    first, second = (cli(*arguments, "--json").json for _ in range(2))
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["copy_id"] == second["copy_id"]
    with opened.place.store.read() as conn:
        (told,) = [e for e in events.events(conn) if e.action == "unit_copy_received"]
    assert (told.actor, told.payload["channel"], told.payload["unit"]) == ("Văn thư", "office", OTHER)


def test_audit_finds_a_copy_changed_in_the_database(opened: Site) -> None:
    opened.send(UNIT, SCAN, opened.in_time, "ban-ky.pdf")
    opened.collect()
    with opened.place.store.begin() as conn:
        conn.execute(text("DROP TRIGGER guard_unit_copy_update"))
        conn.execute(text("UPDATE unit_copy SET filename = 'khac.pdf'"))
    found = verify(opened.place)
    assert not found["ok"] and "khac.pdf" in found["reason"]
