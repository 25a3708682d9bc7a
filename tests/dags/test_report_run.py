"""A whole run of the DAGs in one process, the people's answers given while it waits for them."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from baocao_answers import APPROVE, RETURN, SIGN
from baocao_calendar import periods_of, scheduled_periods
from baocao_deadline import STEPS, point_of
from baocao_timetable import ReportingPeriodTimetable

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow_database")]
ROOT = Path(__file__).resolve().parents[2]
REGIME = "thanh-hoa-drug-programme"
REPORT = "thanh_hoa_drug_programme__report"
OPEN = "thanh_hoa_drug_programme__open_window"
AS_OF = "2026-06-22T09:00:00+07:00"
SIGNATURE = {
    "number": "123", "symbol": "BC-UBND", "signed_on": "2026-06-23", "signer": "Đại diện đơn vị",
    "signer_title": "PHÓ CHỦ TỊCH", "note": None,
}  # fmt: skip


class People(logging.Handler):
    """Answers the questions of a running DAG: task id -> (option, fields of the form), or a list of such, in turn.

    They answer when `dag.test()` says that it waits for somebody. Before that the task that asked has not ended, and an
    answer given then may be lost with it: the run would wait for ever.
    """

    _LOG = logging.getLogger("airflow.sdk.definitions.dag")
    _MOST_WAITS = 120

    def __init__(self, answers):
        super().__init__(logging.INFO)
        self.answers = dict(answers)
        self.waits = 0

    def __enter__(self):
        self._level = self._LOG.level
        self._LOG.setLevel(logging.INFO)
        self._LOG.addHandler(self)
        return self

    def __exit__(self, *_):
        self._LOG.removeHandler(self)
        self._LOG.setLevel(self._level)

    def emit(self, record):
        if record.msg.startswith("Waiting for Human-in-the-loop input"):
            self.waits += 1
            assert self.waits <= self._MOST_WAITS, "nobody answers what is asked"
            self._answer_one()

    def _answer_one(self):
        from airflow.models.hitl import HITLDetail
        from airflow.models.taskinstance import TaskInstance
        from airflow.models.trigger import handle_event_submit
        from airflow.triggers.base import TriggerEvent
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            waiting = session.scalars(
                select(TaskInstance).where(TaskInstance.dag_id == REPORT, TaskInstance.state == "awaiting_input")
            ).all()
            for instance in waiting:
                name = instance.task_id.removeprefix("sign_off.")
                if name not in self.answers:
                    continue
                detail = session.scalar(select(HITLDetail).where(HITLDetail.ti_id == instance.id))
                if detail is None or detail.responded_at:
                    continue
                answer = self.answers[name]
                option, given = answer.pop(0) if isinstance(answer, list) else answer
                detail.responded_by = {"id": name, "name": name}
                detail.responded_at = datetime.now(UTC)
                detail.chosen_options = [option]
                # As the page sends it: every field, the box not ticked.
                detail.params_input = {"knowingly": False, **given}
                session.flush()
                handle_event_submit(
                    TriggerEvent(detail.as_resume_event_payload()), task_instance=instance, session=session
                )


@contextlib.contextmanager
def nobody():
    yield


def test_only_a_large_regime_opens_in_parts(bag, verbs, monkeypatch):
    import baocao_calendar
    from airflow.dag_processing.dagbag import DagBag

    assert bag.dags[OPEN].task_ids == ["open_window"]
    monkeypatch.setattr(baocao_calendar, "is_large", lambda regime: regime.code == REGIME)
    large = DagBag(str(ROOT / "dags" / "open_window.py"), bundle_name="large").dags[OPEN]
    done = run(large, periods_of(REGIME)[0], conf={"as_of": AS_OF})
    assert done.state == "success"
    assert {t.pool for t in large.tasks} == {REGIME.replace("-", "_")}
    parts = [facts["units"] for called, facts in verbs.CALLS if called == "write_blanks"]
    assert sorted(parts) == [["14755", "14758"], ["14797", "14803"], ["15001"]]
    assert verbs.verbs_called().count("begin_window") == 1 and "open_window" not in verbs.verbs_called()


def test_large_is_counted_from_the_list_of_units(tmp_path, monkeypatch):
    from baocao_calendar import is_large, regimes

    regime = next(r for r in regimes() if r.code == REGIME)
    assert not is_large(regime)
    listed = tmp_path / REGIME / "units.csv"
    listed.parent.mkdir()
    monkeypatch.setenv("BAOCAO_PACKS", str(tmp_path))
    assert not is_large(regime), "a pack without its list is told elsewhere"
    listed.write_text("code,name\n" + "1,x\n" * 400)
    assert is_large(regime)


def run(dag, period, *, people=None, conf=None):
    """One run as the timetable makes it: the period's opening is the logical date."""
    info = ReportingPeriodTimetable(REGIME, "due").info(period)
    with people or nobody():
        return dag.test(logical_date=info.logical_date, run_conf=conf)


