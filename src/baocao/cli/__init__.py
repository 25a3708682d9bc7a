"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

from baocao.cli import special_commands  # noqa: F401  (registers its commands)
from baocao.cli.commands import main

__all__ = ["main"]
