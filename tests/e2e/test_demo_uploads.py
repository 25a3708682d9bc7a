"""The web door of the demonstration: real HTTP, at the business time of each delivery."""

from __future__ import annotations

from datetime import timedelta

from demo.simulate import Delivery
from demo.uploads import Uploads, by_folder

from baocao.model.submission import Status
from builders_portal import arrivals
from builders_site import COMMUNES, REGIME, Site


def test_each_delivery_is_received_at_its_own_moment(opened: Site) -> None:
    opened.more["BAOCAO_PORTAL_URL"] = "http://127.0.0.1:8090"
    first = opened.in_time
    sent = [
        Delivery(first + timedelta(hours=n), unit, f"{unit}.xlsx", opened.workbook(unit))
        for n, unit in enumerate(COMMUNES[:3])
    ]
    sent.append(Delivery(first + timedelta(hours=5), COMMUNES[3], "cu.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 90))
    with Uploads(opened.place, REGIME, opened.code, first) as portal:
        assert portal.send(sent) == 4
    found = arrivals(opened)
    assert [(d.submission.unit, d.submission.received_at) for d in found] == [(d.unit, d.at) for d in sent[:3]]
    assert {d.channel for d in found} == {"portal"} and {d.submission.status for d in found} == {Status.ACCEPTED}


def test_some_units_use_the_folder_and_most_the_portal(opened: Site) -> None:
    units = [u.code for u in opened.units]
    folder = [u for u in units if by_folder(Delivery(opened.in_time, u, "a.xlsx", b""))]
    assert len(folder) <= len(units) / 2
