"""Who holds which role in the demonstration: one Airflow user a role, for the desk and for the questions."""

from __future__ import annotations

from pathlib import Path

import yaml

from baocao.cli.call import os_user

ROLES = {
    "admin": ("administrator",),
    "operator": ("operator",),
    "office": ("office", "Approver"),
    "committee": ("Signer", "viewer"),
    "viewer": ("viewer",),
}
"""User of Airflow's simple auth manager, whose name is its id -> roles."""
AT_THIS_MACHINE = "office"
"""Who uses the desk alone, from this machine's terminal."""


def give_roles(data: Path) -> Path:
    """Write the list of people into the folder of baocao's data, where there is none yet."""
    file = data / "people.yaml"
    if not file.exists():
        people: list[dict[str, object]] = [
            {"name": user, "airflow_id": user, "roles": list(roles)} for user, roles in ROLES.items()
        ]
        # `baocao desk` over the same data opens for whoever plays it.
        next(one for one in people if one["name"] == AT_THIS_MACHINE)["os_users"] = [os_user().removeprefix("os:")]
        data.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"people": people}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file