def states(run):
    from airflow.utils.session import create_session

    with create_session() as session:
        return {t.task_id: str(t.state) for t in run.get_task_instances(session=session)}


@pytest.fixture
def report(bag, monkeypatch):
    """Without its deadline alerts: `dag.test()` has no scheduler to watch them and cannot create their rows."""
    monkeypatch.setattr(bag.dags[REPORT], "deadline", None)
    return bag.dags[REPORT]


def test_approved_and_signed_is_dispatched(report, verbs):
    people = People({"standing_office": (APPROVE, {"note": None}), "committee": (SIGN, SIGNATURE)})
    done = run(report, periods_of(REGIME)[0], people=people, conf={"as_of": AS_OF})
    assert done.state == "success", states(done)
    assert verbs.verbs_called() == ["collect", "gate", "consolidate", "build", "approve", "sign", "issue", "dispatch"]
    at = datetime.fromisoformat(AS_OF)
    assert {facts["as_of"] for _, facts in verbs.CALLS} == {at}
    assert verbs.last("gate")["period"] == "2026-H1"
    approved, signed = verbs.last("approve"), verbs.last("sign")
    assert (approved["by"], approved["decision"], approved["content_sha256"]) == (
        "standing_office",
        "approve",
        "ab" * 32,
    )
    assert (signed["by"], signed["decision"], signed["content_sha256"]) == ("committee", "sign", "ab" * 32)
    assert {k: signed[k] for k in SIGNATURE} == {**SIGNATURE, "note": ""}


def test_return_by_the_office_fails_the_run(report, verbs):
    people = People({"standing_office": (RETURN, {"note": "Thiếu thuyết minh"})})
    done = run(report, periods_of(REGIME)[1], people=people, conf={"as_of": AS_OF})
    assert done.state == "failed"
    assert verbs.last("approve")["decision"] == "return"
    assert verbs.last("approve")["note"] == "Thiếu thuyết minh"
    assert states(done)["sign_off.returned_by_standing_office"] == "failed"
    assert states(done)["sign_off.committee"] == "skipped"
    assert "dispatch" not in verbs.verbs_called()


def test_return_by_the_committee_prevents_dispatch(report, verbs):
    people = People(
        {"standing_office": (APPROVE, {"note": None}), "committee": (RETURN, {**SIGNATURE, "note": "Sai số liệu"})}
    )
    done = run(report, periods_of(REGIME)[2], people=people, conf={"as_of": AS_OF})
    assert done.state == "failed"
    assert verbs.last("sign")["decision"] == "return"
    assert states(done)["sign_off.returned_by_committee"] == "failed"
    assert "dispatch" not in verbs.verbs_called()
    alarm = verbs.last("deadline_alarm")
    assert (alarm["regime"], alarm["period"]) == (REGIME, "2027-H1")
    assert "clear từ nhiệm vụ `gate`" in alarm["text"]


def test_what_is_recorded_already_is_not_asked_again(report, verbs):
    """Approved on the command line while the question was lost: the run goes on to the signature."""
    verbs.DECIDED["standing_office"] = {"decision": "approve", "by": "police", "at": AS_OF, "status": "APPROVED"}
    people = People({"committee": (SIGN, SIGNATURE)})
    done = run(report, periods_of(REGIME)[4], people=people, conf={"as_of": AS_OF})
    assert done.state == "success", states(done)
    assert "approve" not in verbs.verbs_called()
    assert verbs.last("sign")["user"] == "airflow:committee"


class Deciding(People):
    """Nobody answers in Airflow: the decision is recorded in our rows (on the desk, on the command line), and the
    question is answered by what was recorded."""

    def __init__(self, decisions, verbs):
        super().__init__({})
        self.decisions, self.verbs, self.answered = decisions, verbs, 0

    def _answer_one(self):
        import baocao_open_questions

        answered = baocao_open_questions.answer_decided()
        assert answered == 0 or self.verbs.DECIDED, "answered without a decision"
        self.answered += answered
        for role, decision in self.decisions.items():
            if _waits(role) and role not in self.verbs.DECIDED:
                self.verbs.DECIDED[role] = {"decision": decision, "by": f"{role} trên bàn làm việc", "at": AS_OF}
                return


def _waits(role):
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    task = {"standing_office": "sign_off.standing_office", "peoples_committee": "sign_off.committee"}[role]
    with create_session() as session:
        return session.scalar(
            select(TaskInstance.id).where(
                TaskInstance.dag_id == REPORT, TaskInstance.task_id == task, TaskInstance.state == "awaiting_input"
            )
        )


