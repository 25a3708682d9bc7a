"""The office's monitoring: the same figures from the command and from the portal's own port, none through the proxy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from baocao.web.common.metrics import metrics_route
from baocao.workflow.status.metrics import SHOWN_FOR, metrics_text
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT, BAD = COMMUNES[:2]


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (s.name, *(value for _, value in sorted(s.labels.items()))): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


def test_figures_of_the_business(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    opened.send(BAD, b"khong phai bang tinh", opened.in_time)
    opened.send("khong-ai", opened.workbook(COMMUNES[2]), opened.in_time)
    opened.collect()
    at = opened.in_time + timedelta(hours=1)
    told = Cli(opened, monkeypatch)("metrics", "--as-of", at.isoformat(), "--regime", REGIME)
    found = samples(told.out)

    owed = len(opened.units)
    units = {key[-1]: value for key, value in found.items() if key[0] == "baocao_units"}
    assert (units["accepted"], units["missing"], units["late"]) == (1, owed - 1, 0)
    assert found["baocao_days_to_deadline", "unit", PERIOD, REGIME] == pytest.approx(2 - 1 / 24, abs=0.001)
    assert found["baocao_report_dispatched", PERIOD, REGIME] == 0
    assert found["baocao_files_waiting_for_sender",] == 1
    assert (found["baocao_outbox_letters", "waiting"], found["baocao_outbox_letters", "given_up"]) == (0, 0)
    assert found["baocao_verdict_seconds_count", "folder"] == 2
    assert found["baocao_verdict_seconds_bucket", "folder", "1.0"] == 2
    assert not any(
        name[0] == "baocao_units" for name in samples(metrics_text(opened.place, at + SHOWN_FOR * 2).decode())
    )


def test_metrics_answer_prometheus_but_nobody_behind_the_proxy(opened: Site) -> None:
    at = opened.in_time
    with TestClient(Starlette(routes=[metrics_route(opened.place, lambda: at)])) as client:
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert answer.content == metrics_text(opened.place, at)
        assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
        assert client.post("/metrics").status_code == 405
