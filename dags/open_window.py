"""`<regime>__open_window`: one Airflow DAG a regime, one run a reporting period, at the opening of its window.

Where a regime has many units their blanks are written in parts, as many at a time as its pool has slots.
"""

from datetime import timedelta

from airflow.sdk import DAG, get_current_context, task
from baocao_calendar import is_large, regimes_to_build
from baocao_runs import PASSING_TROUBLE, as_of, manual_of, period_code, period_dag, plausible_as_of, run
from baocao_timetable import ReportingPeriodTimetable


# Each unit's blank and letter is its own transaction: a second try goes on where the first one stopped.
@task(task_display_name="Mở kỳ và gửi biểu trắng", **{**PASSING_TROUBLE, "execution_timeout": timedelta(hours=2)})
def open_window(regime: str, in_parts: bool):
    from baocao.workflow.periods import windows

    of_run = regime, period_code(regime), plausible_as_of()
    if not in_parts:
        return run(windows.open_window, *of_run)
    return windows.in_chunks(run(windows.begin_window, *of_run)["waiting"])


@task(
    task_display_name="Gửi biểu trắng theo phần",
    map_index_template="{{ part }}",
    **{**PASSING_TROUBLE, "execution_timeout": timedelta(hours=1)},
)
def write_blanks(regime: str, units: list[str]):
    get_current_context()["part"] = f"{len(units)} đơn vị: {units[0]} đến {units[-1]}"
    from baocao.workflow.periods import windows

    return run(windows.write_blanks, regime, period_code(regime), units, as_of())


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
        parts = open_window(regime.code, is_large(regime))
        if is_large(regime):
            # Over parts, not units: a mapped task costs Airflow about half a second whatever it does, and more than
            # 1,024 of one task are refused (`max_map_length`).
            write_blanks.partial(regime=regime.code).expand(units=parts)
