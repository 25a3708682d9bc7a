"""Make the users of the composition, once: an administrator, the standing office and the People's Committee; and at
every start the file of who holds which role (`people.yaml`), from the users and roles of Airflow.

Passwords come from the secret files. A user that exists is left alone, so that a password changed in the page stays.
The signatories may read the runs and answer the questions of the report DAGs. Airflow asks for the right to edit a DAG
before it takes an answer, so they have it for these DAGs alone: they can pause them as well, but start nothing.

Who approves and who signs are roles named in each regime (`sign_off`). Give them to users on the page; a role that
nobody has goes to the office's first user. Where a decision has nobody to take it, the start stops and says so.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.www.security import permissions as p

from baocao.model.regime import Regime
from baocao.regimes.load import load_regime, regime_folders
from baocao.settings import load_settings
from baocao.workflow.sign_off.people import read_people, require_deciders

SIGNATORY = "Signatory"
# user, role, name on the page; the password is in the secret `<user>_password`
USERS = (
    ("admin", "Admin", "Quản trị"),
    ("office", SIGNATORY, "Cơ quan thường trực"),
    ("committee", SIGNATORY, "Ủy ban nhân dân"),
)
# user, key of `sign_off`: who is given the role that nobody has
DECIDES = (("office", "approver_role"), ("committee", "signer_role"))
OURS = "# Lập từ người dùng Airflow ở mỗi lần khởi động (os_users ghi thêm được giữ); muốn tự quản thì xóa dòng này.\n"
_READ = (
    p.RESOURCE_WEBSITE, p.RESOURCE_DAG, p.RESOURCE_DAG_RUN, p.RESOURCE_DAG_CODE, p.RESOURCE_TASK_INSTANCE,
    p.RESOURCE_HITL_DETAIL, p.RESOURCE_MY_PROFILE, p.RESOURCE_DAG_VERSION, p.RESOURCE_PLUGIN,  # the desk's place
)  # fmt: skip
_MENU = (p.RESOURCE_DAG, p.RESOURCE_HITL_DETAIL)


def make_users(manager: Any, secrets_dir: Path, regimes: Sequence[Regime]) -> list[str]:
    """Returns the names of the users made. Raises FileNotFoundError naming the missing secret."""
    _make_role(manager, SIGNATORY, regimes)
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


def give_roles(manager: Any, regimes: Sequence[Regime]) -> list[str]:
    """Make the roles of the decisions; one that nobody has goes to its office's first user. Returns "user: role"."""
    given = []
    for regime in regimes:
        names = {key: getattr(regime.sign_off, key) for _, key in DECIDES}
        for user, key in DECIDES:
            role = _make_role(manager, names[key], regimes)
            holders = [u for u in manager.get_all_users() if role in u.roles and u.active]
            found = manager.find_user(username=user)
            # One role for both decisions still needs two people.
            if found is None or found in holders or len(holders) >= (2 if len(set(names.values())) == 1 else 1):
                continue
            found.roles = [*found.roles, role]
            manager.update_user(found)
            given.append(f"{user}: {names[key]}")
    return given


def write_people(manager: Any, file: Path) -> bool:
    """Write who holds which role; False where the installation keeps the file itself. Delegations stay."""
    if file.exists() and not file.read_text(encoding="utf-8").startswith(OURS):
        return False
    known = read_people(file)
    people = []
    for user in sorted(manager.get_all_users(), key=lambda u: u.id):
        before = known.named(user.username) if known else None
        roles = sorted(r.name for r in user.roles)
        person: dict[str, Any] = {"name": user.username, "airflow_id": str(user.id), "roles": roles}
        # A role `regime:<code>` limits its holder to that regime, on the desk and in the decisions.
        if regimes := [r.removeprefix("regime:") for r in roles if r.startswith("regime:")]:
            person["regimes"] = regimes
        for kept in ("os_users", "sso_users"):
            if before and getattr(before, kept):
                person[kept] = list(getattr(before, kept))
        if user.active:
            people.append(person)
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.new")
    aside.write_text(OURS + yaml.safe_dump({"people": people}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    aside.replace(file)
    return True


def _make_role(manager: Any, name: str, regimes: Sequence[Regime]) -> Any:
    """With what a signatory may, for the report DAGs of all regimes; a new regime's is added at the next start."""
    role = manager.find_role(name) or manager.add_role(name)
    granted = [
        *((p.ACTION_CAN_READ, resource) for resource in _READ),
        *((p.ACTION_CAN_ACCESS_MENU, resource) for resource in _MENU),
        (p.ACTION_CAN_EDIT, p.RESOURCE_HITL_DETAIL),
        *((p.ACTION_CAN_EDIT, p.resource_name(f"{r.dag_prefix}__report", p.RESOURCE_DAG)) for r in regimes),
    ]
    for action, resource in granted:
        manager.add_permission_to_role(role, manager.create_permission(action, resource))
    return role


def main() -> None:
    settings = load_settings()
    regimes = [load_regime(folder) for folder in regime_folders(settings)]
    with get_application_builder() as builder:
        made = make_users(builder.sm, Path(os.environ.get("SECRETS_DIR", "/run/secrets")), regimes)
        given = give_roles(builder.sm, regimes)
        ours = write_people(builder.sm, settings.people_file)
    require_deciders(settings.people_file, regimes)
    print(f"Đã tạo người dùng: {', '.join(made)}" if made else "Người dùng đã có đủ")  # noqa: T201
    print(f"Phân vai: {settings.people_file}{'' if ours else ' (tự quản)'} {'; '.join(given)}".rstrip())  # noqa: T201


if __name__ == "__main__":
    main()
