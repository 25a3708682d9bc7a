"""`baocao`: the same verbs as the DAGs, without Airflow. `--json` on everything that answers."""

# Each module registers its commands.
from baocao.cli import (  # noqa: F401
    audit_commands,
    backup_commands,
    cascade_commands,
    copy_commands,
    correction_commands,
    coverage_commands,
    desk_commands,
    form_commands,
    inbox_commands,
    inspection_commands,
    lead_commands,
    link_commands,
    mail_commands,
    metrics_commands,
    narrative_commands,
    receipt_commands,
    regime_commands,
    source_commands,
    special_commands,
    submission_commands,
    term_commands,
)
from baocao.cli.commands import main
from baocao.cli.vietnamese import speak_vietnamese

speak_vietnamese(main)

__all__ = ["correction_commands", "main"]
