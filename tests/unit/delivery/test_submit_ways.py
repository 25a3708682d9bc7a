"""Every letter that asks for a report says where to send it, and never a folder without a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from baocao.delivery.submit_ways import ways_of
from baocao.settings import ConfigurationError, load_settings

REGIME = "thanh-hoa-drug-programme"


def told(tmp_path: Path, **env: str) -> list[str]:
    settings = load_settings({"BAOCAO_DATA": str(tmp_path), **env})
    return [way.text for way in ways_of(settings, REGIME, "14758")]


def test_without_configuration_the_folder_has_its_whole_path(tmp_path: Path) -> None:
    assert told(tmp_path) == [f"chép tệp đã điền vào thư mục {tmp_path}/inbox/14758"]


def test_the_offices_submit_hint_gets_the_unit_code(tmp_path: Path) -> None:
    assert told(tmp_path, BAOCAO_SUBMIT_HINT="chép vào \\\\may-chu\\bao-cao\\{unit}.") == [
        "chép vào \\\\may-chu\\bao-cao\\14758"
    ]


def test_the_easiest_way_comes_first(tmp_path: Path) -> None:
    settings = load_settings({"BAOCAO_DATA": str(tmp_path), "BAOCAO_SUBMIT_HINT": "qua trục liên thông"})
    page, mail, hint = ways_of(settings, REGIME, "14758", link="https://nop.example/a", address="bao-cao@tinh.example")
    assert page.url == "https://nop.example/a" and page.text.startswith("mở trang nộp báo cáo")
    assert "trả lời thư này" in mail.text and mail.text.endswith("tới bao-cao@tinh.example") and mail.url == ""
    assert hint.text == "qua trục liên thông"


def test_one_regime_can_have_words_of_its_own(tmp_path: Path) -> None:
    words = {"BAOCAO_SUBMIT_HINT": "gửi A", "BAOCAO_SUBMIT_HINT_THANH_HOA_DRUG_PROGRAMME": "gửi B"}
    settings = load_settings({"BAOCAO_DATA": str(tmp_path), **words})
    assert [settings.submit_hint(code) for code in (REGIME, "hai-phong-legal-aid")] == ["gửi B", "gửi A"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BAOCAO_SUBMIT_HINT_THANH_HOA", "gửi", "BAOCAO_SUBMIT_HINT_THANH_HOA: không có chế độ nào"),
        ("BAOCAO_SUBMIT_HINT", "vào {unit}/{period}", "không hiểu {period}"),
    ],
)
def test_a_hint_nobody_can_follow_stops_the_start(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        told(tmp_path, **{name: value})
    assert said in str(caught.value)
