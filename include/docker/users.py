"""Make the users of the composition, once: an administrator, the police office and the People's Committee.

Passwords come from the secret files. A user that exists is left alone, so that a password changed in the page stays.
The signatories may read the runs and answer the questions of the report DAGs. Airflow asks for the right to edit a DAG
before it takes an answer, so they have it for these DAGs alone: they can pause them as well, but start nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.www.security import permissions as p

from baocao.regimes.load import load_regime, regime_folders
from baocao.settings import load_settings

SIGNATORY = "Signatory"
# user, role, name on the page; the password is in the secret `<user>_password`
USERS = (
    ("admin", "Admin", "Quản trị"),
    ("police", SIGNATORY, "Cơ quan thường trực"),
    ("committee", SIGNATORY, "Ủy ban nhân dân"),
)
_READ = (
    p.RESOURCE_WEBSITE, p.RESOURCE_DAG, p.RESOURCE_DAG_RUN, p.RESOURCE_DAG_CODE, p.RESOURCE_TASK_INSTANCE,
    p.RESOURCE_HITL_DETAIL, p.RESOURCE_MY_PROFILE, p.RESOURCE_DAG_VERSION,
)  # fmt: skip
_MENU = (p.RESOURCE_DAG, p.RESOURCE_HITL_DETAIL)


def make_users(manager: Any, secrets_dir: Path) -> list[str]:
    """Returns the names of the users made. Raises FileNotFoundError naming the missing secret."""
    _make_role(manager)
    made = []
    for user, role, name in USERS:
        if manager.find_user(username=user):
            continue
        password = (secrets_dir / f"{user}_password").read_text(encoding="utf-8").strip()
        if not manager.add_user(
            username=user, first_name=name, last_name="", email=f"{user}@baocao.example",
            role=manager.find_role(role), password=password,
        ):  # fmt: skip
            raise RuntimeError(f"Airflow đã từ chối tạo người dùng {user}; xem nhật ký ngay phía trên")
        made.append(user)
    return made


def _report_dags() -> list[str]:
    """Of all regimes; a new regime's is added when the one-shot runs again."""
    return [f"{load_regime(folder).dag_prefix}__report" for folder in regime_folders(load_settings())]


def _make_role(manager: Any) -> None:
    role = manager.find_role(SIGNATORY) or manager.add_role(SIGNATORY)
    granted = [
        *((p.ACTION_CAN_READ, resource) for resource in _READ),
        *((p.ACTION_CAN_ACCESS_MENU, resource) for resource in _MENU),
        (p.ACTION_CAN_EDIT, p.RESOURCE_HITL_DETAIL),
        *((p.ACTION_CAN_EDIT, p.resource_name(dag, p.RESOURCE_DAG)) for dag in _report_dags()),
    ]
    for action, resource in granted:
        manager.add_permission_to_role(role, manager.create_permission(action, resource))


def main() -> None:
    with get_application_builder() as builder:
        made = make_users(builder.sm, Path(os.environ.get("SECRETS_DIR", "/run/secrets")))
    print(f"Đã tạo người dùng: {', '.join(made)}" if made else "Người dùng đã có đủ")  # noqa: T201


if __name__ == "__main__":
    main()
