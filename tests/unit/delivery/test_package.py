"""The dispatch package and its metadata: whole or not at all, the same every time, never over another one."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from baocao.delivery.dispatch_package import (
    DispatchPackage,
    PackageRefused,
    dispatch_letters,
    verify_package,
    write_package,
)
from baocao.delivery.message import Attachment
from baocao.delivery.metadata import LIMITS, DocumentMetadata, FileCode, MetadataError, document_metadata
from baocao.model.regime import Recipient
from baocao.model.report import Report, ReportStatus, Signature
from baocao.settings import ConfigurationError
from baocao.store.database import Store
from baocao.store.reports.signoff import same_number
from baocao.store.tables import approval, outbox
from baocao.store.tables import report as report_table
from builders.mail.delivery import PERIOD, SHA, at, pack, regime

FILES = {"bao-cao.docx": b"PK word", "tong-hop.xlsx": b"PK excel"}
MANIFEST = {"files": [{"name": n, "sha256": hashlib.sha256(d).hexdigest()} for n, d in FILES.items()], "kỳ": "2026-H1"}
SIGNED = Report(7, "che-do-thu", "2026-H1", 2, ReportStatus.SIGNED, SHA, at(22), at(22))
SIGNATURE = Signature("05", "BC-UBND", date(2026, 6, 24), "Đại diện đơn vị", "PHÓ CHỦ TỊCH")
RECIPIENTS = (
    Recipient(id="bo-thu", name="Bộ Thử nghiệm (qua Cục Ví dụ)", email="bo@bo.example", verified=True, anchor="thử"),
    Recipient(id="bo-hai", name="Bộ Hai", email="hai@bo.example", organ_code="G01.00.00", verified=True, anchor="thử"),
)
TITLE = "Kết quả thực hiện Chương trình Thử nghiệm 6 tháng đầu năm 2026"


def metadata(**changes: Any) -> DocumentMetadata:
    values: dict[str, Any] = {"signature": SIGNATURE, "recipients": RECIPIENTS, "subject": TITLE} | changes
    return document_metadata(regime(), PERIOD, **values)


def package(folder: Path, **changes: Any) -> DispatchPackage:
    values: dict[str, Any] = {
        "report": SIGNED,
        "manifest": MANIFEST,
        "files": FILES,
        "recipients": RECIPIENTS,
        "signature": SIGNATURE,
        "metadata": metadata(),
    }
    return write_package(folder, **(values | changes))


def test_a_package_holds_documents_metadata_recipients_and_checksums(tmp_path: Path) -> None:
    written = package(tmp_path)

    assert written.path == tmp_path / "che-do-thu" / "2026-H1" / "v2"
    assert {f.name for f in written.path.iterdir()} == {
        "bao-cao.docx",
        "tong-hop.xlsx",
        "metadata.xml",
        "metadata.json",
        "manifest.json",
        "recipients.json",
        "SHA256SUMS",
    }
    for name, digest in written.files.items():
        assert hashlib.sha256((written.path / name).read_bytes()).hexdigest() == digest
    assert written.sha256 == hashlib.sha256((written.path / "SHA256SUMS").read_bytes()).hexdigest()
    assert json.loads((written.path / "manifest.json").read_text()) == MANIFEST
    assert verify_package(written.path) == []


def test_the_recipients_file_lists_recipients_but_no_signer(tmp_path: Path) -> None:
    text = (package(tmp_path).path / "recipients.json").read_text()
    assert [r["id"] for r in json.loads(text)["recipients"]] == ["bo-thu", "bo-hai"]
    assert json.loads(text)["content_sha256"] == SHA
    assert SIGNATURE.signer not in text


def test_writing_the_same_package_again_changes_nothing(tmp_path: Path) -> None:
    first = package(tmp_path)
    assert package(tmp_path) == first
    assert package(tmp_path, report=replace(SIGNED, status=ReportStatus.DISPATCHED)) == first


def test_another_package_never_overwrites_the_one_sent(tmp_path: Path) -> None:
    first = package(tmp_path)
    with pytest.raises(PackageRefused, match=r"recipients\.json"):
        package(tmp_path, recipients=RECIPIENTS[:1], metadata=metadata(recipients=RECIPIENTS[:1]))
    assert verify_package(first.path) == []


@pytest.mark.parametrize(
    "status", [ReportStatus.DRAFT, ReportStatus.FROZEN, ReportStatus.APPROVED, ReportStatus.RETURNED]
)
def test_a_report_that_is_not_signed_is_refused(tmp_path: Path, status: ReportStatus) -> None:
    with pytest.raises(PackageRefused, match="chỉ phát hành báo cáo đã ký"):
        package(tmp_path, report=replace(SIGNED, status=status))
    assert list(tmp_path.iterdir()) == []


def test_any_file_but_the_signed_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match=r"tong-hop\.xlsx khác tệp đã duyệt"):
        package(tmp_path, files=FILES | {"tong-hop.xlsx": b"PK other"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"files": {}}, "không có tệp"),
        ({"recipients": ()}, "không có nơi nhận"),
        ({"files": {"../x": b""}}, "tên tệp"),
        ({"files": {"SHA256SUMS": b""}}, "tên tệp"),
        ({"files": {".an": b""}}, "tên tệp"),
    ],
)
def test_a_package_nobody_could_use_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PackageRefused, match=words):
        package(tmp_path, **changes)


def test_an_interrupted_write_leaves_no_package_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("baocao.delivery.dispatch_package.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        package(tmp_path)
    assert list((tmp_path / "che-do-thu" / "2026-H1").iterdir()) == []
    monkeypatch.undo()
    assert verify_package(package(tmp_path).path) == []


def test_processes_that_race_end_with_one_whole_package(tmp_path: Path) -> None:
    written: list[DispatchPackage] = []
    threads = [threading.Thread(target=lambda: written.append(package(tmp_path))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(written) == 6
    assert [f.name for f in (tmp_path / "che-do-thu" / "2026-H1").iterdir()] == ["v2"]


def test_tampering_with_a_package_is_found(tmp_path: Path) -> None:
    path = package(tmp_path).path
    (path / "bao-cao.docx").write_bytes(b"PK forged")
    (path / "tong-hop.xlsx").unlink()
    (path / "them.txt").write_text("x")
    assert verify_package(path) == [
        "bao-cao.docx: nội dung đã bị thay đổi",
        "tong-hop.xlsx: thiếu tệp",
        "them.txt: tệp lạ, không có trong SHA256SUMS",
    ]


# Metadata -----------------------------------------------------------------------------------------------------------


def test_xml_and_json_metadata_use_the_decrees_names() -> None:
    full = metadata(
        file_code=FileCode("000.00.15.H56", 2026, "BC.PCMT"), ordinal=1, pages=12, priority=0, due_on=date(2026, 6, 24)
    )
    xml = ET.fromstring(full.to_xml())
    data = json.loads(full.to_json())

    assert list(data) == [*[e.tag for e in xml if e.tag != "To"][:12], "To", "Priority", "IssuedAmount", "DueDate"]
    assert data["FileCode"] == {"OrganId": "000.00.15.H56", "FileCatalog": 2026, "FileNotation": "BC.PCMT"}
    assert (data["CodeNumber"], data["CodeNotation"], data["IssuedDate"]) == ("05", "BC-UBND", "24/06/2026")
    assert data["OrganName"] == "Ủy ban nhân dân tỉnh Thử Nghiệm"
    assert [t.findtext("OrganName") for t in xml.findall("To")] == [t["OrganName"] for t in data["To"]]
    assert xml.findtext("SignerInfo/Position") == "PHÓ CHỦ TỊCH"
    assert (data["IssuedAmount"], data["PageAmount"], data["Priority"]) == (2, 12, 0)


def test_values_missing_from_the_registry_are_left_out() -> None:
    data = json.loads(metadata().to_json())
    assert {"FileCode", "DocOrdinal", "PageAmount", "Priority", "DueDate"}.isdisjoint(data)
    assert "OrganId" not in data["To"][0]


def test_metadata_is_the_same_bytes_every_time() -> None:
    assert metadata().to_xml() == metadata().to_xml()
    assert metadata().to_json() == metadata().to_json()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": "x" * 501}, "Subject: dài 501 ký tự, tối đa 500"),
        ({"subject": ""}, "Subject: bắt buộc"),
        ({"subject": "a\nb"}, "Subject: có ký tự điều khiển"),
        ({"signature": replace(SIGNATURE, number="123456789012")}, "CodeNumber: dài 12 ký tự, tối đa 11"),
        ({"signature": replace(SIGNATURE, symbol="B" * 31)}, "CodeNotation: dài 31"),
        ({"signature": replace(SIGNATURE, signer="Đ" * 51)}, "SignerInfo.FullName: dài 51"),
        ({"signature": replace(SIGNATURE, signer_title=" ")}, "SignerInfo.Position: bắt buộc"),
        ({"pages": 1000}, "PageAmount: dài 4"),
        ({"pages": -1}, "PageAmount: không được âm"),
        ({"priority": 10}, "Priority: dài 2"),
        ({"file_code": FileCode("1" * 14, 2026, "x")}, "FileCode.OrganId: dài 14"),
        ({"recipients": [RECIPIENTS[0].model_copy(update={"organ_code": "G" * 14})]}, "To.OrganId: dài 14"),
        ({"recipients": []}, "To.OrganName: bắt buộc"),
    ],
)
def test_each_metadata_error_names_its_element(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(MetadataError) as caught:
        metadata(**changes)
    assert words in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(MetadataError) as caught:
        metadata(subject="", pages=1000)
    assert "Subject" in str(caught.value)
    assert "PageAmount" in str(caught.value)


def test_a_value_of_exactly_the_longest_length_passes() -> None:
    longest = "Đ" * LIMITS["Subject"]
    assert json.loads(metadata(subject=longest).to_json())["Subject"] == longest


# Cover mails ---------------------------------------------------------------------------------------------------------


def send(store: Store, written: DispatchPackage, recipients: tuple[Recipient, ...] = RECIPIENTS) -> dict[str, int]:
    with store.begin() as conn:
        return dispatch_letters(
            conn,
            store.settings,
            pack(),
            PERIOD,
            report=SIGNED,
            package=written,
            recipients=recipients,
            signature=SIGNATURE,
            subject=TITLE,
            attachments=[Attachment("bao-cao.docx", SHA, "application/msword")],
            at=at(24),
        )


def test_each_recipient_gets_one_cover_mail_by_name(store: Store, tmp_path: Path) -> None:
    written = package(tmp_path)
    first = send(store, written)

    assert send(store, written) == first
    with store.read() as conn:
        rows = {r.unit: r for r in conn.execute(select(outbox))}
    assert set(rows) == {"bo-thu", "bo-hai"}
    assert rows["bo-thu"].recipient == '"Bộ Thử nghiệm (qua Cục Ví dụ)" <bo@bo.example>'
    assert "Kính gửi: Bộ Hai" in rows["bo-hai"].text
    assert written.sha256 in rows["bo-hai"].text
    assert SIGNATURE.signer not in rows["bo-hai"].text


def test_a_recipient_without_address_stops_the_whole_dispatch(store: Store, tmp_path: Path) -> None:
    broken = (*RECIPIENTS, RECIPIENTS[0].model_copy(update={"id": "bo-ba", "email": ""}))
    with pytest.raises(ConfigurationError, match=r"recipients\.bo-ba\.email"):
        send(store, package(tmp_path), broken)
    with store.read() as conn:
        assert conn.execute(select(outbox)).all() == []


def test_a_number_reused_within_the_year_is_noticed(store: Store) -> None:
    def signed(version: int, number: str, on: str) -> int:
        with store.begin() as conn:
            row = {"regime": SIGNED.regime, "period": f"kỳ {version}", "version": version, "status": "FROZEN"}
            row |= {"created_at": at(1), "as_of": at(1), "input_sha256": SHA, "content_sha256": SHA, "manifest": {}}
            key = conn.execute(report_table.insert().values(**row)).inserted_primary_key
            assert key is not None
            conn.execute(
                approval.insert().values(
                    report_id=key[0],
                    role="peoples_committee",
                    decision="sign",
                    content_sha256=SHA,
                    by="văn thư",
                    at=at(24),
                    note="",
                    document_number=number,
                    document_symbol="BC-UBND",
                    signed_on=on,
                    signer="Đại diện đơn vị",
                )
            )
            return int(key[0])

    same = signed(1, "05", "2026-03-01")
    signed(2, "06", "2026-03-02")
    signed(3, "05", "2025-12-31")
    own = signed(4, "05", "2026-06-24")

    with store.read() as conn:
        assert same_number(conn, replace(SIGNED, id=own), SIGNATURE) == (same,)
