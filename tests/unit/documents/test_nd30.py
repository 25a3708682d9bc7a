"""The lines around the text, as NĐ 30/2020/NĐ-CP, Phụ lục I wants them."""

from datetime import date
from fractions import Fraction

import pytest

from baocao.documents.word_report import nd30, numerals
from baocao.model.form import ValueType
from builders.files.documents import signature
from builders.packs.pack import thanh_hoa, thanh_hoa_periods


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        (date(2026, 6, 5), "ngày 05 tháng 6 năm 2026"),
        (date(2026, 2, 11), "ngày 11 tháng 02 năm 2026"),
        (date(2026, 12, 1), "ngày 01 tháng 12 năm 2026"),
    ],
)
def test_small_days_and_months_get_a_leading_zero(when: date, printed: str) -> None:
    assert numerals.long_day(when) == printed


@pytest.mark.parametrize(
    ("number", "printed"), [("5", "Số: 05/BC-UBND"), ("12", "Số: 12/BC-UBND"), ("7a", "Số: 7a/BC-UBND")]
)
def test_a_number_below_ten_gets_a_leading_zero(number: str, printed: str) -> None:
    assert nd30.number_line("BC-UBND", signature(number=number)) == printed


def test_the_signatures_symbol_is_the_one_printed() -> None:
    assert nd30.number_line("BC-UBND", signature(symbol="BC-CAT")) == "Số: 05/BC-CAT"


def test_a_long_issuer_breaks_before_its_territory() -> None:
    assert nd30.issuer_lines("ỦY BAN NHÂN DÂN TỈNH X Y") == ["ỦY BAN NHÂN DÂN", "TỈNH X Y"]
    assert nd30.issuer_lines("ỦY BAN NHÂN DÂN THÀNH PHỐ X") == ["ỦY BAN NHÂN DÂN", "THÀNH PHỐ X"]
    assert nd30.issuer_lines("SỞ Y TẾ") == ["SỞ Y TẾ"]


def test_the_signers_title_decides_the_signature_block() -> None:
    block = ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert nd30.signer_lines(block, None) == list(block)
    assert nd30.signer_lines(block, signature(signer_title="Phó Chủ tịch")) == list(block)
    assert nd30.signer_lines(block, signature(signer_title="Chủ tịch")) == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]
    assert nd30.signer_lines(block, signature(signer_title="")) == list(block)


def test_a_list_keeps_no_double_stops() -> None:
    assert nd30.listed(["Như trên;", "Lưu: VT, TH."]) == ["Như trên;", "Lưu: VT, TH."]
    assert nd30.receivers([], "Lưu: VT.") == ["- Như trên;", "- Lưu: VT."]


@pytest.mark.parametrize(
    ("value", "type", "printed"),
    [
        (1234567, ValueType.COUNT, "1.234.567"),
        (1_500_000, ValueType.MONEY, "1,5"),
        (1_250_049_999, ValueType.MONEY, "1.250,0"),
        (Fraction(2, 3) * 100, ValueType.RATIO, "66,67"),
        (Fraction(5, 1000), ValueType.RATIO, "0,01"),
        (Fraction(-5, 1000), ValueType.RATIO, "-0,01"),
        (Fraction(5, 2), ValueType.DECIMAL, "2,5"),
    ],
)
def test_figures_are_rounded_and_printed_in_vietnamese_style(
    value: Fraction | int, type: ValueType, printed: str
) -> None:
    assert numerals.figure(value, type) == printed


def _laws_of(code: str) -> list[str]:
    pack, when = thanh_hoa(), thanh_hoa_periods()[code]
    lines = nd30.legal_bases(pack.regime, pack.rule_of(when.kind), when)
    return [
        line.removeprefix("Căn cứ Luật Phòng, chống ma túy số ").rstrip(";.") for line in lines if "ma túy số" in line
    ]


def test_laws_in_force_during_the_period_are_cited() -> None:
    old, new = "73/2021/QH14 ngày 30/03/2021 của Quốc hội", "120/2025/QH15 ngày 10/12/2025 của Quốc hội"
    assert _laws_of("2026-H1") == [old]
    assert _laws_of("2026-Y") == [
        f"{old} (áp dụng đến hết ngày 30/06/2026)", f"{new} (áp dụng từ ngày 01/07/2026)",
    ]  # fmt: skip
    assert _laws_of("2027-H1") == [new]
