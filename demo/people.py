"""Who holds which role in the demonstration: one Airflow user a role, for the desk and for the questions."""

from __future__ import annotations

from pathlib import Path

import yaml

ROLES = {
    "admin": ("administrator",),
    "operator": ("operator",),
    "police": ("office", "Approver"),
    "committee": ("Signer", "viewer"),
    "viewer": ("viewer",),
}
"""User of Airflow's simple auth manager, whose name is its id -> roles."""


def give_roles(data: Path) -> Path:
    """Write the list of people into the folder of baocao's data, where there is none yet."""
    file = data / "people.yaml"
    if not file.exists():
        people = [{"name": user, "airflow_id": user, "roles": list(roles)} for user, roles in ROLES.items()]
        data.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"people": people}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file
