"""The one Airflow plugin of baocao: it registers what Airflow has to find by name."""

from __future__ import annotations

import baocao_preload
from airflow.plugins_manager import AirflowPlugin
from baocao_answers import AnswersMiddleware
from baocao_deadline import StatutoryDeadline
from baocao_desk import VIEWS, WhenServed
from baocao_links import DeskLink
from baocao_timetable import ReportingPeriodTimetable, StartedByHand, SweepTimetable


class BaocaoPlugin(AirflowPlugin):
    name = "baocao"
    timetables = [ReportingPeriodTimetable, SweepTimetable, StartedByHand]  # noqa: RUF012 - Airflow reads these names from the class
    deadline_references = [StatutoryDeadline]  # noqa: RUF012
    fastapi_root_middlewares = [{"name": "answers", "middleware": AnswersMiddleware}]  # noqa: RUF012
    fastapi_apps = WhenServed()
    external_views = VIEWS
    listeners = [baocao_preload]  # noqa: RUF012
    global_operator_extra_links = [DeskLink()]  # noqa: RUF012
