"""An address corrected by a verb: that entry alone changes, and what waited for it leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from baocao.settings import load_settings
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.addressing import correct_address
from baocao.workflow.mail.mailing import list_mails
from baocao.workflow.periods import windows

ROOT = Path(__file__).resolve().parents[3]
REGIME, PERIOD, UNIT = "hai-phong-legal-aid", "2026-H1", "31-TGPL"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    packs = tmp_path / "goi"
    shutil.copytree(ROOT / "include" / "regimes" / REGIME, packs / REGIME)
    env = {"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path / "var"), "BAOCAO_PACKS": str(packs)}
    place = Installation(load_settings(env))
    yield place
    place.store.close()


def correct(place: Installation, who: str, email: str, *, head: bool = False) -> dict[str, object]:
    at = place.period(REGIME, PERIOD).opens_at + timedelta(hours=1)
    return correct_address(place, REGIME, who, email, head=head, by="van-thu", as_of=at)


def differing(before: bytes, after: bytes) -> list[tuple[bytes, bytes]]:
    old, new = before.splitlines(), after.splitlines()
    assert len(old) == len(new)
    return [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]


def test_a_corrected_unit_address_releases_its_waiting_letter(place: Installation) -> None:
    file = place.folders[REGIME] / "units.csv"
    known = place.pack(REGIME).unit(UNIT)
    assert known is not None
    file.write_bytes(file.read_bytes().replace(known.email.encode(), b"", 1))
    place.forget(REGIME)
    before = file.read_bytes()
    windows.open_window(place, REGIME, PERIOD, place.period(REGIME, PERIOD).opens_at)
    assert [m["unit"] for m in list_mails(place, REGIME, PERIOD, unit=None, statuses=[])] == [UNIT]

    answer = correct(place, UNIT, "moi@stp.example")

    ((_, line),) = differing(before, file.read_bytes())
    assert b"moi@stp.example" in line
    assert (answer["from"], answer["mails_sent"]) == ("", 1)
    assert list_mails(place, REGIME, PERIOD, unit=None, statuses=[]) == []
    with place.store.read() as conn:
        (noted,) = [e for e in events.events(conn, regime=REGIME) if e.action == "address_corrected"]
    assert (noted.actor, noted.payload["pack_sha256"]) == ("van-thu", place.pack(REGIME).sha256)


def test_a_recipients_address_changes_in_its_place_alone(place: Installation) -> None:
    file = place.folders[REGIME] / "regime.yaml"
    who = place.pack(REGIME).regime.recipients[0]
    before = file.read_bytes()
    answer = correct(place, who.id, "tiep-nhan@moi.example")
    ((_, line),) = differing(before, file.read_bytes())
    assert line.strip() == b"email: tiep-nhan@moi.example"
    assert answer["from"] == who.email
    assert place.pack(REGIME).regime.recipients[0].email == "tiep-nhan@moi.example"


@pytest.mark.parametrize(
    ("who", "email", "words"),
    [
        (UNIT, "khong phai", "không hợp lệ"),
        (UNIT, "Tên <a@b.example>", "địa chỉ trần"),
        ("99999", "a@b.example", "99999"),
    ],
)
def test_a_wrong_correction_changes_nothing(place: Installation, who: str, email: str, words: str) -> None:
    before = {p.name: p.read_bytes() for p in place.folders[REGIME].glob("*.*")}
    with pytest.raises(Refused, match=words):
        correct(place, who, email)
    assert {p.name: p.read_bytes() for p in place.folders[REGIME].glob("*.*")} == before
