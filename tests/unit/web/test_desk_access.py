"""Each route of the desk with each role: what docs/security.md says is what happens; no route is without a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from baocao.settings import load_settings
from baocao.web.desk import app as desk_app
from baocao.web.desk.access import GRANTS, DeskRole, Permission
from baocao.web.desk.app import routes_of
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.routes import RULES
from baocao.workflow.installation import Installation
from builders.sites.desk import Browser, asker

PROJECT = Path(__file__).resolve().parents[3]
OURS, THEIRS = "thanh-hoa-drug-programme", "hai-phong-legal-aid"
NOW = datetime(2026, 6, 23, 2, 0, tzinfo=UTC)
HELD = {
    DeskRole.VIEWER: ("viewer",),
    DeskRole.OPERATOR: ("Op",),
    DeskRole.OFFICE: ("Signatory", "Approver"),
    DeskRole.SIGNATORY: ("Signatory", "Signer"),
    DeskRole.ADMINISTRATOR: ("Admin",),
}
"""What whoever has the role is called in Airflow or in the list of people."""
_ROW = re.compile(r"^\| `(\w+)`[^|]*\|(.+)\|$", re.MULTILINE)


def documented() -> dict[Permission, set[DeskRole]]:
    """The matrix of docs/security.md: what a route asks for -> the roles that have it."""
    text = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8").partition("## The desk")[2]
    header = re.search(r"^\| may \|(.+)\|$", text, re.MULTILINE)
    assert header is not None
    roles = [DeskRole(name.strip()) for name in header.group(1).split("|")]
    found = {}
    for permission, cells in _ROW.findall(text):
        answers = [cell.strip() for cell in cells.split("|")]
        assert set(answers) <= {"yes", "no"}
        found[Permission(permission)] = {role for role, answer in zip(roles, answers, strict=True) if answer == "yes"}
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    found = Installation(load_settings({"BAOCAO_DATA": str(tmp_path_factory.mktemp("desk"))}))
    found.store.migrate()
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def guarded(place: Installation) -> Iterator[Browser]:
    """The desk with every page replaced by one word: what is left is who gets there."""
    with pytest.MonkeyPatch.context() as patch:
        reached = tuple(replace(rule, handler=lambda ask: PlainTextResponse("reached")) for rule in RULES)
        patch.setattr(desk_app, "RULES", reached)
        browser = Browser(place, None, NOW)
    browser.http.get("/static/none")
    yield browser


def address(rule: RouteRule, regime: str) -> str:
    path = rule.path.replace("{regime}", regime).replace("{period}", "2026-H1")
    return re.sub(r"\{\w+\}", "1", path)


def ask(browser: Browser, rule: RouteRule, regime: str = OURS) -> int:
    if rule.method == "GET":
        return browser.get(address(rule, regime)).status_code
    token = token_of(browser)
    return browser.http.post(address(rule, regime), data={"csrf_token": token}).status_code


def token_of(browser: Browser) -> str:
    """A form's word as our own page gives it to this browser."""
    page = browser.get("/no-such-page")
    word = browser.http.cookies.get("baocao_form")
    assert word, page.text
    return str(browser.desk._csrf._serializer().dumps(word))


def test_the_security_page_shows_the_roles_in_code() -> None:
    granted = {
        permission: {role for role in DeskRole if permission in GRANTS[role]}
        for permission in Permission
        if permission is not Permission.KNOWN
    }
    assert documented() == granted


def test_every_route_has_a_rule_or_is_static(place: Installation) -> None:
    routes = routes_of(Browser(place, None, NOW).desk)
    known = {(rule.method, rule.path) for rule in RULES}
    static = [r.path for r in routes if (sorted((r.methods or set()) - {"HEAD"})[0], r.path) not in known]
    assert static == ["/static/{digest}/{name}"]
    assert len(known) == len(RULES) == len(routes) - 1


def test_an_unforeseen_error_keeps_the_security_headers(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(ask: object) -> Response:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(desk_app, "RULES", (replace(RULES[0], permission=Permission.KNOWN, handler=fail),))
    browser = Browser(place, asker("Admin"), NOW)
    with TestClient(browser.app, raise_server_exceptions=False) as client:
        answer = client.get(address(RULES[0], OURS))
    assert answer.status_code == 500
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cache-control"] == "no-store"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("role", DeskRole)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_each_route_lets_in_whom_the_table_names(guarded: Browser, rule: RouteRule, role: DeskRole) -> None:
    guarded.who = asker(*HELD[role])
    allowed = rule.permission is Permission.KNOWN or role in documented()[rule.permission]
    assert ask(guarded, rule) == (200 if allowed else 403)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_every_route_needs_login_role_and_own_regime(guarded: Browser, rule: RouteRule) -> None:
    guarded.who = None
    assert ask(guarded, rule) == 401
    guarded.who = asker("Public")
    assert ask(guarded, rule) == (200 if rule.permission is Permission.KNOWN else 404)
    guarded.who = asker("Approver", "Signer", "Admin", regimes=frozenset({THEIRS}))
    assert ask(guarded, rule) == (200 if rule.permission is Permission.KNOWN else 404)
    if rule.permission is not Permission.KNOWN:
        assert ask(guarded, rule, THEIRS) == 200


@pytest.mark.parametrize("rule", [r for r in RULES if r.method == "POST"], ids=lambda rule: rule.path)
def test_forms_are_accepted_only_from_our_own_page(guarded: Browser, rule: RouteRule) -> None:
    guarded.who = asker("Approver", "Signer", "Admin", "Op")
    path, token = address(rule, OURS), token_of(guarded)
    assert guarded.http.post(path, data={"csrf_token": token}).status_code == 200
    assert guarded.http.post(path, data={}).status_code == 403
    assert guarded.http.post(path, data={"csrf_token": token + "x"}).status_code == 403
    foreign = {"origin": "https://elsewhere.example"}
    assert guarded.http.post(path, data={"csrf_token": token}, headers=foreign).status_code == 403
    alone = TestClient(guarded.app)
    assert alone.post(path, data={"csrf_token": token}).status_code == 403


def test_a_route_rule_names_its_regime_where_needed() -> None:
    with pytest.raises(ValueError, match="names none"):
        RouteRule("GET", "/everything", Permission.SEE, RULES[0].handler)
    with pytest.raises(ValueError, match="merely known"):
        RouteRule("GET", "/r/{regime}/open", Permission.KNOWN, RULES[0].handler)


def test_if_nobody_has_roles_all_workers_may_decide() -> None:
    regime = Installation(load_settings({})).pack(OURS).regime
    free, listed = (asker("User", nobody_was_given_roles=free) for free in (True, False))
    assert free.roles_in(regime) == {DeskRole.VIEWER, DeskRole.OFFICE, DeskRole.SIGNATORY}
    assert listed.roles_in(regime) == {DeskRole.VIEWER}
    assert asker("Viewer", nobody_was_given_roles=True).roles_in(regime) == {DeskRole.VIEWER}
