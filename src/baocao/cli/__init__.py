"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

from baocao.cli import term_commands as term_commands
from baocao.cli.commands import main

__all__ = ["main"]
