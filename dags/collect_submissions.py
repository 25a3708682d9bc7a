"""`collect_submissions`: the Airflow DAG that takes in what units have sent, for all regimes, five times an hour."""

from airflow.sdk import dag, task
from baocao_assets import all_submissions, only_where_something_came_in
from baocao_notes import said_of_sweep, say
from baocao_runs import PASSING_TROUBLE, manual_of, plausible_as_of, run, sweep_dag
from baocao_timetable import SweepTimetable


# A second try cures a locked database or a share that was away; a file already taken in is recognised by its hash.
@task(task_display_name="Nhận và kiểm tra tệp mới", outlets=all_submissions(), **PASSING_TROUBLE)
def collect():
    from baocao.workflow.status import progress
    from baocao.workflow.sweeps import collecting

    answer = run(collecting.collect, plausible_as_of())
    only_where_something_came_in(run(progress.accepted_by_regime))
    say(said_of_sweep(answer))
    return answer


@dag(
    dag_display_name="Thu và kiểm tra bài nộp",
    description="Nhận, kiểm tra và trả lời mọi tệp mới trong hộp thư đến của các chế độ báo cáo",
    doc_md=manual_of(__file__),
    # A file is received when it is seen, and deadlines end with the last second of a day: what the sweep at 00:00 finds
    # and the one at 23:59 did not is received in time.
    schedule=SweepTimetable(
        "0,14,29,44,59 * * * *", timezone="Asia/Ho_Chi_Minh", said="Mười lăm phút một lần và đúng giờ"
    ),
    tags=["baocao", "quét định kỳ"],
    **sweep_dag(),
)
def collect_submissions():
    collect()


collect_submissions()
