"""`<regime>__report`: one Airflow DAG a regime, one run a reporting period, from the units' deadline to dispatch."""

from airflow.sdk import DAG, task
from baocao_assets import signed_report_of, submissions_of
from baocao_calendar import regimes_to_build
from baocao_deadline import deadline_alerts
from baocao_issuing import build, dispatch, issue, signed_copy
from baocao_runs import PASSING_TROUBLE, as_of, manual_of, period_code, period_dag, plausible_as_of, run
from baocao_sign_off import sign_off
from baocao_timetable import ReportingPeriodTimetable


# A second try cures a locked database or a share that was away; a file already taken in is recognised by its hash.
@task(task_display_name="Thu nốt bài nộp", **PASSING_TROUBLE)
def collect(regime: str):
    from baocao.workflow.sweeps import collecting

    return run(collecting.collect, plausible_as_of(), regime=regime)


# No second try: a disagreement between the gate and the checks does not go away by asking again.
@task(task_display_name="Cổng kiểm tra số liệu")
def gate(regime: str):
    from baocao.workflow.consolidating import drafting

    return run(drafting.gate, regime, period_code(regime), as_of())


# A second try cures a locked database; unchanged inputs give the same draft again.
@task(task_display_name="Tổng hợp số liệu", **PASSING_TROUBLE)
def consolidate(regime: str):
    from baocao.workflow.consolidating import drafting

    return run(drafting.consolidate, regime, period_code(regime), as_of())


for regime in regimes_to_build("report"):
    with DAG(
        dag_id=f"{regime.dag_prefix}__report",
        dag_display_name=f"{regime.label} · Tổng hợp, ký, gửi",
        description="Kiểm tra, tổng hợp, lập văn bản, duyệt, ký và gửi báo cáo của một kỳ",
        doc_md=manual_of(__file__, regime.code),
        schedule=ReportingPeriodTimetable(regime.code, "due"),
        deadline=deadline_alerts(),
        tags=["baocao", f"regime:{regime.code}", "tổng hợp", "ký duyệt"],
        **period_dag(regime),
    ):
        built = build(draft := consolidate(regime.code))
        collect(regime.code) >> gate.override(inlets=[submissions_of(regime)])(regime.code) >> draft
        issued = issue.override(outlets=[signed_report_of(regime)])(regime.code, built)
        sent = dispatch.override(inlets=[signed_report_of(regime)])(built)
        sign_off(regime, built, "issue") >> issued >> signed_copy(regime.code, built) >> sent
