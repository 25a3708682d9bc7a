"""Personal links: one unit, one period, while the window takes reports; forged, moved, ended ones open nothing."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer

from baocao.settings import ConfigurationError
from baocao.store.portal import links
from baocao.store.trail import events
from baocao.workflow.mail.personal_links import (
    LINGER,
    SIGNED,
    LinkRefused,
    LinkTrouble,
    holder_of,
    personal_link,
    word_of,
)
from baocao.workflow.periods.waiving import waive
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT, OTHER = COMMUNES[:2]
PORTAL = "https://nop-bao-cao.example"


@pytest.fixture
def site(opened: Site) -> Site:
    opened.more["BAOCAO_PORTAL_URL"] = PORTAL + "/"
    return opened


def link_to(site: Site, unit: str = UNIT) -> str:
    with site.place.store.begin() as conn:
        found = personal_link(site.place, conn, REGIME, PERIOD, unit, at=site.opens)
    assert found is not None
    return found


def word_to(site: Site, unit: str = UNIT) -> str:
    return link_to(site, unit).removeprefix(PORTAL + "/v/")


def trouble(site: Site, word: str, **later: float) -> LinkTrouble:
    with pytest.raises(LinkRefused) as refused:
        holder_of(site.place, word, site.in_time + timedelta(**later))
    return refused.value.trouble


def test_link_stays_the_same_and_opens_its_unit(site: Site) -> None:
    first = link_to(site)
    assert first.startswith(PORTAL + "/v/") and link_to(site) == first
    assert link_to(site, OTHER) != first
    holder = holder_of(site.place, word_to(site), site.in_time)
    assert (holder.regime, holder.period, holder.unit) == (REGIME, PERIOD, UNIT)
    assert holder.deadline.due_at == site.period.unit.due_at


def test_without_a_portal_letters_carry_no_link(opened: Site) -> None:
    with opened.place.store.begin() as conn:
        assert personal_link(opened.place, conn, REGIME, PERIOD, UNIT, at=opened.opens) is None


def forged(word: str, *, key: bytes = b"0" * 32, salt: str = "baocao personal link 1", **changed: object) -> str:
    payload = json.loads(base64.urlsafe_b64decode(word.partition(".")[0] + "=="))
    names = ("regime", "period", "unit", "number")
    told = [changed.get(name, value) for name, value in zip(names, payload, strict=True)]
    return str(URLSafeSerializer([key], salt=salt, signer_kwargs=SIGNED).dumps(told))


def test_what_we_did_not_sign_opens_nothing(site: Site) -> None:
    word = word_to(site)
    payload, _, signature = word.partition(".")
    other_payload, _, other_signature = word_to(site, OTHER).partition(".")
    period = forged(word, period="2026-Y").partition(".")[0]
    key = site.place.web_keys.current.secret
    tried = {
        "another key": forged(word),
        "a word signed for our forms": forged(word, key=key, salt="baocao form portal"),
        "another period under the old signature": f"{period}.{signature}",
        "another unit under the old signature": f"{other_payload}.{signature}",
        "another signature": f"{payload}.{other_signature}",
        "one letter less": word[:-1],
        "no signature": payload,
        "empty": "",
        "too long": word + "A" * 4000,
        "not ASCII": "liên-kết",
    }
    assert {what: trouble(site, w) for what, w in tried.items()} == dict.fromkeys(tried, LinkTrouble.UNKNOWN)
    # Genuine signatures over what we never issued: a number, a unit, a period, a regime, another shape.
    for changed in ({"number": 2}, {"unit": "00000"}, {"period": "2026-Y"}, {"regime": "../x"}, {"number": "1"}):
        assert trouble(site, forged(word, key=key, **changed)) is LinkTrouble.UNKNOWN
    assert (
        trouble(site, str(URLSafeSerializer([key], salt="baocao personal link 1", signer_kwargs=SIGNED).dumps("x")))
        is LinkTrouble.UNKNOWN
    )


def test_link_ends_after_lock_unless_extended(site: Site) -> None:
    word, locked = word_to(site), site.period.unit.locked_after
    assert holder_of(site.place, word, locked + LINGER)
    with pytest.raises(LinkRefused) as refused:
        holder_of(site.place, word, locked + LINGER + timedelta(seconds=1))
    assert refused.value.trouble is LinkTrouble.EXPIRED
    until: date = (locked + timedelta(days=5)).date()
    waive(site.place, REGIME, PERIOD, UNIT, until=until, reason="Mưa lũ", by="can-bo", as_of=site.in_time)
    assert holder_of(site.place, word, locked + LINGER + timedelta(days=2)).deadline.extended


def test_renewing_and_revoking_end_a_link_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    baocao, old = Cli(site, monkeypatch), word_to(site)
    at = ("--regime", REGIME, "--period", PERIOD, "--as-of", site.in_time.isoformat(), "--json")
    shown = baocao("link", "show", UNIT, *at).json
    assert shown["link"].endswith(old) and shown["number"] == 1
    why = ("--by", "Cán bộ trực", "--reason", "Thư bị chuyển nhầm người")
    renewed = baocao("link", "renew", UNIT, *why, *at).json
    new = renewed["link"].removeprefix(PORTAL + "/v/")
    assert trouble(site, old) is LinkTrouble.REVOKED
    assert holder_of(site.place, new, site.in_time).unit == UNIT
    assert word_to(site) == new, "letters carry the new one"
    assert baocao("link", "revoke", UNIT, *why, *at).json["revoked"] == 2
    assert trouble(site, new) is LinkTrouble.REVOKED
    with site.place.store.begin() as conn:
        assert personal_link(site.place, conn, REGIME, PERIOD, UNIT, at=site.in_time) is None
    assert "link renew" in baocao("link", "show", UNIT, *at).json["error"]
    assert baocao("link", "revoke", UNIT, *why, *at).code == 3
    assert baocao("link", "renew", "00000", *why, *at).code == 3
    with site.place.store.read() as conn:
        told = [(e.action, e.payload["link"]) for e in events.events(conn, subject=f"unit/{UNIT}")]
        assert told == [("link_shown", 1), ("link_renewed", 2), ("link_revoked", 2)]
        assert all(word not in repr(e) for e in events.events(conn) for word in (old, new))
        assert [bool(x.revoked_at) for x in links.links_of(conn, REGIME, PERIOD, UNIT)] == [True, True]
    # The unit knows at once, and of the new link from its letter alone.
    another, ended = baocao("mail", "list", "--unit", UNIT, "--status", "sent", *at).json[-2:]
    assert (another["step"], ended["step"]) == ("link-renewed-2", "link-revoked-2")
    texts = [baocao("mail", "show", mail["id"], *at).json["text"] for mail in (another, ended)]
    assert new in texts[0] and new not in another["subject"] and all(why[-1] in text for text in texts)
    assert "/v/" not in texts[1] and "đã được thu hồi" in texts[1]


def test_private_key_signs_links_until_it_is_removed(site: Site, tmp_path: Path) -> None:
    word, file = word_to(site), site.data / "web.key"
    assert file.stat().st_mode & 0o777 == 0o600
    first = site.place.web_keys.current
    second = site.place.web_keys.add()
    assert holder_of(site.place, word, site.in_time), "an older key still opens what it signed"
    with site.place.store.read() as conn:
        assert word_of(site.place, links.links_of(conn, REGIME, PERIOD, UNIT)[0]) != word, "signed with the newest"
    file.write_text(second.secret.hex() + "\n", encoding="utf-8")
    assert first != site.place.web_keys.current
    assert trouble(site, word) is LinkTrouble.UNKNOWN


def test_a_wrong_setting_stops_the_start(opened: Site) -> None:
    for name, value in (("BAOCAO_PORTAL_URL", "nop-bao-cao"), ("BAOCAO_WEB_KEY_FILE", "/nowhere/web.key")):
        with pytest.raises(ConfigurationError, match=name):
            opened.more.clear()
            opened.more[name] = value
            assert Site(opened.root, opened.data, more=opened.more).place
    opened.more.clear()
