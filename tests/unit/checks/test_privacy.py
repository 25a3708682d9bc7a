"""Numbers and names of persons in free text (V07)."""

from __future__ import annotations

import pytest

from baocao.checks.texts.privacy import name_of_a_person, number_of_a_person
from builders.packs.checks import findings, workbook


@pytest.mark.parametrize(
    "text",
    [
        "CCCD 038094001234",
        "số 038 094 001 234.",
        "CMND 171234567",
        "liên hệ 0912345678",
        "0912.345.678",
        "+84 912 345 678",
        "điện thoại 0237 3852 123",
    ],
)
def test_numbers_of_persons_are_seen(text: str) -> None:
    assert number_of_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Kinh phí 123.456.789 đồng",
        "Kinh phí 123456789 đồng",
        "171234567 VNĐ",
        "1.250.000.000",
        "Quyết định 1234/QĐ-UBND ngày 05/06/2026",
        "giai đoạn 2026-2030",
        "1234567890123 lượt",
        "12 người, 3 vụ",
        "3,5 ha",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert number_of_a_person(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("đã vận động anh Nguyễn Văn A đi cai", "Nguyễn Văn A"),
        ("bà Trần Thị B", "Trần Thị B"),
        ("Lò Văn C tái nghiện", "Lò Văn C"),
        ("NGUYỄN VĂN A", "NGUYỄN VĂN A"),
        ("HỒ SƠ CAI NGHIỆN", None),
        ("đường Lê Hồng Phong", None),
        ("Trường THPT Nguyễn Xuân Nguyên", None),
        ("xã Hồ Vương Sơn", None),
        ("Thành phố Hồ Chí Minh", None),
        ("Ban Chỉ đạo Phòng, chống ma túy", None),
        ("Hà Nội", None),
        ("Ủy ban nhân dân", None),
    ],
)
def test_names_of_persons_are_told_from_places(text: str, name: str | None) -> None:
    assert name_of_a_person(text) == name


def test_a_units_own_name_is_not_a_person() -> None:
    assert name_of_a_person("Tại Mai An Tiêm có", frozenset({"mai an tiêm"})) is None
    assert name_of_a_person("Tại Mai An Tiêm có") == "Mai An Tiêm"


def test_the_finding_does_not_repeat_what_it_found() -> None:
    number, name = "038094001234", "Nguyễn Văn A"
    (blocks,) = findings(workbook({"PL04/I/ND": f"Số {number}"}))
    (explain,) = findings(workbook({"PL04/I/ND": f"Ông {name} đi cai"}))
    assert number not in repr(blocks)
    assert name not in repr(explain)
    assert "038…" in blocks.actual
