"""The book of corrections, on both databases: opened on a dispatched report only, once, and never changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError

from baocao.model.report import Decision, Report, Role
from baocao.store.database import StepNotAllowed, Store
from baocao.store.reports import corrections, reports
from baocao.store.tables import correction, report_basis
from builders.sites.store import PERIOD, REGIME, a_draft, a_frozen, a_signed, decide, dispatched, minute

BASIS = {"expected": ["14797"], "waived": [], "year_ago": {}, "just_before": {"PL01/CT01/TH": "12"}}


def a_dispatched(conn: Connection) -> Report:
    return dispatched(conn, a_signed(conn))


def opened(conn: Connection, report: Report, **changes: Any) -> corrections.Opened:
    return corrections.open_correction(
        conn, report, **({"reason": " Báo thiếu ", "by": "can-bo", "at": minute(300)} | changes)
    )


def test_correction_stays_open_until_a_version_is_dispatched(
    store: Store,
) -> None:
    with store.begin() as conn:
        first = a_dispatched(conn)
        mine = opened(conn, first)
        assert (mine.reason, mine.corrects_version) == ("Báo thiếu", 1)
        second = a_frozen(conn, 400)
        decide(conn, second, Role.STANDING_OFFICE, Decision.RETURN)
        third = a_frozen(conn, 500)
        found = [corrections.of_version(conn, REGIME, PERIOD, r.version) for r in (first, second, third)]
        assert found == [None, mine, mine]
        assert corrections.waiting(conn, REGIME, PERIOD) == mine
        decide(conn, third, Role.STANDING_OFFICE, Decision.APPROVE)
        decide(conn, third, Role.PEOPLES_COMMITTEE, Decision.SIGN)
        third = dispatched(conn, third)
        assert corrections.last_dispatched(conn, REGIME, PERIOD) == third
        assert corrections.waiting(conn, REGIME, PERIOD) is None
        assert opened(conn, third).corrects_version == 3
        assert corrections.of_version(conn, REGIME, PERIOD, 2) == mine


def test_only_a_dispatched_report_is_corrected_once(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
        with pytest.raises(StepNotAllowed, match="chưa phát hành"):
            opened(conn, signed)
        report = dispatched(conn, signed)
        for missing in ({"reason": "  "}, {"by": ""}):
            with pytest.raises(StepNotAllowed, match="lý do"):
                opened(conn, report, **missing)
        opened(conn, report)
        with pytest.raises(StepNotAllowed, match="trước đó"):
            opened(conn, report)


def test_the_database_refuses_correcting_an_undispatched_report(store: Store) -> None:
    with store.begin() as conn:
        signed = a_signed(conn)
    row = {"regime": REGIME, "period": PERIOD, "corrects_id": signed.id, "reason": "x", "opened_by": "y"}
    with pytest.raises(IntegrityError), store.begin() as conn:
        conn.execute(insert(correction).values(**row, opened_at=minute(1)))


def test_the_database_refuses_to_change_a_correction(store: Store) -> None:
    with store.begin() as conn:
        opened(conn, a_dispatched(conn))
    for statement in (update(correction).values(reason="khác"), delete(correction)):
        with pytest.raises(IntegrityError), store.begin() as conn:
            conn.execute(statement)


def test_compared_figures_are_final_with_the_freeze(store: Store) -> None:
    with store.begin() as conn:
        draft = a_draft(conn)
        assert corrections.pinned(conn, draft.id) is None
        corrections.pin(conn, draft.id, {"expected": []})
        corrections.pin(conn, draft.id, BASIS)
        assert corrections.pinned(conn, draft.id) == BASIS
        reports.freeze(conn, draft.id, content_sha256="c" * 64, manifest={"files": {}})
        with pytest.raises(StepNotAllowed, match="đã chốt"):
            corrections.pin(conn, draft.id, {})
    for statement in (update(report_basis).values(basis={}), delete(report_basis)):
        with pytest.raises(IntegrityError), store.begin() as conn:
            conn.execute(statement)
