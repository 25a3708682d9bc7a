"""`<regime>__open_window`: one Airflow DAG a regime, one run a reporting period, at the opening of its window."""

from datetime import timedelta

from airflow.sdk import DAG, task
from baocao_calendar import regimes_to_build
from baocao_runs import PASSING_TROUBLE, as_of, manual_of, period_code, period_dag, verbs
from baocao_timetable import ReportingPeriodTimetable


# Each unit's blank and letter is its own transaction: a second try goes on where the first one stopped.
@task(task_display_name="Mở kỳ và gửi biểu trắng", **{**PASSING_TROUBLE, "execution_timeout": timedelta(hours=2)})
def open_window(regime: str):
    return verbs.open_window(regime, period_code(regime), as_of())


for regime in regimes_to_build("open_window"):
    with DAG(
        dag_id=f"{regime.dag_prefix}__open_window",
        dag_display_name=f"{regime.label} · Mở kỳ báo cáo",
        description="Giao nghĩa vụ báo cáo, lập biểu trắng và gửi tới từng đơn vị",
        doc_md=manual_of(__file__, regime.code),
        schedule=ReportingPeriodTimetable(regime.code, "opens"),
        tags=["baocao", f"regime:{regime.code}", "mở kỳ"],
        **period_dag(regime),
    ):
        open_window(regime.code)
