"""`<regime>__broken_pack`: an Airflow DAG for each regime whose pack cannot be read, so that its other DAGs do not
vanish quietly. It has no schedule and goes away when the pack is mended.

Its id is its own on purpose: under the ids of the regime's DAGs Airflow would take the tasks of a run that waits for a
signature for removed, and end the run.
"""

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowFailException
from baocao_calendar import pack_errors
from baocao_runs import DEFAULT_ARGS, START, manual_of


@task(task_display_name="Nêu lỗi của gói chế độ")
def tell(error: str):
    raise AirflowFailException(error)


for code, error in pack_errors().items():
    with DAG(
        dag_id=f"{code.replace('-', '_')}__broken_pack",
        dag_display_name=f"GÓI HỎNG: {code}",
        description="Gói chế độ không đọc được: các lịch chạy của chế độ này tạm vắng cho tới khi gói được sửa",
        doc_md=manual_of(__file__).format(code=code, error=error),
        start_date=START,
        schedule=None,
        catchup=False,
        tags=["baocao", "gói hỏng", f"regime:{code}"],
        # No alarm mail: it would look up the period in the very pack that cannot be read.
        default_args={**DEFAULT_ARGS, "on_failure_callback": None},
    ):
        tell(error)
