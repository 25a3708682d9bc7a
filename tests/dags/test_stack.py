"""A real Airflow as the demonstration starts it: the sign-off by REST, the deadline alarm, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from baocao_calendar import period_named, periods_of
from baocao_deadline import point_of
from demo.airflow_client import AirflowClient, ApiError, RunFailedError
from demo.airflow_stack import AirflowStack, StackError
from fake_verbs import REPORT_AFTER

from baocao.model.period import Period

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
REGIME = "thanh-hoa-drug-programme"
REPORT = "thanh_hoa_drug_programme__report"
AD_HOC = "thanh_hoa_drug_programme__ad_hoc"
OFFICE, COMMITTEE = "sign_off.standing_office", "sign_off.committee"
SIGNATURE = {"number": "123", "signed_on": "2026-06-23", "signer": "Đại diện đơn vị"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowStack]:
    home = tmp_path_factory.mktemp("stack")
    env = {"PYTHONPATH": str(Path(__file__).parent / "fake_site"), "FAKE_VERBS_LOG": str(home / "calls")}
    with AirflowStack(home / "airflow", env=env) as running:
        yield running
    assert running.left_behind() == []


@pytest.fixture
def in_airflow(stack: AirflowStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Airflow's own database of the stack, for what the plugin does in its server."""
    from airflow import settings
    from airflow.utils.orm_event_handlers import setup_event_handlers
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_engine(stack.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], connect_args={"timeout": 60})
    setup_event_handlers(engine)
    monkeypatch.setattr(settings, "Session", sessionmaker(engine, expire_on_commit=False))
    yield
    engine.dispose()


def calls(stack: AirflowStack, verb: str) -> list[dict[str, Any]]:
    lines = Path(stack.env["FAKE_VERBS_LOG"]).read_text(encoding="utf-8").splitlines()
    return [facts for name, facts in map(json.loads, lines) if name == verb]


