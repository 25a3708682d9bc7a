"""Several regimes share one machine and one inbox: whose file it is, and in whose name we write."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from demo.other_regimes import Played, installation

from baocao.store.mail import outbox_rows
from baocao.workflow.installation import Installation
from baocao.workflow.periods import windows
from baocao.workflow.sweeps import collecting
from builders.sites.regimes import PROJECT

NO_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = installation(tmp_path / "var", PROJECT)
    yield place
    place.store.close()


def dropped(place: Installation, folder: str) -> dict[str, str]:
    """What was written after a file that is no workbook lay in that folder: mail name -> text."""
    at = Played(place, "hai-phong-legal-aid", "2026-H1").sending
    file = place.settings.inbox / folder / "bao-cao.xlsx"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(NO_WORKBOOK)
    done = collecting.collect(place, at)
    assert done["quarantined"] + done["waiting"] == 1
    mails = {}
    for path in place.settings.outbox.glob("*.eml"):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        assert body is not None
        mails[path.name] = body.get_content()
    return mails


def test_sender_of_two_regimes_gets_one_answer(place: Installation) -> None:
    (name,) = dropped(place, "31-TGPL")
    assert "__31-TGPL__quarantined" in name


def test_alarm_about_unknown_sender_names_no_regime(place: Installation) -> None:
    (text,) = dropped(place, ".").values()
    assert "không gắn với chế độ nào" in text
    for code in place.folders:
        assert place.pack(code).regime.name not in text


def test_owner_of_misdirected_workbook_learns_who_sent_it(place: Installation) -> None:
    regime, other = "hai-phong-legal-aid", "thanh-hoa-drug-programme"
    at = Played(place, regime, "2026-H1")
    windows.open_window(place, regime, "2026-H1", at.sending)
    owner = next(u for u in place.pack(regime).units if place.pack(other).unit(u.code) is None)
    name, data = windows.blank_for(place, regime, "2026-H1", owner.code)
    folder = place.settings.inbox / "14797"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)
    assert collecting.collect(place, at.sending)["quarantined"] == 1
    with place.store.read() as conn:
        told = {m.step.rpartition("-")[0]: m for m in outbox_rows.mails(conn, statuses=["SENT"]) if "-" in m.step}
    assert told["quarantined"].unit == "14797"
    assert (told["sent-by-another"].unit, told["sent-by-another"].regime) == (owner.code, regime)
    sender = place.pack(other).unit("14797")
    assert sender is not None and sender.full_name in told["sent-by-another"].text
