"""One regime's office never sees another's rows or files: every page and every download of the desk, asked under one's
own address with the numbers of the others' rows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from baocao.delivery.outbox import OPERATOR
from baocao.settings import load_settings
from baocao.store import windows
from baocao.store.tables import cell, event, finding, outbox, submission
from baocao.store.trail import events
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.routes import RULES
from baocao.workflow.installation import Installation
from builders.sites.desk import Browser, asker

PROJECT = Path(__file__).resolve().parents[3]
OURS, THEIRS, PERIOD, UNIT = "thanh-hoa-drug-programme", "hai-phong-legal-aid", "2026-H1", "14797"
SECRET = "ChiCuaHo"
"""Stands in everything of theirs that a page could show."""
NOW = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)
NUMBER = 4711
"""Of their submissions, letters, files and findings; nothing of ours has it."""
_ROWS = ("{submission}", "{mail}", "{file}", "{inspection}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    found = Installation(load_settings({"BAOCAO_DATA": str(tmp_path_factory.mktemp("offices"))}))
    found.store.migrate()
    with found.store.begin() as conn:
        for regime in (OURS, THEIRS):
            pack, period = found.at(regime, PERIOD)
            windows.open_window(conn, regime, PERIOD, period.opens_at, pack.sha256)
        owed = windows.Obligation(UNIT, f"Xã {SECRET}", False, period.unit.due_at, period.unit.locked_after)
        windows.add_obligations(conn, THEIRS, PERIOD, [owed])
        sha256 = found.store.files.put(SECRET.encode())
        sent = {
            "regime": THEIRS, "period": PERIOD, "unit": UNIT, "channel": "folder", "filename": f"{SECRET}.xlsx",
            "sha256": sha256, "size": 8, "received_at": NOW,
        }  # fmt: skip
        known = {"status": "ACCEPTED", "decided_at": NOW, "on_time": True, "receipt_number": SECRET}
        waits = {"status": "RECEIVED", "waiting_since": NOW, "unit": "", "info": {"says": {"regime": THEIRS}}}
        conn.execute(insert(submission), [{**sent, **known, "id": NUMBER, "marked_sha256": sha256}])
        conn.execute(insert(submission), [{**sent, **waits, "id": NUMBER + 1}])
        said = {"form": "B1", "row": "R1", "col": "C1", "answer": "value", "value": SECRET}
        conn.execute(insert(cell), [{"submission_id": NUMBER, **said, "sheet": "B1", "a1": "C3"}])
        texts = dict.fromkeys(("item", "name", "message", "expected", "actual", "suggestion", "explanation"), SECRET)
        at = {"rule": "V21", "severity": "blocks", "sheet": "B1", "a1": "C3", "key": "V21|B1/R1/C1"}
        conn.execute(insert(finding), [{"submission_id": NUMBER, **at, **texts}])
        letter = {
            "regime": THEIRS, "period": PERIOD, "recipient": f"{SECRET}@xa.example", "subject": SECRET, "text": SECRET,
            "html": "", "attachments": [], "status": "FAILED", "attempts": 9, "created_at": NOW, "error": SECRET,
        }  # fmt: skip
        own = {"unit": UNIT, "step": "window_opened", "message_id": "<1@xa.example>"}
        alarm = {"unit": OPERATOR, "step": "alarm/1", "message_id": "<2@xa.example>"}
        conn.execute(insert(outbox), [{**letter, **own, "id": NUMBER}, {**letter, **alarm, "id": NUMBER + 1}])
        events.append(conn, NOW, SECRET, "window_opened", (THEIRS, PERIOD), SECRET, {"said": SECRET})  # fmt: skip
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def browser(place: Installation) -> Browser:
    """Everything but an administrator of the others, and in one regime alone."""
    return Browser(place, asker("Approver", "Signer", "operator", regimes=frozenset({OURS})), NOW)


def address(rule: RouteRule, number: int = NUMBER) -> str:
    path = rule.path.replace("{regime}", OURS).replace("{period}", PERIOD).replace("{unit}", UNIT)
    for name in _ROWS:
        path = path.replace(name, str(number))
    return re.sub(r"\{\w+\}", "1", path)


@pytest.mark.parametrize("rule", [r for r in RULES if r.method == "GET"], ids=lambda rule: str(rule.path))
def test_no_page_or_download_shows_other_offices_data(browser: Browser, rule: RouteRule) -> None:
    for number in (NUMBER, NUMBER + 1):
        answer = browser.get(address(rule, number))
        assert SECRET.encode() not in answer.content
        is_form = any(r.method == "POST" and r.path == rule.path for r in RULES)
        if any(name in rule.path for name in _ROWS) and not is_form:
            assert answer.status_code in {404, 409}
        else:
            assert answer.status_code in {200, 303, 404, 409}


@pytest.mark.parametrize(
    "rule",
    [r for r in RULES if r.method == "POST" and any(n in r.path for n in _ROWS)],
    ids=lambda rule: str(rule.path),
)
def test_no_step_touches_what_is_theirs(browser: Browser, place: Installation, rule: RouteRule) -> None:
    with place.store.read() as conn:
        before = conn.execute(select(func.count()).select_from(event)).scalar_one()
    form = browser.get(address(rule))
    if form.status_code == 200:
        filled = {"reason": "Thử", "address": "thu@xa.example", "unit": "14758", "text": "Thử"}
        answer = browser.send(address(rule), filled)
        assert answer.status_code in {404, 409, 422}, answer.text[:500]
        assert SECRET not in answer.text
    with place.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(event)).scalar_one() == before
        recipients = set(conn.execute(select(outbox.c.recipient)).scalars())
        left = conn.execute(select(submission.c.status).where(submission.c.id == NUMBER + 1)).scalar_one()
    assert (recipients, left) == ({f"{SECRET}@xa.example"}, "RECEIVED")


def test_their_own_office_sees_all_of_it(place: Installation) -> None:
    """What the tests above look for is there to be found."""
    theirs = Browser(place, asker("Approver", "operator", regimes=frozenset({THEIRS})), NOW)
    own, here = f"/r/{THEIRS}", f"/r/{THEIRS}/p/{PERIOD}"
    pages = [
        *("/alarms", f"{own}/audit", f"{own}/inbox", f"{own}/inbox/{NUMBER + 1}/file"),
        *(f"{own}/s/{NUMBER}/{what}" for what in ("file", "marked", "cells")),
        *(f"{here}/{name}" for name in ("units", "mail", f"mail/{NUMBER}", "points", "findings", f"u/{UNIT}")),
    ]
    for page in pages:
        answer = theirs.get(page)
        assert answer.status_code == 200, page
        assert SECRET.encode() in answer.content, page


def test_only_its_own_office_sees_an_unreadable_pack(tmp_path: Path) -> None:
    """With the file, the place and the reason; what can be read goes on."""
    root, regimes = tmp_path / "root", tmp_path / "root" / "include" / "regimes"
    regimes.mkdir(parents=True)
    for name in ("sql", "include/templates", "include/reference"):
        (root / name).symlink_to(PROJECT / name)
    (regimes / THEIRS).symlink_to(PROJECT / "include" / "regimes" / THEIRS)
    shutil.copytree(PROJECT / "include" / "regimes" / OURS, regimes / OURS)
    broken = regimes / OURS / "regime.yaml"
    broken.write_text(
        broken.read_text(encoding="utf-8").replace("time_zone", "mui_gio", 1) + "\nla: khoa-la\n", "utf-8"
    )
    place = Installation(load_settings({"BAOCAO_ROOT": str(root), "BAOCAO_DATA": str(tmp_path / "var")}))
    place.store.migrate()
    try:
        browser = Browser(place, asker("Approver"), NOW)
        page = browser.get("/")
        assert page.status_code == 200
        said = re.search(r'<div class="verdict bad"[^>]*>.*?</div>', page.text, re.DOTALL)
        assert said is not None and OURS in said[0] and "regime.yaml" in said[0] and "khoa-la" not in said[0], page.text
        assert re.search(r"\bla\b", said[0]), "the key"
        assert f"/r/{THEIRS}" in page.text and f'href="/r/{OURS}"' not in page.text
        assert browser.get(f"/r/{OURS}").status_code == 404
        browser.who = asker("Approver", regimes=frozenset({THEIRS}))
        assert OURS not in browser.get("/").text
    finally:
        place.store.close()
