"""Who the desk takes somebody for where it runs alone: a proxy is believed from its address, a one-time word once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.requests import Request

from baocao.settings import ConfigurationError
from baocao.web.desk.access import Asker, DeskRole
from baocao.web.desk.who import SESSION, LocalLogin, asker_of, behind_proxy
from baocao.workflow.installation import Installation

PEOPLE = """
people:
- {name: Phó phòng, airflow_id: "2", roles: [Approver], os_users: [pc04], sso_users: [pho.phong]}
- {name: Chủ tịch, roles: [Signer], sso_users: [chu.tich], regimes: [thanh-hoa-drug-programme]}
- {name: Trực máy, roles: [operator], os_users: [truc, pc04]}
"""
PROXY = "10.0.0.2"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.yaml"
    file.write_text(PEOPLE, encoding="utf-8")
    return file


def request(headers: dict[str, str] | None = None, client: str = PROXY) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": raw, "client": (client, 1), "query_string": b""}
    return Request({**scope, "scheme": "http", "server": ("127.0.0.1", 80), "root_path": ""})


def proxied(people: Path, headers: dict[str, str], client: str = PROXY) -> Asker | None:
    identify = behind_proxy(people, "X-Remote-User", lambda r: r.client is not None and r.client.host == PROXY)
    return asyncio.run(identify(request(headers, client)))  # type: ignore[arg-type]


def test_proxy_sign_in_needs_the_proxy_and_list(people: Path) -> None:
    found = proxied(people, {"X-Remote-User": "chu.tich"})
    assert found is not None
    assert (found.name, found.account) == ("Chủ tịch", "sso:chu.tich")
    ours, theirs = (Installation.open({}).pack(c).regime for c in ("thanh-hoa-drug-programme", "hai-phong-legal-aid"))
    assert found.roles_in(ours) == {DeskRole.SIGNATORY}
    assert found.roles_in(theirs) == frozenset()
    assert proxied(people, {"X-Remote-User": "chu.tich"}, client="10.0.0.9") is None
    assert proxied(people, {"X-Remote-User": "nguoi.la"}) is None
    assert proxied(people, {}) is None
    assert proxied(people.with_name("none.yaml"), {"X-Remote-User": "chu.tich"}) is None


def test_the_one_time_address_opens_one_session(people: Path) -> None:
    local = LocalLogin(people, "os:truc")
    word = local.path.rpartition("/")[2]
    assert local.open(request(), "khac") is None
    opened = local.open(request(), word)
    assert opened is not None
    assert local.open(request(), word) is None
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    session = cookie.partition(";")[0]
    inside = asyncio.run(local.identify(request({"cookie": session})))
    assert inside is not None and (inside.name, inside.account) == ("Trực máy", "os:truc")
    assert inside.roles == {"operator"}
    assert asyncio.run(local.identify(request({"cookie": f"{SESSION}=forged"}))) is None
    assert asyncio.run(LocalLogin(people, "os:truc").identify(request({"cookie": session}))) is None


def test_an_account_for_two_people_must_name_one(people: Path) -> None:
    with pytest.raises(ConfigurationError, match="Phó phòng, Trực máy"):
        LocalLogin(people, "os:pc04")
    assert LocalLogin(people, "os:pc04", "Phó phòng").path
    with pytest.raises(ConfigurationError, match="chưa có ai"):
        LocalLogin(people, "os:nobody")


def test_in_airflow_the_list_adds_roles_and_name(people: Path) -> None:
    known = asker_of(people, "police", "airflow:2", {"Signatory"}, lambda p: p.airflow_id == "2")
    assert (known.name, known.roles) == ("Phó phòng", {"Signatory", "Approver"})
    stranger = asker_of(people, "eve", "airflow:9", {"Admin", "regime:khac"}, lambda p: p.airflow_id == "9")
    assert (stranger.name, stranger.regimes, stranger.nobody_was_given_roles) == ("eve", {"khac"}, False)
