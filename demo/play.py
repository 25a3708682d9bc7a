"""`make demo`: one reporting period on a real Airflow, from the opened window to the ministry, as if time passed.

Every step that a person or a clock would trigger is triggered through Airflow's own API, with its business time as a
parameter. Ends with a table of where everything is, and `out/demo/summary.json`.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.text import day_text, short_moment_text
from baocao.workflow.installation import Installation
from demo import prepare, story
from demo.airflow_stack import AirflowStack
from demo.mails import Mails, by_mail, mail_channel
from demo.other_regimes import play_others
from demo.simulate import DroppedFile, Plan, plan_period
from demo.summary import show, summarise
from demo.uploads import Uploads, by_folder

ROOT = prepare.ROOT
REGIME, PERIOD = "thanh-hoa-drug-programme", "2026-H1"


class PartTimes:
    """How long each part took, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = time.monotonic()

    @contextmanager
    def part(self, name: str, says: str) -> Iterator[None]:
        """Print `says` and keep how many seconds the part took; one name may come more than once."""
        print(f"[{time.monotonic() - self._start:6.1f} s] {says}", flush=True)
        began = time.monotonic()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - began, 1)

    def total(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._start, 1)


def main(arguments: list[str] | None = None) -> int:
    """Play the period; 0 when the report was dispatched and the summary adds up."""
    parser = argparse.ArgumentParser(prog="python -m demo.play", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "demo")
    options = parser.parse_args(arguments)
    out: Path = options.out.resolve()
    prepare.clean(out)
    os.environ.update(prepare.environment(out))
    (out / "env").write_text(prepare.environment_file(out), encoding="utf-8")
    clock = PartTimes()
    with mail_channel() as mails:
        if mails is None:
            print("Chưa cài Dovecot (apt-get install dovecot-imapd): bỏ cửa thư điện tử, các đơn vị ấy dùng thư mục.")
        _on_airflow(out, clock, mails)
    with clock.part("other_regimes", "Airflow đã dừng; bốn chế độ khác, mỗi chế độ một kỳ, không qua Airflow"):
        others = play_others(out)
    print(f"[{clock.total():6.1f} s] ghi kết quả", flush=True)
    summary = summarise(out, REGIME, PERIOD, {**clock.seconds, "total": clock.total()}, others)
    show(summary, out)
    return 0 if summary["dispatched_at"] else 1


def _on_airflow(out: Path, clock: PartTimes, mails: Mails | None) -> None:
    """The whole period on a real Airflow, which is stopped at the end whatever happens."""
    # Only while the mailbox is there: `env`, for whoever goes on afterwards, does not name it.
    settings = {**prepare.environment(out), **(mails.settings if mails else {})}
    # Nobody edits a DAG file or a pack meanwhile: the processor leaves the processors to the tasks.
    settings["AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"] = "900"
    stack = AirflowStack(out / "airflow", env=settings)
    failures: list[BaseException] = []

    def start() -> None:
        try:
            stack.start()
        # Kept for the main thread: an error that ends a thread is only printed.
        except BaseException as error:
            failures.append(error)

    # Both take long, Airflow's start and the figures of all units, so they run at once.
    starting = threading.Thread(target=start, name="airflow")
    starting.start()
    try:
        with clock.part("prepare", "Airflow đang khởi động; chuẩn bị số liệu nền và bài của các đơn vị"):
            plan = _prepare()
        with clock.part("airflow_start", "Chờ Airflow sẵn sàng"):
            starting.join()
        if failures:
            raise failures[0]
        _play(stack, plan, clock, mails)
    # Also after a failed start: whatever of Airflow's processes is up is ended.
    finally:
        starting.join()
        stack.stop()


def _prepare() -> Plan:
    from baocao.workflow.periods.baseline import load_baseline

    place = Installation.open()
    pack, period = place.at(REGIME, PERIOD)
    before = prepare.figures_before(pack, period)
    for code, figures in before.items():
        load_baseline(place, REGIME, code, prepare.as_csv(figures), period.opens_at)
    plan = plan_period(pack, period, before[prepare.BASELINES[-1]], seed=prepare.SEED)
    place.store.close()
    return plan


def _play(stack: AirflowStack, plan: Plan, clock: PartTimes, mails: Mails | None) -> None:
    # The portal's letters name the mailbox too.
    place = Installation.open({**os.environ, **(mails.settings if mails else {})})
    period, days = place.period(REGIME, PERIOD), place.working_days
    prefix = REGIME.replace("-", "_")
    operator = stack.client()

    def sweep(dag: str, at: datetime) -> None:
        run = operator.trigger(dag, f"demo__{at:%Y-%m-%dT%H-%M}", conf={"as_of": at.isoformat()})
        operator.wait_for_run(dag, run)

    with clock.part("open_window", f"{day_text(period.opens_at)}: mở kỳ, gửi biểu mẫu"):
        run = operator.trigger_period(f"{prefix}__open_window", period, as_of=period.opens_at)
        operator.wait_for_run(f"{prefix}__open_window", run)
    seen: datetime | None = None
    for moment in story.moments(period, days):
        with clock.part("collect", f"{short_moment_text(moment.at)}: {moment.says}"):
            came = arrive(place, period, list(plan.between(seen, moment.at)), mails)
            seen = moment.at
            if any(came.values()):
                sweep("collect_submissions", moment.at)
        told = (
            f"{came['portal']} tệp qua trang nộp báo cáo, {came['mail']} qua thư điện tử, {came['folder']} qua thư mục"
        )
        with clock.part("remind", f"                   {told}; đôn đốc đơn vị chưa gửi"):
            sweep("remind_units", moment.at)
    at = story.report_at(period, days)
    arrive(place, period, list(plan.between(seen, at)), mails)
    report = f"{prefix}__report"
    with clock.part("report", f"{short_moment_text(at)}: cổng kiểm tra, tổng hợp, lập văn bản"):
        run = operator.trigger_period(report, period, as_of=at)
        operator.wait_for_question(report, run, "sign_off.standing_office")
    with clock.part("sign_off", "                   cơ quan thường trực duyệt"):
        stack.client(story.OFFICE).answer(
            report, run, "sign_off.standing_office", "Duyệt, trình ký", {"note": "Số liệu đã đối chiếu."}
        )
        operator.wait_for_question(report, run, "sign_off.committee")
    with clock.part("sign_off", "                   Ủy ban nhân dân ký, cho số"):
        signature = {**story.SIGNATURE, "signed_on": f"{at:%Y-%m-%d}"}
        stack.client(story.COMMITTEE).answer(report, run, "sign_off.committee", "Ký ban hành", signature)
    with clock.part("dispatch", "                   phát hành tới Bộ Công an và các bộ chủ trì"):
        operator.wait_for_run(report, run)


def arrive(place: Installation, period: Period, deliveries: list[DroppedFile], mails: Mails | None) -> dict[str, int]:
    """What has come by now, each by its unit's channel: most upload over HTTP, some write, some use the folder. How
    many each."""
    written = [d for d in deliveries if mails is not None and by_mail(d)]
    dropped = [d for d in deliveries if by_folder(d) or (mails is None and by_mail(d))]
    web = [d for d in deliveries if not by_folder(d) and not by_mail(d)]
    came = {"portal": 0, "mail": 0, "folder": story.drop(place.settings.inbox, iter(dropped))}
    if web:
        with Uploads(place, REGIME, period.code, web[0].at) as portal:
            came["portal"] = portal.send(web)
    if written and mails is not None:
        came["mail"] = mails.send(for_period(place.pack(REGIME), period), written)
    return came


if __name__ == "__main__":
    sys.exit(main())
