"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

# Each module registers its commands.
from baocao.cli import form_commands, inspection_commands, regime_commands, special_commands  # noqa: F401
from baocao.cli.commands import main

__all__ = ["main"]