def test_decisions_on_the_desk_answer_airflows_questions(report, verbs, monkeypatch):
    import baocao_open_questions

    monkeypatch.setattr(baocao_open_questions, "_SETTLED", timedelta())
    monkeypatch.setenv("BAOCAO_DESK_URL", "https://bao-cao.tinh.example/baocao")
    people = Deciding({"standing_office": "approve", "peoples_committee": "sign"}, verbs)
    done = run(report, periods_of(REGIME)[6], people=people, conf={"as_of": AS_OF})
    assert done.state == "success", states(done)
    assert people.answered == 2
    assert verbs.verbs_called() == ["collect", "gate", "consolidate", "build", "issue", "dispatch"]
    answered = _questions(done)
    assert {q.responded_by["name"] for q in answered} == {
        "standing_office trên bàn làm việc", "peoples_committee trên bàn làm việc",
    }  # fmt: skip
    code = periods_of(REGIME)[6].code
    assert all(f"(https://bao-cao.tinh.example/baocao/r/{REGIME}/p/{code}/report)" in q.body for q in answered)


def _questions(done):
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        mine = select(TaskInstance.id).where(TaskInstance.dag_id == REPORT, TaskInstance.run_id == done.run_id)
        return session.scalars(select(HITLDetail).where(HITLDetail.ti_id.in_(mine))).all()


def test_only_who_holds_the_role_is_asked(report, verbs):
    from airflow.models.hitl import HITLDetail
    from airflow.utils.session import create_session
    from sqlalchemy import select

    verbs.ASKED["standing_office"] = [{"id": "41", "name": "police"}]
    people = People({"standing_office": (RETURN, {"note": "Thiếu thuyết minh"})})
    run(report, periods_of(REGIME)[5], people=people, conf={"as_of": AS_OF})
    with create_session() as session:
        details = session.scalars(select(HITLDetail)).all()
        assert [{"id": "41", "name": "police"}] in [d.assigned_users for d in details]


@pytest.mark.parametrize(("task", "asked"), [("record_approval", "standing_office"), ("record_signature", "committee")])
def test_question_marked_done_by_hand_names_the_cure(report, verbs, task, asked):
    """Airflow then hands on None."""
    from airflow.sdk.exceptions import AirflowFailException

    record = report.get_task(f"sign_off.{task}").python_callable
    for answer in (None, {}, {"chosen_options": []}):
        with pytest.raises(AirflowFailException, match=f"Clear nhiệm vụ `sign_off.{asked}`"):
            record({"report_id": 7, "content_sha256": "ab" * 32}, answer)
    assert verbs.verbs_called() == []


def test_gate_disagreement_stops_the_report_and_alarms(report, verbs):
    from baocao.workflow.installation import GateDisagreement

    verbs.FAULTS["gate"] = [GateDisagreement("V12 lệch ở 3 đơn vị")]
    done = run(report, periods_of(REGIME)[3], conf={"as_of": AS_OF})
    assert done.state == "failed"
    assert states(done)["gate"] == "failed"
    assert "consolidate" not in verbs.verbs_called()
    assert "V12 lệch ở 3 đơn vị" in verbs.last("deadline_alarm")["text"]


def test_refused_signature_fails_once_and_says_why(report, verbs):
    from baocao.workflow.installation import Refused

    verbs.FAULTS["sign"] = [Refused("Chưa thể ghi nhận việc ký: thiếu số")]
    people = People({"standing_office": (APPROVE, {"note": None}), "committee": (SIGN, SIGNATURE)})
    done = run(report, periods_of(REGIME)[4], people=people, conf={"as_of": AS_OF})
    assert done.state == "failed"
    assert verbs.verbs_called().count("sign") == 1
    assert "thiếu số" in verbs.last("deadline_alarm")["text"]


def test_run_continues_after_empty_signature_is_asked_again(report, verbs):
    committee = [(SIGN, {**SIGNATURE, "number": None}), (SIGN, SIGNATURE)]
    people = People({"standing_office": (APPROVE, {"note": None}), "committee": committee})
    done = run(report, periods_of(REGIME)[5], people=people, conf={"as_of": AS_OF})
    assert done.state == "success", states(done)
    assert verbs.verbs_called().count("sign") == 1
    assert verbs.last("sign")["number"] == SIGNATURE["number"]
    assert "còn trống Số văn bản" in verbs.last("deadline_alarm")["text"]


