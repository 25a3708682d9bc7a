"""Reports outside the calendar: what may be asked for, which days are possible, and how they are numbered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from baocao.model.period import Request
from baocao.store import special_periods
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods import special
from baocao.workflow.periods.special import Days, rehearse, request_report
from builders.packs.quarterly import CODE

ASKED = Request(
    "Bộ Nội vụ", "cchc@bo.example", "Công văn 5", "tình hình một cửa", ("CCHC",), ("CCHC/TT01",), ("00001",)
)
DAYS = Days(date(2027, 1, 1), date(2027, 2, 28), date(2027, 3, 11), date(2027, 3, 16))


@pytest.fixture
def place(unopened: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Opening writes workbooks and letters, which tests of their own look at."""
    monkeypatch.setattr(special, "open_window", lambda place, regime, code, at: {"opened_at": at})
    return unopened


def now(place: Installation, hour: int = 9) -> datetime:
    return datetime(2027, 3, 1, hour, 30, 15, 7, tzinfo=place.zone(CODE))


def ask(place: Installation, days: Days = DAYS, hour: int = 9, **changes: Any) -> dict[str, Any]:
    request = replace(ASKED, **changes)
    return request_report(place, CODE, request, days, by="van-thu", reason="Công văn", as_of=now(place, hour))


def test_a_request_becomes_a_period_with_its_days(place: Installation) -> None:
    assert ask(place)["code"] == "2027-DX1"
    period = place.period(CODE, "2027-DX1")
    zone = place.zone(CODE)
    assert (period.name, period.year, period.request) == ("đột xuất: tình hình một cửa", 2027, ASKED)
    assert period.opens_at == datetime(2027, 3, 1, 9, 30, 15, tzinfo=zone)
    assert period.unit.due_at == datetime(2027, 3, 10, 23, 59, 59, tzinfo=zone)
    assert period.unit.locked_after == datetime(2027, 3, 20, 23, 59, 59, tzinfo=zone)
    assert period.province.due_at == datetime(2027, 3, 15, 23, 59, 59, tzinfo=zone)
    assert period.province.locked_after == datetime(2027, 4, 14, 23, 59, 59, tzinfo=zone)
    assert period.unit.safe_on == date(2027, 3, 10)
    with place.store.read() as conn:
        (event,) = (e for e in events.events(conn, regime=CODE) if e.action == "report_requested")
    assert (event.payload["asked_by"], event.payload["reason"]) == ("Bộ Nội vụ", "Công văn")


def test_the_same_request_on_one_day_is_reused(place: Installation) -> None:
    assert [ask(place)["code"], ask(place, hour=15)["code"]] == ["2027-DX1", "2027-DX1"]
    assert ask(place, subject="việc khác")["code"] == "2027-DX2"
    with place.store.read() as conn:
        assert len(special_periods.special_periods(conn, CODE)) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"asked_by": " "}, "còn thiếu cơ quan yêu cầu"),
        ({"address": ""}, "còn thiếu địa chỉ nhận"),
        ({"basis": ""}, "còn thiếu căn cứ"),
        ({"subject": ""}, "còn thiếu nội dung yêu cầu"),
        ({"forms": ("XX",)}, "Không có biểu 'XX' để yêu cầu đột xuất; có thể chọn: CCHC"),
        ({"rows": ("CCHC/KHONG",)}, "Không có dòng 'CCHC/KHONG'; hãy ghi dạng BIỂU/DÒNG, ví dụ CCHC/TT01"),
        ({"forms": (), "rows": ("XX/TT01",)}, "Không có dòng 'XX/TT01'"),
        ({"rows": ("XX/TT01",)}, "thuộc biểu XX, không nằm trong các biểu được yêu cầu"),
        ({"units": ("00001", "07777")}, "Không có đơn vị mã '07777'"),
    ],
)
def test_an_impossible_request_names_what_is_wrong(place: Installation, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        ask(place, **changes)
    with place.store.read() as conn:
        assert special_periods.special_periods(conn, CODE) == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"covers_from": date(2027, 3, 1)}, "phải sau ngày bắt đầu"),
        ({"cutoff": date(2027, 3, 11)}, "không muộn hơn hạn của đơn vị"),
        ({"unit_before": date(2027, 3, 1)}, "Hạn của đơn vị 28/02/2027 đã qua"),
        ({"province_before": date(2027, 3, 11)}, "phải sau hạn của đơn vị"),
    ],
)
def test_days_that_are_not_possible_are_refused(place: Installation, days: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        ask(place, replace(DAYS, **days))


@pytest.mark.parametrize(
    "days",
    [
        {"covers_from": date(2027, 2, 28)},
        {"cutoff": date(2027, 3, 10)},
        {"unit_before": date(2027, 3, 2), "province_before": date(2027, 3, 3)},
        {"province_before": date(2027, 3, 12)},
    ],
)
def test_the_nearest_days_that_are_possible_are_taken(place: Installation, days: dict[str, Any]) -> None:
    assert ask(place, replace(DAYS, **days))["code"] == "2027-DX1"
    period = place.period(CODE, "2027-DX1")
    assert period.opens_at.date() <= period.unit.safe_on <= period.unit.due_at.date()


def test_a_regime_without_ad_hoc_reports_says_so(place: Installation) -> None:
    pack = place.pack(CODE)
    place._packs[CODE] = replace(pack, regime=pack.regime.model_copy(update={"ad_hoc": None}))
    with pytest.raises(Refused, match="không khai báo cáo đột xuất"):
        ask(place)


def rehearsal(place: Installation, unit: date, province: date, of: str = "2027-Q1") -> dict[str, Any]:
    return rehearse(
        place, CODE, of, unit_before=unit, province_before=province, by="van-thu", reason="Tập", as_of=now(place)
    )


def test_a_rehearsal_has_its_own_days_and_number(place: Installation) -> None:
    first = rehearsal(place, date(2027, 3, 3), date(2027, 3, 4))
    assert first["code"] == "2027-Q1-DT1"
    assert rehearsal(place, date(2027, 3, 3), date(2027, 3, 4))["code"] == "2027-Q1-DT2"
    real, period = place.period(CODE, "2027-Q1"), place.period(CODE, "2027-Q1-DT1")
    assert (period.rehearsal_of, period.name) == ("2027-Q1", f"DIỄN TẬP {real.name}")
    assert period.opens_at == now(place).replace(microsecond=0)
    assert period.unit.due_at.date() == date(2027, 3, 2)
    assert period.unit.locked_after - period.unit.due_at == timedelta(days=10)
    assert period.province.locked_after - period.province.due_at == timedelta(days=30)
    with place.store.read() as conn:
        actions = [e.action for e in events.events(conn, regime=CODE)]
    assert actions.count("rehearsal_called") == 2


@pytest.mark.parametrize(
    ("unit", "province"), [(date(2027, 3, 1), date(2027, 3, 4)), (date(2027, 3, 3), date(2027, 3, 3))]
)
def test_a_rehearsal_needs_days_that_follow_each_other(place: Installation, unit: date, province: date) -> None:
    with pytest.raises(Refused, match="Hạn của đơn vị phải sau lúc mở diễn tập và trước hạn của cấp tổng hợp"):
        rehearsal(place, unit, province)


def test_only_a_period_of_the_calendar_is_rehearsed(place: Installation) -> None:
    code = ask(place)["code"]
    with pytest.raises(Refused, match="Chỉ diễn tập được kỳ trong lịch báo cáo"):
        rehearsal(place, date(2027, 3, 3), date(2027, 3, 4), of=code)
