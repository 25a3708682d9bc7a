"""What letters promise is kept: receipt numbers, files to decide on, time for comments."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.intake.receipts import receipt_of
from baocao.workflow.lead_bodies import sharing
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT = COMMUNES[0]


def letters(site: Site, mark: str) -> list[EmailMessage]:
    files = sorted(p for p in site.place.settings.outbox.glob("*.eml") if mark in p.name)
    return [message_from_bytes(p.read_bytes(), policy=policy.default) for p in files]  # type: ignore[misc]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_receipt_numbers_are_short_counted_and_searchable(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened.workbook(UNIT)
    opened.send(UNIT, first, opened.in_time)
    opened.collect()
    again = opened.workbook(UNIT, info={"phone": "0900 000 000"})
    opened.send(UNIT, again, opened.in_time, "bao-cao-2.xlsx")
    opened.collect()
    cli = Cli(opened, monkeypatch)

    said = [text(letter) for letter in letters(opened, f"{UNIT}__accepted")]
    assert [f"Số biên nhận: TH-2026H1-{UNIT}-{n}" in " ".join(said) for n in (1, 2, 3)] == [True, True, False]
    # As it is read out on the telephone.
    found = cli("receipt", f"th 2026h1 {UNIT} 1", "--json", "--regime", REGIME).json
    assert (found["receipt"], found["unit"], found["size"]) == (f"TH-2026H1-{UNIT}-1", UNIT, len(first))
    assert found["replaced_by"] == f"TH-2026H1-{UNIT}-2" and found["on_time"] is True
    answered = {form["form"]: form["answers"] for form in found["forms"]}
    assert all(f"| {n} ô" in said[0] for n in set(answered.values()) - {0} if n > 1)
    with pytest.raises(Refused, match="từng phần"):
        receipt_of(opened.place, f"TH-2026H1-{UNIT}-9")


def test_deciders_receive_note_report_and_workbook(signed: tuple[Site, dict[str, object]]) -> None:
    site, _ = signed
    waits, asks = letters(site, "__report-1-waits"), letters(site, "__report-1-approve")
    assert len(waits) == len(asks) == 1
    for letter in (*waits, *asks):
        names = [part.get_filename() or "" for part in letter.iter_attachments()]
        assert [name.partition("_")[0] for name in names] == ["to-trinh", "bao-cao", "tong-hop"]
        assert f"Gửi kèm thư này: {'; '.join(names)}" in text(letter)


def test_consolidation_waits_for_the_end_of_comments(collected: Site) -> None:
    until = collected.period.comments_until
    assert until is not None and collected.period.unit.due_at < until < collected.period.province.due_at
    sharing.share_slices(collected.place, REGIME, PERIOD, collected.period.unit.due_at + timedelta(hours=8))
    (said, *_) = [text(letter) for letter in letters(collected, "__slice-")]
    assert f"Gửi ý kiến chậm nhất: hết ngày {until:%d/%m/%Y}" in said

    drafting.gate(collected.place, REGIME, PERIOD, until)
    with pytest.raises(Refused, match="lead_comment_days"):
        drafting.consolidate(collected.place, REGIME, PERIOD, until)
    assert drafting.consolidate(collected.place, REGIME, PERIOD, until + timedelta(seconds=1))["version"] == 1
