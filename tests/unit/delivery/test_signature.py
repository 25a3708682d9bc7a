"""A signature: whatever is accepted when a report is signed can be printed, named, listed and sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from baocao.calendar.workdays import WorkingDays
from baocao.delivery.metadata import document_metadata
from baocao.delivery.signature_rules import (
    SignatureContext,
    SignatureRefused,
    TypedSignature,
    checked_signature,
    recheck_signature,
)
from baocao.model.period import Period
from baocao.regimes.load import calendar_of, load_pack

ROOT = Path(__file__).resolve().parents[3]
PACK = load_pack(ROOT / "include" / "regimes" / "thanh-hoa-drug-programme")
TODAY, APPROVED = date(2026, 6, 24), date(2026, 6, 22)
AT = SignatureContext("BC-UBND", "PHÓ CHỦ TỊCH", TODAY, APPROVED)
GIVEN: dict[str, Any] = {"number": "151", "signed_on": "2026-06-23", "signer": "Nguyễn Văn Thử"}


def period() -> Period:
    return next(p for p in calendar_of(PACK.regime, ROOT / "include" / "reference") if p.code == "2026-H1")


def refused(at: SignatureContext = AT, **changes: Any) -> str:
    with pytest.raises(SignatureRefused) as told:
        checked_signature(TypedSignature(**(GIVEN | changes)), at)
    return str(told.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "15/1/BC"}, "ký hiệu"),
        ({"number": ".."}, "số văn bản"),
        ({"number": "../../etc"}, "số văn bản"),
        ({"number": "0"}, "số văn bản"),
        ({"number": "1" * 12}, "số văn bản: dài 12"),
        ({"number": "DT5"}, "chỉ dành cho báo cáo diễn tập"),
        ({"symbol": "BC UBND"}, "ký hiệu"),
        ({"symbol": "BC/UBND"}, "ký hiệu"),
        ({"symbol": "B" * 31}, "ký hiệu: dài 31"),
        ({"signer": "........."}, "không phải tên"),
        ({"signer": "\u200b\u200b"}, "U+200B"),
        ({"signer": "\u3164\u3164"}, "U+3164"),
        ({"signer": "Nguyễn Văn\nThử"}, "U+000A"),
        ({"signer": "Nguyễn\x00Thử"}, "U+0000"),
        ({"signer": "Nguyễn Văn \u202ethử"}, "U+202E"),
        ({"signer": "Нгуен Ван"}, "chữ Việt"),
        ({"signer": "Nguyễn Văn 3"}, "chữ số"),
        ({"signer": "Nguyễn " * 9}, "tối đa 50"),
        ({"signer_title": "CHỦ TỊCH " * 12}, "tối đa 100"),
        ({"signer_title": "CHỦ\u2028TỊCH"}, "U+2028"),
        ({"signed_on": "24/6/2026"}, "NĂM-THÁNG-NGÀY"),
        ({"signed_on": "2026-06-25"}, "còn ở phía trước"),
        ({"signed_on": "2062-06-23"}, "còn ở phía trước"),
        ({"signed_on": "2026-06-21"}, "trước ngày báo cáo được duyệt"),
        ({"signed_on": "2006-06-23"}, "trước ngày báo cáo được duyệt"),
        ({"number": ""}, "thiếu số"),
        ({"signer": None, "signed_on": None}, "thiếu ngày ký, người ký"),
    ],
)
def test_signing_refuses_what_a_later_step_would_refuse(changes: dict[str, Any], said: str) -> None:
    assert said in refused(**changes)


@pytest.mark.parametrize("symbol", [None, "BC-UBND", "BC-PC04"])
def test_a_symbol_typed_in_the_number_is_separated(symbol: str | None) -> None:
    signature, _ = checked_signature(TypedSignature(**(GIVEN | {"number": " 151 / BC-PC04 ", "symbol": symbol})), AT)
    assert (signature.number, signature.symbol) == ("151", "BC-PC04")
    assert "chỉ ghi một ký hiệu" in refused(number="151/BC-PC04", symbol="BC-VP")


def test_signing_on_a_day_off_only_warns() -> None:
    at = SignatureContext("BC-UBND", "PHÓ CHỦ TỊCH", date(2026, 6, 29), APPROVED, working_days=WorkingDays())
    _, warnings = checked_signature(TypedSignature(**(GIVEN | {"signed_on": "2026-06-28"})), at)
    assert warnings == ("Ngày ký 28/06/2026 là ngày nghỉ; nếu đúng như vậy thì không phải làm gì thêm.",)
    assert checked_signature(TypedSignature(**GIVEN), at)[1] == ()


def test_a_rehearsal_keeps_off_the_registrys_numbers() -> None:
    at = SignatureContext("BC-UBND", "PHÓ CHỦ TỊCH", TODAY, APPROVED, rehearsal=True)
    assert "phải bắt đầu bằng DT" in refused(at)
    assert checked_signature(TypedSignature(**(GIVEN | {"number": "DT1"})), at)[0].number == "DT1"


anything = st.text(max_size=60)
near = st.text(alphabet="0123456789/.-aĐD BCUNDT\u00a0\u200b", max_size=14)
names = st.text(alphabet="NguyễnVăn Thử.'’-\u0301\u200b\n0", max_size=60)


@settings(max_examples=400, deadline=None)
@given(
    number=st.one_of(near, anything),
    symbol=st.one_of(st.none(), near, anything),
    signer=st.one_of(names, anything),
    title=st.one_of(st.none(), names, anything),
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_whatever_signing_accepts_dispatch_can_build(
    number: str, symbol: str | None, signer: str, title: str | None, day: date
) -> None:
    try:
        signature, _ = checked_signature(TypedSignature(number, symbol, day, signer, title), AT)
    except SignatureRefused:
        # Nearly everything drawn is refused: the rest of the test is then about a signature next to it.
        assume(number.strip().isdigit() or signer.strip())
        try:
            signature, _ = checked_signature(TypedSignature("151", symbol, TODAY, f"Thử {signer}", title), AT)
        except SignatureRefused:
            return
    recheck_signature(signature)
    metadata = document_metadata(PACK.regime, period(), signature, PACK.regime.recipients[:1], subject="Trích yếu")
    assert metadata.to_xml().decode("utf-8")
    name = f"bao-cao_2026-H1_{signature.number}.docx"
    assert Path(name).name == name
    for text in (signature.signer, signature.signer_title, signature.symbol):
        assert text == text.strip()
        assert text.isprintable()
        assert any(c.isalpha() for c in text)
