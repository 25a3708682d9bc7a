"""`remind_units`: the Airflow DAG that chases the late from the ledger, for all regimes, hourly in the working day."""

from airflow.sdk import dag, task
from baocao_notes import said_of_sweep, say
from baocao_runs import PASSING_TROUBLE, manual_of, plausible_as_of, require_all_done, run, sweep_dag
from baocao_timetable import SweepTimetable


# A second try cures a mail server that restarts; the ledger keeps a step from going out twice.
@task(task_display_name="Nhắc và gửi thư", **PASSING_TROUBLE)
def remind():
    from baocao.workflow.sweeps import reminding

    answer = run(reminding.remind, plausible_as_of())
    say(said_of_sweep(answer))
    return require_all_done(answer)


@dag(
    dag_display_name="Nhắc đơn vị và gửi thư chờ",
    description="Gửi các bước nhắc đã đến lúc theo sổ nhắc, báo động và mọi thư còn chờ",
    doc_md=manual_of(__file__),
    # On days off as well: a deadline may fall on one, and the ledger knows which day a step belongs to.
    schedule=SweepTimetable("5 7-18 * * *", timezone="Asia/Ho_Chi_Minh", said="Hằng giờ, từ 7 đến 18 giờ"),
    tags=["baocao", "quét định kỳ"],
    **sweep_dag(),
)
def remind_units():
    remind()


remind_units()
