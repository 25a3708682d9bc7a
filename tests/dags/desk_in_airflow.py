"""A program for a test: Airflow's own web application with the desk in it, asked for every route by every user.

Run in a process of its own, because Airflow knows one auth manager a process. Prints `{user: {route: answer}}`:
`login` (sent to log in, or 401), `role` (refused for want of a role), `form` (a form that is not from our page), else
the status. The handlers of the pages are left out: who gets there is the question.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REGIME = "thanh-hoa-drug-programme"
PASSWORD = "mat-khau-thu-1"


def make_users() -> dict[str, str]:
    """User -> password, of the auth manager that is configured."""
    from airflow.configuration import conf

    if "FabAuthManager" not in conf.get("core", "auth_manager"):
        file = Path(conf.get("core", "simple_auth_manager_passwords_file"))
        return dict(json.loads(file.read_text()))
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    from baocao.regimes.load import load_regime, regime_folders
    from baocao.settings import load_settings

    found = importlib.util.spec_from_file_location("users", ROOT / "include" / "docker" / "users.py")
    assert found is not None and found.loader is not None
    users: Any = importlib.util.module_from_spec(found)
    found.loader.exec_module(users)
    settings = load_settings()
    regimes = [load_regime(folder) for folder in regime_folders(settings)]
    secrets = Path(os.environ["SECRETS_DIR"])
    for name, _, _ in users.USERS:
        (secrets / f"{name}_password").write_text(PASSWORD)
    with get_application_builder() as builder:
        users.make_users(builder.sm, secrets, regimes)
        for name, role in (("operator", "Op"), ("viewer", "Viewer"), ("nobody", "Public")):
            said = {"username": name, "first_name": name, "last_name": "", "email": f"{name}@x.example"}
            builder.sm.add_user(**said, role=builder.sm.find_role(role), password=PASSWORD)
        users.give_roles(builder.sm, regimes)
        users.write_people(builder.sm, settings.people_file)
    return dict.fromkeys(("admin", "office", "committee", "operator", "viewer", "nobody"), PASSWORD)


def answer_of(response: Any) -> str:
    if response.status_code == 401 or "/auth/login" in response.headers.get("location", ""):
        return "login"
    if response.status_code == 403:
        return "role" if "không được làm việc này" in response.text else "form"
    return "reached" if response.text == "reached" else str(response.status_code)


def main() -> None:
    from airflow.utils import db

    db.initdb()
    passwords = make_users()

    from starlette.responses import PlainTextResponse
    from starlette.testclient import TestClient

    from baocao.web.desk import app as desk_app
    from baocao.web.desk.routes import RULES

    reached = tuple(replace(rule, handler=lambda ask: PlainTextResponse("reached")) for rule in RULES)
    vars(desk_app)["RULES"] = reached
    from airflow.api_fastapi.app import create_app

    http = TestClient(create_app(apps="core"), follow_redirects=False)
    told: dict[str, dict[str, str]] = {}
    for user, password in {"": "", **passwords}.items():
        http.cookies.clear()
        headers = {}
        if user:
            token = http.post("/auth/token", json={"username": user, "password": password})
            if token.status_code != 201:
                raise SystemExit(f"{user}: {token.status_code} {token.text}")
            http.cookies.clear()
            headers = {"authorization": f"Bearer {token.json()['access_token']}"}
        told[user] = {}
        for rule in RULES:
            path = rule.path.replace("{regime}", REGIME).replace("{period}", "2026-H1")
            path = "/baocao" + re.sub(r"\{\w+\}", "1", path)
            sent = http.request(rule.method, path, headers=headers)
            told[user][f"{rule.method} {rule.path}"] = answer_of(sent)
    http.cookies.clear()
    told["paths"] = {path: answer_of(http.get(f"/baocao{path}")) for path in ("/docs", "/openapi.json", "/redoc")}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
