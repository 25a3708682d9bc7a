"""The one installation of a process that lives long: Airflow's tasks and plugins run every verb on it."""

from __future__ import annotations

from functools import cache

from baocao.workflow.installation import Installation


@cache
def installation() -> Installation:
    """The installation that the environment describes. Raises ConfigurationError."""
    return Installation.open()
