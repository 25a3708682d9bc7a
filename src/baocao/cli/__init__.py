"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

# Each module registers its commands.
from baocao.cli import (  # noqa: F401
    desk_commands,
    inspection_commands,
    installation_commands,
    lead_commands,
    mail_commands,
    regime_commands,
    special_commands,
    work_commands,
)
from baocao.cli.commands import main
from baocao.cli.reports import decisions, narrative, sources, term  # noqa: F401
from baocao.cli.units import copies, inbox, links, submissions  # noqa: F401
from baocao.click_in_vietnamese import translate_click

translate_click(main)

__all__ = ["main"]
