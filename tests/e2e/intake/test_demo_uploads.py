"""The channels of the demonstration: real HTTP, real SMTP and IMAP, the folder, each at its business time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from demo.mails import by_mail, mail_channel
from demo.play import arrive
from demo.prepare import ROOT
from demo.simulate import DroppedFile
from demo.uploads import Uploads, by_folder

from baocao.model.submission import Status
from baocao.workflow.installation import Installation
from builders.sites.portal import arrivals
from builders.sites.site import COMMUNES, REGIME, Site


def test_each_delivery_is_received_at_its_own_moment(opened: Site) -> None:
    opened.more["BAOCAO_PORTAL_URL"] = "http://127.0.0.1:8090"
    first = opened.in_time
    sent = [
        DroppedFile(first + timedelta(hours=n), unit, f"{unit}.xlsx", opened.workbook(unit))
        for n, unit in enumerate(COMMUNES[:3])
    ]
    sent.append(
        DroppedFile(first + timedelta(hours=5), COMMUNES[3], "cu.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90)
    )
    with Uploads(opened.place, REGIME, opened.code, first) as portal:
        assert portal.send(sent) == 4
    found = arrivals(opened)
    assert [(d.submission.unit, d.submission.received_at) for d in found] == [(d.unit, d.at) for d in sent[:3]]
    assert {d.channel for d in found} == {"portal"} and {d.submission.status for d in found} == {Status.ACCEPTED}


def test_uploads_through_all_channels_keep_their_times(opened: Site) -> None:
    """Where there is no Dovecot nobody sends by mail: these units use the folder."""
    opened.more["BAOCAO_PORTAL_URL"] = "http://127.0.0.1:8090"
    with mail_channel() as mails:
        if mails is not None:
            opened.more |= mails.settings
        opened.place.store.close()
        opened.__dict__.pop("place")
        sent = [
            DroppedFile(opened.in_time + timedelta(minutes=n), unit, f"{unit}.xlsx", opened.workbook(unit))
            for n, unit in enumerate(COMMUNES[:4])
        ]
        expected = {d.unit: "mail" if by_mail(d) else "folder" if by_folder(d) else "portal" for d in sent}
        assert set(expected.values()) == {"mail", "folder", "portal"}
        if mails is None:
            expected = {unit: channel.replace("mail", "folder") for unit, channel in expected.items()}
        later = sent[-1].at + timedelta(hours=1)
        came = arrive(opened.place, opened.period, sent, mails)
        assert came == {"portal": 0, "mail": 0, "folder": 0} | Counter(expected.values())
        opened.collect(later)
    found = {d.submission.unit: d for d in arrivals(opened)}
    assert {unit: d.channel for unit, d in found.items()} == expected
    assert {d.submission.status for d in found.values()} == {Status.ACCEPTED}
    for delivery in sent:
        at = later if expected[delivery.unit] == "folder" else delivery.at
        assert found[delivery.unit].submission.received_at == at, expected[delivery.unit]


def test_most_units_use_the_portal(opened: Site) -> None:
    pack = Installation.open({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(opened.data)}).pack(REGIME)
    all_units = [DroppedFile(opened.in_time, u.code, "a.xlsx", b"") for u in pack.units]
    others = [d for d in all_units if by_folder(d) or by_mail(d)]
    assert not [d for d in all_units if by_folder(d) and by_mail(d)]
    assert len(others) < len(all_units) / 2
