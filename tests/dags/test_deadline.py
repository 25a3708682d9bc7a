"""The deadline alerts: when they ring, and what they say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from baocao_calendar import period_named
from baocao_deadline import STEPS, StatutoryDeadline, deadline_alerts, point_of, signature_awaited

REGIME = "thanh-hoa-drug-programme"
DAG = "thanh_hoa_drug_programme__report"


class Session:
    """Answers the one question the reference asks: the run's interval and parameters."""

    def __init__(self, start, conf=None):
        self.row = SimpleNamespace(data_interval_start=start, conf=conf)

    def execute(self, _statement):
        return SimpleNamespace(one_or_none=lambda: self.row)


def deadline_of(point, start, conf=None):
    return StatutoryDeadline(point)._evaluate_with(session=Session(start, conf), dag_id=DAG, run_id="x")


def test_safe_deadline_is_eight_on_last_working_day():
    """24/6/2028 is a Saturday: the last second is then, the last safe day is the Friday before."""
    period = period_named(REGIME, "2028-H1")
    assert deadline_of("safe", period.opens_at) == datetime(2028, 6, 23, 1, 0, tzinfo=UTC)
    assert deadline_of("due", period.opens_at) == datetime(2028, 6, 24, 16, 59, 59, tzinfo=UTC)


def test_given_period_decides_the_deadline():
    opened = period_named(REGIME, "2026-H1").opens_at
    assert deadline_of("due", opened, {"period": "2026-Y"}) == point_of(period_named(REGIME, "2026-Y"), "due")


@pytest.mark.parametrize("conf", [None, {"period": "1999-X"}])
def test_a_run_without_a_period_has_no_deadline(conf):
    start = datetime(2026, 3, 3, tzinfo=UTC) if conf is None else period_named(REGIME, "2026-H1").opens_at
    assert deadline_of("due", start, conf) is None


def test_played_run_keeps_its_distance_to_deadline():
    period = period_named(REGIME, "2026-H1")
    played = point_of(period, "safe") - timedelta(hours=5)
    before = datetime.now(UTC)
    rings = deadline_of("safe", period.opens_at, {"as_of": played.isoformat()})
    assert before <= rings - timedelta(hours=5) <= datetime.now(UTC)


def test_only_the_legal_deadline_has_an_alert():
    assert [(a.reference.point, a.interval) for a in deadline_alerts()] == [("due", timedelta())]


def test_they_come_back_the_same_from_airflows_database():
    from airflow.serialization.decoders import decode_deadline_alert
    from airflow.serialization.encoders import encode_deadline_alert

    for alert in deadline_alerts():
        back = decode_deadline_alert(encode_deadline_alert(alert))
        assert back.reference.serialize_reference() == alert.reference.serialize_reference()
        assert back.interval == alert.interval
        assert back.callback.path == "baocao_deadline.signature_awaited"


def rung(verbs, monkeypatch, status):
    """The alarms of a run whose report stands so."""
    monkeypatch.setattr(verbs, "REPORT_STATUS", status)
    period = period_named(REGIME, "2026-H1")
    run = {
        "dag_id": DAG, "dag_run_id": "2026-H1", "conf": {}, "data_interval_start": period.opens_at.isoformat(),
    }  # fmt: skip
    ((label, point, days),) = STEPS
    asyncio.run(signature_awaited(label, point, days, {"dag_run": run}))
    return [facts for verb, facts in verbs.CALLS if verb == "deadline_alarm"]


def test_deadline_alarm_names_who_decides_and_where(verbs, monkeypatch):
    (call,) = rung(verbs, monkeypatch, "FROZEN")
    assert (call["regime"], call["period"]) == (REGIME, "2026-H1")
    assert "đã quá hạn" in call["text"]
    assert "23:59 ngày 24/06/2026" in call["text"]
    assert "Đang chờ Công an tỉnh Thanh Hóa duyệt: mở lượt chạy 2026-H1" in call["text"]
    assert "Required Actions" in call["text"]
    assert call["as_of"] == datetime(2026, 6, 24, 16, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "Chưa có báo cáo tổng hợp"),
        ("DRAFT", "Văn bản đang được lập"),
        ("RETURNED", "bị trả lại"),
        ("SIGNED", "chưa gửi được tới mọi nơi nhận: bo-cong-an"),
    ],
)
def test_deadline_alarm_mentions_no_unasked_question(verbs, monkeypatch, status, words):
    (call,) = rung(verbs, monkeypatch, status)
    assert words in call["text"]
    assert "Required Actions" not in call["text"]
    assert "{" not in call["text"]


def test_dispatched_report_raises_no_deadline_alarm(verbs, monkeypatch):
    assert rung(verbs, monkeypatch, "DISPATCHED") == []
