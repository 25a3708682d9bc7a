"""Windows, obligations, waivers, and where a period stands."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import Status
from baocao.store import standing, waivers, windows
from baocao.store.database import StepNotAllowed, Store, StoreError
from baocao.store.standing import Standing
from baocao.store.submissions import submissions
from baocao.store.tables import window
from baocao.store.waivers import WaiverKind
from builders.sites.store import DUE, PERIOD, REGIME, accept, accepted, an_obligation, minute, received, sha


def grant(conn: Connection, unit: str = "14797", kind: WaiverKind = WaiverKind.WAIVER, **changes: Any) -> int:
    values: dict[str, Any] = {
        "until": None if kind is WaiverKind.WAIVER else minute(60 * 24 * 30),
        "reason": "Bão số 3",
        "granted_by": "Cơ quan thường trực",
        "granted_at": minute(5),
    }
    return waivers.grant(conn, regime=REGIME, period=PERIOD, unit=unit, kind=kind, **(values | changes))


def test_a_window_keeps_its_first_pack(store: Store) -> None:
    with store.begin() as conn:
        assert windows.window_of(conn, REGIME, PERIOD) is None
        assert windows.open_window(conn, REGIME, PERIOD, minute(0), sha("pack")) is True
        assert windows.open_window(conn, REGIME, PERIOD, minute(9), sha("other pack")) is False
        assert windows.window_of(conn, REGIME, PERIOD) == windows.Window(REGIME, PERIOD, minute(0), sha("pack"))


def test_open_windows_are_listed_oldest_first(store: Store) -> None:
    with store.begin() as conn:
        windows.open_window(conn, REGIME, "2026-Y", minute(9), sha("pack"))
        windows.open_window(conn, REGIME, PERIOD, minute(1), sha("pack"))
        windows.open_window(conn, "khac", PERIOD, minute(5), sha("pack"))
        assert [w.period for w in windows.open_windows(conn, REGIME)] == [PERIOD, "2026-Y"]
        assert [w.regime for w in windows.open_windows(conn)] == [REGIME, "khac", REGIME]


def test_an_opened_window_is_never_changed(store: Store) -> None:
    with store.begin() as conn:
        windows.open_window(conn, REGIME, PERIOD, minute(0), sha("pack"))
    with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
        conn.execute(update(window).values(pack_sha256=sha("other")))


def test_obligations_are_added_once_and_kept(store: Store) -> None:
    with store.begin() as conn:
        assert windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("14800"), an_obligation("14797")]) == 2
        again = [an_obligation("14797", unit_name="tên khác"), an_obligation("PC04", is_lead_body=True)]
        assert windows.add_obligations(conn, REGIME, PERIOD, again) == 1
        assert windows.add_obligations(conn, REGIME, PERIOD, []) == 0
        owed = windows.obligations(conn, REGIME, PERIOD)
    assert owed == [an_obligation("14797"), an_obligation("14800"), an_obligation("PC04", is_lead_body=True)]


def test_a_blank_is_noted_for_an_owing_unit(store: Store) -> None:
    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("14797"), an_obligation("14800")])
        windows.set_blank(conn, REGIME, PERIOD, "14797", sha("blank"))
        assert [o.blank_sha256 for o in windows.obligations(conn, REGIME, PERIOD)] == [sha("blank"), None]
    with pytest.raises(StoreError, match="99999"), store.begin() as conn:
        windows.set_blank(conn, REGIME, PERIOD, "99999", sha("blank"))


def test_waivers_come_back_in_granting_order(store: Store) -> None:
    with store.begin() as conn:
        later = grant(conn, "14797", WaiverKind.EXTENSION, granted_at=minute(9))
        earlier = grant(conn, "14800", granted_at=minute(1))
        grant_of_another_period = waivers.waivers(conn, REGIME, "2026-Y")
        assert waivers.waivers(conn, REGIME, PERIOD) == [earlier, later]
        assert grant_of_another_period == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "  "},
        {"granted_by": ""},
        {"until": minute(1)},
        {"kind": WaiverKind.EXTENSION, "until": None},
    ],
)
def test_an_incomplete_waiver_is_refused(store: Store, wrong: dict) -> None:
    with pytest.raises(StepNotAllowed), store.begin() as conn:
        grant(conn, **wrong)
    with store.read() as conn:
        assert waivers.waivers(conn, REGIME, PERIOD) == []


def test_standings_of_units_are_told_and_add_up(store: Store) -> None:
    kinds = {
        "u1": Standing.ACCEPTED,
        "u2": Standing.LATE,
        "u3": Standing.RETURNED,
        "u4": Standing.PENDING,
        "u5": Standing.MISSING,
        "u6": Standing.WAIVED,
        "u7": Standing.ACCEPTED,
        "u8": Standing.ACCEPTED,
        "u9": Standing.LATE,
    }
    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation(unit) for unit in kinds])
        accepted(conn, "u1")
        accept(conn, received(conn, "u2"), on_time=False)
        accept(conn, received(conn, "u8"))
        accept(conn, received(conn, "u8", "corrected", at=9), on_time=False)
        accept(conn, received(conn, "u9"), on_time=False)
        accept(conn, received(conn, "u9", "corrected", at=9), on_time=False)
        submissions.return_(conn, received(conn, "u3"), decided_at=minute(1))
        submissions.return_(conn, received(conn, "u4", "bad", at=1), decided_at=minute(2))
        pending = received(conn, "u4", "mended", at=3)
        grant(conn, "u5", WaiverKind.EXTENSION, until=minute(99_999))
        grant(conn, "u6")
        grant(conn, "u7")
        accepted(conn, "u7")
        received(conn, "a unit that owes nothing")
        found = {u.obligation.unit: u for u in standing.standing_of(conn, REGIME, PERIOD)}
        totals = standing.statistics(conn, REGIME, PERIOD)
    assert {unit: u.standing for unit, u in found.items()} == kinds
    assert (found["u4"].latest, found["u4"].sent, found["u4"].accepted) == (pending, 2, None)
    assert (found["u5"].deadline.due_at, found["u1"].deadline.due_at) == (minute(99_999), DUE)
    assert totals == standing.Statistics(
        obligations=9,
        expected=8,
        waived=1,
        accepted=5,
        late=2,
        corrected_late=("u8",),
        returned=1,
        pending=1,
        missing=("u3", "u4", "u5"),
        submissions={Status.ACCEPTED: 7, Status.RETURNED: 2, Status.RECEIVED: 2},
    )
    assert totals.accepted + len(totals.missing) == totals.expected
