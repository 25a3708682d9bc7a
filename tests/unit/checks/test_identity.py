"""Whose workbook, which period, which forms, who signed, when it came: V04, V05, V42, V43."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from baocao.checks.history import History
from baocao.model.pack_parts.succession import Succession
from baocao.model.submission import Finding, Severity
from builders.packs.checks import (
    COMMUNE,
    FULL_YEAR,
    GONE,
    HALF_YEAR,
    IN_TIME,
    PACK,
    POLICE,
    WARD,
    findings,
    workbook,
)


def _only(**fields: Any) -> Finding:
    (finding,) = findings(workbook(**fields))
    return finding


def test_another_units_workbook_is_told_whose_it_is() -> None:
    (finding,) = findings(workbook(unit=WARD), unit=COMMUNE)
    assert (finding.rule, finding.severity, finding.suggestion) == ("V04", Severity.BLOCKS, "90001")
    assert "Xã Bình Minh" in finding.message


def test_a_unit_name_must_match_its_code() -> None:
    finding = _only(unit_name="Phường Rạng Đông")
    assert (finding.rule, finding.expected, finding.actual) == ("V04", "Xã Bình Minh", "Phường Rạng Đông")


@pytest.mark.parametrize("name", ["Xã Bình Minh", "Bình Minh", "XÃ  BÌNH MINH", "Xa\u0303 Bi\u0300nh Minh"])
def test_spelling_of_the_same_name_does_not_matter(name: str) -> None:
    assert findings(workbook(unit_name=name)) == ()


def test_a_unit_dissolved_before_cut_off_is_told() -> None:
    (finding,) = findings(workbook(unit=GONE), unit=GONE)
    assert finding.rule == "V04"
    assert "14/06/2026" in finding.message


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (("90001",), "Đơn vị kế thừa là Xã Bình Minh (mã 90001) theo NQ 9: số liệu cả kỳ do đơn vị này báo cáo"),
        (("90001", "90002"), "từng đơn vị mới báo cáo phần của mình"),
    ],
)
def test_a_dissolved_unit_is_told_its_successors(new: tuple[str, ...], said: str) -> None:
    after = tuple(Succession(date(2026, 2, 1), GONE.code, code, "NQ 9") for code in new)
    (finding,) = findings(workbook(unit=GONE), unit=GONE, pack=replace(PACK, succession=after, sha256=repr(after)))
    assert said in finding.message and "tệp mẫu đã gửi cho đơn vị mới" in finding.message


def test_last_periods_workbook_is_refused() -> None:
    finding = _only(period="2025-Y")
    assert (finding.rule, finding.expected, finding.actual) == ("V05", "2026-H1", "2025-Y")


def test_a_workbook_outside_the_window_is_refused() -> None:
    early = findings(workbook(), received_at=HALF_YEAR.opens_at - timedelta(seconds=1))
    locked = findings(workbook(), received_at=HALF_YEAR.unit.locked_after + timedelta(seconds=1))
    assert [(f.rule, f.key) for f in early] == [("V05", "V05||chua-mo")]
    assert [(f.rule, f.key) for f in locked] == [("V05", "V05||da-khoa")]


def test_the_last_second_is_in_time() -> None:
    due = HALF_YEAR.unit.due_at
    assert findings(workbook(), received_at=due) == ()
    (late,) = findings(workbook(), received_at=due + timedelta(seconds=1))
    assert (late.rule, late.severity) == ("V43", Severity.EXPLAIN)


def test_an_old_form_version_is_told() -> None:
    versions = {form.code: form.version for form in PACK.entered_by(COMMUNE)} | {"B04": "2024.1"}
    finding = _only(form_versions=versions)
    assert (finding.rule, finding.key, finding.expected, finding.actual) == ("V05", "V05|B04", "2025.1", "2024.1")


def test_an_altered_form_of_same_version_is_found() -> None:
    prints = {form.code: form.fingerprint for form in PACK.entered_by(COMMUNE)} | {"PL01": "0123456789"}
    assert (_only(fingerprints=prints).rule, _only(fingerprints=prints).key) == ("V05", "V05|PL01")


def test_a_whole_forms_fingerprint_is_accepted_too() -> None:
    prints = {form.code: PACK.form(form.code).fingerprint for form in PACK.entered_by(COMMUNE)}
    assert findings(workbook(fingerprints=prints)) == ()


@pytest.mark.parametrize(
    ("info", "suggestion"),
    [
        ({"signer_name": ""}, ""),
        ({"signer_title": ""}, ""),
        ({"signing_form": ""}, ""),
        ({"signing_form": "PP."}, ""),
        ({"signing_form": "TM.", "signer_title": "Phó Chủ tịch"}, "KT."),
        ({"signing_form": "KT.", "signer_title": "Chủ tịch"}, "TM."),
    ],
)
def test_an_unfitting_signature_is_found(info: dict[str, str], suggestion: str) -> None:
    finding = _only(info=info)
    assert (finding.rule, finding.severity, finding.sheet) == ("V42", Severity.BLOCKS, "Thông tin")
    assert finding.a1
    assert finding.suggestion == suggestion


@pytest.mark.parametrize(
    "info",
    [
        {"signing_form": "KT.", "signer_title": "Phó Chủ tịch Ủy ban nhân dân"},
        {"signing_form": "TM.", "signer_title": "CHỦ TỊCH"},
        {"signing_form": "Q.", "signer_title": "Quyền Chủ tịch"},
    ],
)
def test_a_fitting_signature_is_silent(info: dict[str, str]) -> None:
    assert findings(workbook(info=info)) == ()


def test_an_offices_head_signs_without_signing_form() -> None:
    assert findings(workbook(unit=POLICE), unit=POLICE) == ()


def test_arrival_is_compared_across_time_zones() -> None:
    utc = datetime.fromisoformat("2026-06-19T16:59:59+00:00")
    assert findings(workbook(), received_at=utc) == ()
    assert [f.rule for f in findings(workbook(), received_at=utc + timedelta(seconds=1))] == ["V43"]


def test_another_periods_workbook_is_refused() -> None:
    assert "V05" in {f.rule for f in findings(workbook(), period=FULL_YEAR, received_at=IN_TIME)}


def test_the_last_instant_before_locking_is_late() -> None:
    (late,) = findings(workbook(), received_at=HALF_YEAR.unit.locked_after)
    assert (late.rule, late.severity) == ("V43", Severity.EXPLAIN)
    assert late.message.startswith("Báo cáo đến sau hạn 23:59 ngày 19/06/2026: vẫn được nhận và được ghi là trễ hạn.")
    past = History(reported_in_time=True)
    (corrected,) = findings(workbook(), past=past, received_at=HALF_YEAR.unit.locked_after)
    assert corrected.message.startswith("Bản đính chính đến sau hạn 23:59 ngày 19/06/2026")


def test_the_window_includes_its_first_instant() -> None:
    assert findings(workbook(), received_at=HALF_YEAR.opens_at) == ()


@pytest.mark.parametrize("gone", ["form_versions", "fingerprints"])
def test_an_incomplete_form_mark_is_told_as_such(gone: str) -> None:
    marks = {
        "form_versions": {form.code: form.version for form in PACK.entered_by(COMMUNE)},
        "fingerprints": {form.code: form.fingerprint for form in PACK.entered_by(COMMUNE)},
    }
    del marks[gone]["B04"]
    finding = _only(**marks)
    assert (finding.rule, finding.key, finding.actual) == ("V05", "V05|B04", "")
    assert ("phiên bản không rõ" in finding.message) is (gone == "form_versions")


def test_a_form_without_any_mark_is_not_outdated() -> None:
    marks = {
        "form_versions": {form.code: form.version for form in PACK.entered_by(COMMUNE)},
        "fingerprints": {form.code: form.fingerprint for form in PACK.entered_by(COMMUNE)},
    }
    for mark in marks.values():
        del mark["B04"]
    assert findings(workbook(**marks)) == ()
