"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

# Each module registers its commands.
from baocao.cli import inspection_commands as _inspection_commands  # noqa: F401
from baocao.cli import special_commands as _special_commands  # noqa: F401
from baocao.cli.commands import main

__all__ = ["main"]
