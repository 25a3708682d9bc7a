"""`<regime>__ad_hoc`: an Airflow DAG a regime, started by hand: an authority asks for a report outside the calendar."""

from airflow.sdk import DAG, get_current_context, task
from baocao_calendar import regimes_to_build
from baocao_later import LaterRun
from baocao_requests import asked_for, request_params
from baocao_runs import PASSING_TROUBLE, as_of, hand_started_dag, manual_of, run
from baocao_timetable import StartedByHand


# The same request asked again on the same day is the same period: a second try goes on where the first one stopped.
@task(task_display_name="Mở kỳ, gửi biểu trắng", **PASSING_TROUBLE)
def open_request(regime: str):
    from baocao.workflow.periods import special

    filled_in = get_current_context()["params"]
    by, reason = filled_in.get("by") or "", filled_in.get("reason") or ""
    return run(special.request_report, regime, *asked_for(filled_in), by=by, reason=reason, as_of=as_of())


for regime in regimes_to_build("ad_hoc"):
    if regime.ad_hoc is None:
        continue
    with DAG(
        dag_id=f"{regime.dag_prefix}__ad_hoc",
        dag_display_name=f"{regime.label} · Báo cáo đột xuất",
        description="Mở một kỳ riêng theo yêu cầu: biểu, dòng, đơn vị, ngày chốt và hạn do yêu cầu đặt ra",
        doc_md=manual_of(__file__, regime.code),
        schedule=StartedByHand(),
        tags=["baocao", f"regime:{regime.code}", "đột xuất"],
        **hand_started_dag(regime, request_params(regime)),
    ):
        opened = open_request(regime.code)
        answer = "ti.xcom_pull(task_ids='open_request')"
        # The report's run waits in Airflow's own queue until the units' deadline; the period is its name.
        opened >> LaterRun(
            task_id="schedule_report",
            task_display_name="Hẹn lượt tổng hợp",
            trigger_dag_id=f"{regime.dag_prefix}__report",
            trigger_run_id=f"{{{{ {answer}['code'] }}}}",
            conf={"period": f"{{{{ {answer}['code'] }}}}"},
            # Of a run whose logical date lies in the future Airflow 3.3 starts no task and keeps it `running`.
            logical_date=None,
            run_after=f"{{{{ {answer}['report_after'] }}}}",
            # The same request on the same day has the same code: its run waits already, which is no failure of a second
            # try.
            skip_when_already_exists=True,
        )
