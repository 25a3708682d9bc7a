"""The desk inside Airflow's own web application: nobody without Airflow's login, and each user what its role may."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from demo.people import ROLES, give_roles

from baocao.web.desk.access import GRANTS, DeskRole, Permission
from baocao.web.desk.routes import RULES

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
HELD = {
    "admin": DeskRole.ADMINISTRATOR,
    "operator": DeskRole.OPERATOR,
    "office": DeskRole.OFFICE,
    "committee": DeskRole.SIGNATORY,
    "viewer": DeskRole.VIEWER,
}
"""User of `make ui` and of the composition -> what they are on the desk."""


@pytest.mark.parametrize("manager", [SIMPLE, FAB], ids=["simple", "fab"])
def test_each_route_admits_only_the_roles_it_names(manager, tmp_path):
    told = asked_by_everybody(manager, tmp_path)
    assert set(told.pop("paths").values()) <= {"login", "404"}, "no page about the application itself"
    assert set(told.pop("").values()) == {"login"}, "anonymous"
    nobody = told.pop("nobody", None)
    assert nobody is None or set(nobody.values()) <= {"reached", "form", "404"}
    assert set(told) == set(HELD)
    wrong = {
        f"{user}: {name}": answers[name]
        for user, answers in told.items()
        for rule in RULES
        for name in [f"{rule.method} {rule.path}"]
        if answers[name] != expected(HELD[user], rule)
    }
    assert wrong == {}


def expected(role, rule):
    if rule.permission is not Permission.KNOWN and rule.permission not in GRANTS[role]:
        return "role"
    return "reached" if rule.method == "GET" else "form"


def asked_by_everybody(manager, folder):
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(ROLES, "mat-khau-thu-1")))
    give_roles(folder / "var") if manager == SIMPLE else None
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__CORE__AUTH_MANAGER": manager,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,operator:op,office:user,committee:user,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API_AUTH__JWT_SECRET": "0" * 64,
        "AIRFLOW__API__SECRET_KEY": "1" * 64,
        "BAOCAO_DATA": str(folder / "var"),
        "SECRETS_DIR": str(folder),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "desk_in_airflow.py")], env=env, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