def test_stack_listens_on_loopback_and_asks_password(stack: AirflowStack) -> None:
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    addresses = {line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{stack.port}")}
    assert addresses == {f"127.0.0.1:{stack.port}"}
    with pytest.raises(ApiError) as refused:
        replace(stack.client(), password="wrong").dags()
    assert refused.value.status == 401


def test_returned_report_is_corrected_then_signed_and_sent(stack: AirflowStack) -> None:
    period = period_named(REGIME, "2026-H1")
    admin, office, committee = stack.client(), stack.client("office"), stack.client("committee")
    admin.trigger_period(REPORT, period, as_of=datetime.fromisoformat("2026-06-20T08:00:00+07:00"))
    admin.wait_for_question(REPORT, period.code, OFFICE, timeout=300)
    (question,) = office.questions()
    assert question["subject"] == "Công an tỉnh Thanh Hóa duyệt: Báo cáo thử"
    page = f"{stack.url}/baocao/r/{REGIME}/p/{period.code}/report"
    assert question["body"] == f"[Mở báo cáo, đọc và quyết định trên bàn làm việc]({page})\n\n**163/166** đơn vị"

    office.answer(REPORT, period.code, OFFICE, "Trả lại", {"note": "Thiếu thuyết minh"})
    with pytest.raises(RunFailedError, match="returned_by_standing_office': 'failed'"):
        admin.wait_for_run(REPORT, period.code, timeout=300)
    assert calls(stack, "approve")[-1]["note"] == "Thiếu thuyết minh"
    assert calls(stack, "dispatch") == []

    admin.clear(REPORT, period.code, ["gate"])
    admin.wait_for_question(REPORT, period.code, OFFICE, timeout=300)
    office.answer(REPORT, period.code, OFFICE, "Duyệt, trình ký")
    admin.wait_for_question(REPORT, period.code, COMMITTEE, timeout=300)
    with pytest.raises(ApiError, match="còn trống Số văn bản") as empty:
        committee.answer(REPORT, period.code, COMMITTEE, "Ký ban hành", {**SIGNATURE, "number": " "})
    assert empty.value.status == 400
    (question,) = committee.questions()
    assert question["response_received"] is False
    number = two_sign_at_once(committee, admin, period.code)
    admin.wait_for_run(REPORT, period.code, timeout=300)

    assert_the_operator_sees_where_it_is(stack, admin, period.code)
    assert [c["decision"] for c in calls(stack, "approve")] == ["return", "approve"]
    (signed,) = calls(stack, "sign")
    assert (signed["by"], signed["number"], signed["symbol"]) == (*number, "BC-UBND")
    assert len(calls(stack, "consolidate")) == 2
    assert len(calls(stack, "collect")) == 1, "what lies before the cleared task is not run again"
    assert len(calls(stack, "dispatch")) == 1
    with pytest.raises(ApiError) as twice:
        admin.trigger_period(REPORT, period)
    assert twice.value.status == 409, "a period has one run"


def assert_the_operator_sees_where_it_is(stack: AirflowStack, admin: AirflowClient, run: str) -> None:
    """The run's note, the event of the signed report, the link to the desk, the regime's own pool."""
    until = time.monotonic() + 90
    while (note := admin.run(REPORT, run)["note"]) is None and time.monotonic() < until:
        time.sleep(1)
    assert note == "Tiếp nhận 163/166 · trễ hạn 6"
    events = admin.request("GET", f"/assets/events?source_dag_id={REPORT}")["asset_events"]
    assert {e["name"] for e in events} == {"Thanh Hóa · Ma túy · Báo cáo đã ký"}
    links = admin.request("GET", f"/dags/{REPORT}/dagRuns/{run}/taskInstances/build/links")["extra_links"]
    assert links == {"Mở trên bàn làm việc": f"{stack.url}/baocao/r/{REGIME}/p/{run}/report"}
    tasks = admin.request("GET", f"/dags/{REPORT}/dagRuns/{run}/taskInstances?limit=100")["task_instances"]
    pools = {p["name"] for p in admin.request("GET", "/pools")["pools"]}
    assert {t["pool"] for t in tasks} == {REPORT.partition("__")[0]} <= pools


def two_sign_at_once(one: AirflowClient, other: AirflowClient, run: str) -> None:
    """Who signed, and with which number: the one whose answer Airflow kept, while the other was told."""

    def sign(client: AirflowClient, number: str) -> Any:
        try:
            client.answer(REPORT, run, COMMITTEE, "Ký ban hành", {**SIGNATURE, "number": number})
        except ApiError as error:
            return error.status
        return 200

    with ThreadPoolExecutor(2) as pool:
        answers = {
            ("committee", "123"): pool.submit(sign, one, "123"),
            ("admin", "124"): pool.submit(sign, other, "124"),
        }
        statuses = {who: answer.result() for who, answer in answers.items()}
    assert sorted(statuses.values()) == [200, 409]
    return next(who for who, status in statuses.items() if status == 200)


def test_deadline_alarm_rings_while_signature_is_awaited(stack: AirflowStack) -> None:
    """Played a few seconds before the legal deadline, in a period not even open by the machine's clock."""
    period = period_named(REGIME, "2030-END")
    admin = stack.client()
    rings_at = point_of(period, "due")
    admin.trigger_period(REPORT, period, as_of=rings_at - timedelta(seconds=8))
    admin.wait_for_question(REPORT, period.code, OFFICE, timeout=300)
    texts = _alarms(stack, period, "đã quá hạn")
    assert len(texts) == 1
    assert "Đang chờ Công an tỉnh Thanh Hóa duyệt" in texts[0]
    assert admin.tasks(REPORT, period.code)[OFFICE] == "awaiting_input", "an alarm decides nothing"


def test_trouble_of_one_regime_blocks_no_other(stack: AirflowStack) -> None:
    """Two periods of one regime hang at the gate and hold all its slots; the other regime's period goes through."""
    admin, held = stack.client(), Path(stack.env["FAKE_VERBS_LOG"]).with_name(f"held_{REGIME}")
    other = "hai_phong_legal_aid__report"
    held.touch()
    try:
        for code in ("2027-H1", "2027-Y"):
            admin.trigger_period(REPORT, period_named(REGIME, code))
            admin.wait_for_task(REPORT, code, "gate", "running", timeout=120)
        period = periods_of("hai-phong-legal-aid")[-1]
        admin.trigger_period(other, period)
        admin.wait_for_task(other, period.code, OFFICE, "awaiting_input", timeout=180)
        assert [admin.tasks(REPORT, code)["gate"] for code in ("2027-H1", "2027-Y")] == ["running", "running"]
    finally:
        held.unlink()
    admin.wait_for_task(REPORT, "2027-H1", OFFICE, "awaiting_input", timeout=180)


def test_desk_button_starts_the_report_run_in_airflow(
    stack: AirflowStack, in_airflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question open about an older version is then asked again, about the newest.

    `in_airflow`: this process sees the stack's database as Airflow's server does.
    """
    from baocao_calendar import regimes
    from baocao_period_runs import AirflowRuns

    from baocao.workflow.installation import Refused

    regime, period = next(r for r in regimes() if r.code == REGIME), period_named(REGIME, "2028-H1")
    admin, runs, report_id = stack.client(), AirflowRuns(stack.url), sum(map(ord, period.code))
    assert runs.of_period(regime, period) is None
    with pytest.raises(Refused, match="tự chạy lúc 00:00 ngày 21/06/2028"):
        runs.start(regime, period, "pho-phong")
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", stack.env["BAOCAO_SCHEDULE_FROM"])
    name = runs.start(regime, period, "pho-phong")
    assert runs.of_period(regime, period).state == "running"
    with pytest.raises(Refused, match="đang làm kỳ này"):
        runs.start(regime, period, "pho-phong")
    admin.wait_for_question(REPORT, name, OFFICE, timeout=300)
    found = runs.of_period(regime, period)
    assert (found.state, found.stage, found.started_by) == ("asking", "Chờ duyệt", "pho-phong")
    assert (found.done, found.total) == (4, 4) and found.address == f"{stack.url}/dags/{REPORT}/runs/{name}"

    def made() -> Any:
        of_report = [c["report_id"] for c in calls(stack, "build")].count(report_id)
        return [[c["period"] for c in calls(stack, "gate")].count(period.code), of_report]

    Path(stack.env["FAKE_VERBS_LOG"]).with_name("newer").write_text(str(report_id))
    wait_until(lambda: made() == [2, 2], "the question about an older version is not asked again")
    admin.wait_for_question(REPORT, name, OFFICE, timeout=300)
    assert [q["task_instance"]["task_id"] for q in admin.questions() if q["task_instance"]["dag_run_id"] == name] == [
        OFFICE
    ]
    runs.start(regime, period, "pho-phong")
    wait_until(lambda: made() == [3, 3], "the desk's button does not start the run again")
    admin.wait_for_question(REPORT, name, OFFICE, timeout=300)
    stack.client("office").answer(REPORT, name, OFFICE, "Duyệt, trình ký")
    admin.wait_for_task(REPORT, name, COMMITTEE, "awaiting_input", timeout=300)


def wait_until(holds: Callable[[], object], said: str, patience: float = 180) -> None:
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until, said
        time.sleep(0.5)


def _alarms(stack: AirflowStack, period: Period, label: str, patience: float = 90) -> list[str]:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = [c["text"] for c in calls(stack, "deadline_alarm") if c["period"] == period.code and label in c["text"]]
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"no alarm «{label}» in {calls(stack, 'deadline_alarm')}")


def test_ad_hoc_request_schedules_report_at_units_deadline(stack: AirflowStack) -> None:
    days = {"covers_from": "2026-01-01", "cutoff": "2026-06-30", "unit_before": "2026-07-10"}
    asked = {"asked_by": "Văn phòng Chính phủ", "subject": "tình hình người nghiện", "province_before": "2026-07-20"}
    admin, asked = stack.client(), {**asked, **days}
    run = admin.trigger(AD_HOC, conf=asked)
    admin.wait_for_run(AD_HOC, run, timeout=300)
    assert asked.items() <= calls(stack, "request_report")[-1]["asked"].items()
    report = admin.run(REPORT, "2026-DX1")
    assert report["state"] == "queued" and report["conf"]["period"] == "2026-DX1"
    assert datetime.fromisoformat(report["run_after"]) == datetime.fromisoformat(REPORT_AFTER)
    admin.clear(AD_HOC, run, ["schedule_report"])
    admin.wait_for_run(AD_HOC, run, timeout=300)


def test_sweep_emits_asset_event_only_when_accepted_changed(stack: AirflowStack) -> None:
    admin, sweep = stack.client(), "collect_submissions"
    accepted = Path(stack.env["FAKE_VERBS_LOG"]).with_name("accepted")
    for day, number in enumerate((163, 163, 170, 170), start=10):
        accepted.write_text(str(number))
        run = admin.trigger(sweep, f"sweep-{day}", conf={"as_of": f"2026-06-{day}T08:00:00+07:00"})
        admin.wait_for_run(sweep, run, timeout=300)
    events = admin.request("GET", f"/assets/events?source_dag_id={sweep}")["asset_events"]
    assert {e["source_run_id"]: e["extra"]["accepted"] for e in events} == {"sweep-10": 163, "sweep-12": 170}


def test_the_command_line_stops_cleanly_on_term(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.airflow_stack", "up", "--home", str(tmp_path / "airflow")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ})
    try:
        _, desk, airflow = lines = [process.stdout.readline().split() for _ in range(3)]
        assert airflow[0] == "Airflow:" and airflow[1].startswith("http://127.0.0.1:"), lines
        assert desk[-1] == f"{airflow[1]}/baocao/", lines
        children = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        assert len(children) == 4, "one process a component"
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    finally:
        process.kill()
        process.wait()


def test_unreadable_dag_file_stops_start_without_leftovers(tmp_path: Path) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "broken.py").write_text("from airflow.sdk import dag\nimport no_such_module_anywhere\n", encoding="utf-8")
    stack = AirflowStack(tmp_path / "airflow", dags=dags, components=("api-server", "dag-processor"))
    with pytest.raises(StackError, match="no_such_module_anywhere"):
        stack.__enter__()
    assert stack.left_behind() == []