@pytest.fixture
def open_window():
    """Loaded for this test alone: `dag.test()` leaves the parameters of a run in the DAG object."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags" / "open_window.py")).dags["thanh_hoa_drug_programme__open_window"]


def test_parameter_names_the_period_of_manual_run(open_window, verbs):
    done = open_window.test(
        logical_date=datetime(2026, 3, 1, tzinfo=UTC), run_conf={"period": "2030-END", "as_of": AS_OF}
    )
    assert done.state == "success"
    assert verbs.last("open_window")["period"] == "2030-END"


def test_business_time_without_parameter_is_now(open_window, verbs):
    period = periods_of(REGIME)[0]
    before = datetime.now(UTC)
    done = open_window.test(logical_date=period.opens_at)
    assert done.state == "success"
    assert verbs.last("open_window")["period"] == period.code
    assert before <= verbs.last("open_window")["as_of"] <= datetime.now(UTC)


def called(bag, monkeypatch, dag, task, period, *args):
    """What a task does in a run of that period, without the run."""
    import baocao_runs

    context = {"params": {"period": period, "as_of": AS_OF}, "dag_run": None}
    monkeypatch.setattr(baocao_runs, "get_current_context", lambda: context)
    return bag.dags[dag].get_task(task).python_callable(*args)


@pytest.mark.parametrize(
    ("dag", "task", "args"),
    [
        (OPEN, "open_window", (REGIME, False)),
        (OPEN, "open_window", (REGIME, True)),
        (REPORT, "collect", (REGIME,)),
        ("collect_submissions", "collect", ()),
        ("remind_units", "remind", ()),
    ],
)
def test_clock_that_cannot_be_right_stops_before_the_verb(bag, verbs, monkeypatch, dag, task, args):
    from airflow.sdk.exceptions import AirflowFailException

    from baocao.workflow.installation import Refused

    verbs.FAULTS["require_plausible_time"] = [Refused("Thời điểm sau hôm nay 200 ngày")]
    with pytest.raises(AirflowFailException, match="200 ngày"):
        called(bag, monkeypatch, dag, task, "2026-H1", *args)
    assert verbs.verbs_called() == []


def test_signed_rehearsal_is_issued_and_sent_to_nobody(bag, verbs, monkeypatch):
    from airflow.sdk.exceptions import AirflowSkipException

    first = periods_of(REGIME)[0]
    verbs.REHEARSALS["2026-H1-DT1"] = replace(first, code="2026-H1-DT1", rehearsal_of=first.code)
    with pytest.raises(AirflowSkipException, match="Diễn tập"):
        called(bag, monkeypatch, REPORT, "issue", "2026-H1-DT1", REGIME, {"report_id": 7})
    assert verbs.verbs_called() == []
    after = bag.dags[REPORT].get_task("issue").get_flat_relatives()
    assert {(t.task_id, t.trigger_rule.value) for t in after} == {
        ("signed_copy", "all_success"),
        ("dispatch", "all_success"),
    }


@pytest.mark.parametrize("text", ["hôm qua", "2026-06-22T09:00:00"])
def test_played_time_without_zone_is_refused(text):
    from airflow.sdk.exceptions import AirflowFailException
    from baocao_runs import played_time

    with pytest.raises(AirflowFailException, match="2026-06-20T08:00:00"):
        played_time({"as_of": text})


def test_every_scheduled_run_has_tasks_and_deadlines(bag):
    """A run whose logical date lies before a task's start date gets no task and turns green."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import sync_bag_to_db
    from airflow.models.deadline import Deadline
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        DagBundlesManager().sync_bundles_to_db(session=session)
    sync_bag_to_db(bag, "dags-folder", None)
    assert len(scheduled_periods(REGIME)) == 12
    with create_session() as session:
        for name, moment in (("open_window", "opens"), ("report", "due")):
            stored = SerializedDagModel.get(f"thanh_hoa_drug_programme__{name}", session=session).dag
            for period in scheduled_periods(REGIME):
                made = _scheduled_run(stored, ReportingPeriodTimetable(REGIME, moment).info(period), session)
                session.flush()
                assert made.run_id == period.code
                assert {t.task_id for t in made.get_task_instances(session=session)} == set(stored.task_ids)
                rings = session.scalars(select(Deadline.deadline_time).where(Deadline.dagrun_id == made.id)).all()
                wanted = [] if name == "open_window" else [point_of(period, p) - timedelta(d) for _, p, d in STEPS]
                assert sorted(rings) == sorted(wanted)
        session.rollback()


def _scheduled_run(dag, info, session):
    """The run as the scheduler makes it; one that another test left behind goes first."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from sqlalchemy import delete

    session.execute(delete(DagRun).where(DagRun.dag_id == dag.dag_id, DagRun.logical_date == info.logical_date))
    return dag.create_dagrun(
        run_id=dag.timetable.generate_run_id(
            run_type=DagRunType.SCHEDULED, run_after=info.run_after, data_interval=info.data_interval
        ),
        logical_date=info.logical_date,
        data_interval=info.data_interval,
        run_after=info.run_after,
        run_type=DagRunType.SCHEDULED,
        triggered_by=DagRunTriggeredByType.TIMETABLE,
        state="queued",
        session=session,
    )
