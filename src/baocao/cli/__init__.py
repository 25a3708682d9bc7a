"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

from baocao.cli import inspection_commands, regime_commands, special_commands  # noqa: F401  (they register commands)
from baocao.cli.commands import main

__all__ = ["main"]
