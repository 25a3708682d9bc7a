"""Long work from the desk: it shows how far it is, goes on without the page, and is told as interrupted when its server
is gone."""

from __future__ import annotations

import html
import time
from dataclasses import replace
from typing import Any

import pytest

from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.model.report import ReportStatus
from baocao.store.reports import reports
from baocao.store.trail import events
from baocao.web.desk.runs import PeriodRun
from baocao.workflow.installation import Refused
from baocao.workflow.reports import long_work
from baocao.workflow.reports.long_work import CONSOLIDATE, CONSOLIDATION, WHAT_IF
from builders.sites.cli import Cli
from builders.sites.desk import Browser, asker
from builders.sites.site import PERIOD, PROJECT, REGIME, Site

HERE = f"/r/{REGIME}/p/{PERIOD}"
SECONDS = 240
"""The longest a test waits for the work behind the page."""


@pytest.fixture
def browser(collected: Site) -> Browser:
    return Browser(collected.place, asker("Approver", name="pho-phong"), collected.report_day)


def ended(site: Site, id: int) -> Any:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        [work] = [w for w in long_work.works_of(site.place, REGIME, PERIOD, site.report_day) if w.id == id]
        if work.outcome is not None:
            return work
        time.sleep(0.2)
    pytest.fail("the work did not end")


@pytest.mark.usefixtures("without_renderings")
def test_consolidation_can_restart_after_its_server_died(
    collected: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, at = collected.place, collected.report_day
    dead = long_work.begin(place, REGIME, PERIOD, CONSOLIDATE, CONSOLIDATION, by="pho-phong", as_of=at)
    watched = browser.get(f"{HERE}/work").text
    assert "đang chạy" in watched and 'http-equiv="refresh"' in watched
    again = browser.send(f"{HERE}/do/consolidate")
    assert again.status_code == 409 and "đang chạy" in again.text
    dead.release()
    stopped = browser.get(f"{HERE}/work").text
    assert "bị ngắt" in stopped and "Có thể chạy lại" in stopped and 'http-equiv="refresh"' not in stopped

    assert "Đã bắt đầu tổng hợp" in browser.followed(browser.send(f"{HERE}/do/consolidate"))
    work = ended(collected, dead.work.id + 1)
    assert (work.outcome, work.done, work.started_by) == ("done", 3, "pho-phong")
    with place.store.read() as conn:
        report = reports.latest(conn, REGIME, PERIOD)
        told = [e for e in events.events(conn, regime=REGIME) if e.action == "long_work_started"]
    assert report is not None and report.status is ReportStatus.FROZEN
    assert [(e.actor, e.subject) for e in told] == [("pho-phong", f"long_work/{dead.work.id + n}") for n in (0, 1)]
    assert "Báo cáo phiên bản 1 đã lập" in browser.get(f"{HERE}/work").text
    cli = Cli(collected, monkeypatch)
    asked = ("work", "list", "--regime", REGIME, "--period", PERIOD, "--as-of", at.isoformat())
    lines = cli(*asked).out.splitlines()
    assert "xong lúc" in lines[0] and "bị ngắt lúc" in lines[1] and len(lines) == 2, lines
    told = cli(*asked, "--json").json["works"]
    assert [(one["outcome"], one["started_by"]) for one in told] == [
        ("done", "pho-phong"),
        ("interrupted", "pho-phong"),
    ]
    browser.who = asker("viewer")
    assert browser.get(f"{HERE}/work").status_code == 200 and browser.get(f"{HERE}/do/consolidate").status_code == 403


class AirflowOf:
    """Stands in for Airflow's runs: one that is asked for works until it is told otherwise."""

    def __init__(self) -> None:
        self.run: PeriodRun | None = None

    def home(self, regime: Regime) -> str:
        return "http://airflow.example/dags/x"

    def of_period(self, regime: Regime, period: Period) -> PeriodRun | None:
        return self.run

    def period_of(self, dag: str, run: str) -> str:
        return PERIOD if (dag, run) == ("thanh_hoa_drug_programme__report", "manual__2026-Y__1") else ""

    def start(self, regime: Regime, period: Period, by: str) -> str:
        if self.run is not None and self.run.state == "running":
            raise Refused("Airflow đang làm kỳ này")
        address = f"http://airflow.example/dags/x/runs/{period.code}"
        self.run = PeriodRun(address, None, by, "running", "Cổng kiểm tra số liệu", 1, 4)
        return period.code


def test_button_lets_airflow_consolidate_where_it_runs(collected: Site, browser: Browser) -> None:
    browser.desk._runs = airflow = AirflowOf()
    assert "chưa có lượt chạy trong Airflow" in browser.get(f"{HERE}/work").text
    assert "Đã giao Airflow" in browser.followed(browser.send(f"{HERE}/do/consolidate"))
    page = browser.get(f"{HERE}/work").text
    assert "Bước 2/4: Cổng kiểm tra số liệu" in page and 'http-equiv="refresh"' in page and "pho-phong" in page
    assert browser.send(f"{HERE}/do/consolidate").status_code == 409
    with collected.place.store.read() as conn:
        assert reports.latest(conn, REGIME, PERIOD) is None, "the desk does not work beside Airflow"
        told = [e for e in events.events(conn, regime=REGIME) if e.action == "long_work_started"]
    assert [(e.actor, e.subject) for e in told] == [("pho-phong", f"airflow_run/{PERIOD}")]
    assert airflow.run is not None
    for state, stage, said in (
        ("asking", "Chờ duyệt", "được đặt lại theo bản mới nhất"),
        ("failed", "Tổng hợp số liệu", "Dừng ở bước: Tổng hợp số liệu"),
        ("done", "", "xong"),
    ):
        airflow.run = replace(airflow.run, state=state, stage=stage)
        page = browser.get(f"{HERE}/work").text
        assert said in page and 'http-equiv="refresh"' not in page
    assert f'href="{airflow.run.address}"' in browser.get(HERE).text
    run = "/run/thanh_hoa_drug_programme__report"
    assert browser.get(f"{run}/manual__2026-Y__1").headers["location"] == HERE, "Airflow knows, the name does not"
    assert browser.get(f"{run}/manual__2026-Y__2").headers["location"].endswith("/p/2026-Y")


def test_trying_a_form_on_the_desk_stores_nothing(collected: Site, browser: Browser) -> None:
    huge = browser.send(f"{HERE}/do/what-if", file=("bieu.yaml", b"x" * (1024 * 1024 + 1)))
    assert huge.status_code == 409
    browser.followed(browser.send(f"{HERE}/do/what-if", file=("bieu.yaml", b"code: KHONG")))
    failed = ended(collected, 1)
    assert failed.outcome == "failed" and html.escape(failed.said)[:40] in browser.get(f"{HERE}/work").text
    form = PROJECT / "include" / "regimes" / REGIME / "forms" / "B08" / "2025.1.yaml"
    browser.followed(browser.send(f"{HERE}/do/what-if", file=("bieu.yaml", form.read_bytes())))
    tried = ended(collected, 2)
    assert (tried.kind, tried.outcome) == (WHAT_IF, "done"), tried.said
    assert "không ghi gì" in browser.get(f"{HERE}/work").text
    with collected.place.store.read() as conn:
        assert reports.latest(conn, REGIME, PERIOD) is None
