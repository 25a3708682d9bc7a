"""What the desk lists of units is what the standings say, on both databases; names are found and ordered as people
write them."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection

from baocao.model.deadline import WaiverKind
from baocao.store import standing, waivers, windows
from baocao.store.browse import forms, standings
from baocao.store.browse.standings import Wanted
from baocao.store.database import Store
from baocao.store.standing import Standing
from baocao.store.submissions import submissions
from baocao.text import search_key, vietnamese_order
from builders.sites.store import PERIOD, REGIME, an_obligation, minute, received

NAMES = ("Xã Án Đổ", "Xã An Nông", "Xã Ẩn Sơn", "Phường Đông Sơn", "Phường Dũng Tiến", "Xã Ăn Thượng", "Xã Âu Lâu")


def sent(conn: Connection, unit: str, at: int, what: str) -> int:
    """A submission of a unit that became accepted in time or late, returned, or still waits."""
    row = received(conn, unit, str(at), at)
    if what in {"in time", "late"}:
        receipt = f"B-{row.id}"
        submissions.accept(conn, row, decided_at=minute(at), on_time=what == "in time", receipt_number=receipt)
    elif what == "returned":
        submissions.return_(conn, row, decided_at=minute(at))
    return int(row.id)


def test_the_list_agrees_with_the_standings(store: Store) -> None:
    draw = random.Random(26)
    units = [f"{14000 + n}" for n in range(40)]
    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation(unit) for unit in units])
        for unit in units:
            for turn in range(draw.randrange(4)):
                sent(conn, unit, 10 + turn, draw.choice(["in time", "late", "returned", "waits"]))
            for _ in range(draw.randrange(3)):
                kind = draw.choice(list(WaiverKind))
                until = None if kind is WaiverKind.WAIVER else minute(60 * 24 * draw.randrange(20, 40))
                granted = waivers.grant(
                    conn, regime=REGIME, period=PERIOD, unit=unit, kind=kind, until=until, reason="Bão",
                    granted_by="PC04", granted_at=minute(draw.randrange(9)),
                )  # fmt: skip
                if draw.random() < 0.4:
                    waivers.withdraw(conn, granted, reason="Hết bão", by="PC04", at=minute(20))
    with store.read() as conn:
        whole = {u.obligation.unit: u for u in standing.standing_of(conn, REGIME, PERIOD)}
        lines, total = standings.page(conn, REGIME, PERIOD, Wanted(count=100))
        counted = standings.counts(conn, REGIME, PERIOD)
        some, of_them = standings.page(conn, REGIME, PERIOD, Wanted(standings=(Standing.LATE,), count=2))
    assert len(lines) == total == len(units)
    for line in lines:
        one = whole[line.unit]
        assert (line.standing, line.sent, line.corrected_late) == (one.standing, one.sent, one.corrected_late), line
        if one.deadline.owes:
            assert line.due_at == one.deadline.due_at, line
    assert set(Standing) == set(counted)
    assert all(counted[s] == sum(u.standing is s for u in whole.values()) for s in Standing)
    assert len(set(counted.values())) > 2, "the drawn units say little"
    assert of_them == counted[Standing.LATE]
    assert len(some) == min(2, of_them)


def test_names_match_without_diacritics_in_dictionary_order(store: Store) -> None:
    with store.begin() as conn:
        owed = [an_obligation(f"{n}", unit_name=name) for n, name in enumerate(NAMES)]
        windows.add_obligations(conn, REGIME, PERIOD, owed)
    with store.read() as conn:
        ordered = [line.name for line in standings.page(conn, REGIME, PERIOD, Wanted())[0]]
        found = {line.name for line in standings.page(conn, REGIME, PERIOD, Wanted(search="XA AN"))[0]}
        nothing = standings.page(conn, REGIME, PERIOD, Wanted(search="100%"))[1]
        by_code = [line.unit for line in standings.page(conn, REGIME, PERIOD, Wanted(search="3"))[0]]
    assert ordered == [
        "Phường Dũng Tiến", "Phường Đông Sơn", "Xã Án Đổ", "Xã An Nông", "Xã Ăn Thượng", "Xã Ẩn Sơn", "Xã Âu Lâu",
    ]  # fmt: skip
    assert found == {"Xã Án Đổ", "Xã An Nông", "Xã Ẩn Sơn", "Xã Ăn Thượng"}
    assert nothing == 0
    assert by_code == ["3"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("an", "ăn"),
        ("ăn", "ân"),
        ("dung", "đông"),
        ("ba", "bà"),
        ("bà", "bả"),
        ("bả", "bã"),
        ("bã", "bá"),
        ("bá", "bạ"),
        ("xã 2", "xã a"),
    ],
)
def test_the_order_is_letters_first_then_tones(before: str, after: str) -> None:
    assert vietnamese_order(before) < vietnamese_order(after)
    assert vietnamese_order("Hoà") == vietnamese_order("hòa")
    assert search_key("Xã Hoà Đức") == "xa hoa duc"


def test_unaccepted_reports_count_for_no_form(store: Store) -> None:
    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("14000")])
        sent(conn, "14000", 1, "returned")
    with store.read() as conn:
        assert forms.of_units(conn, REGIME, PERIOD, ["14000", "14001"]) == {}
