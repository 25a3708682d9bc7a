"""Periods outside the calendar, and packs as they were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from baocao.model.period import Request
from baocao.store import packs, special_periods
from baocao.store.database import StepNotAllowed, Store
from baocao.store.tables import pack_version, special_period
from builders.packs.pack import thanh_hoa_periods
from builders.sites.store import REGIME, minute, sha

H1 = thanh_hoa_periods()["2026-H1"]
REHEARSAL = replace(H1, code="2026-H1-DT1", rehearsal_of="2026-H1")
REQUEST = Request("Bộ Công an", "c04@bocongan.example", "Công văn số 12", "Người nghiện", rows=("PL01/CT01",))
WHO = {"by": "Cơ quan thường trực", "reason": "Diễn tập trước kỳ đầu", "at": minute(0)}


def test_a_special_period_comes_back_unchanged(store: Store) -> None:
    asked = replace(H1, code="2026-DX1", request=REQUEST)
    with store.begin() as conn:
        special_periods.add(conn, REHEARSAL, **WHO)
        special_periods.add(conn, asked, **WHO)
    with store.read() as conn:
        found = special_periods.special_periods(conn, H1.regime)
        assert found == [REHEARSAL, asked]
        assert found[0].opens_at.utcoffset() == H1.opens_at.utcoffset()
        assert special_periods.special_periods(conn, "khac") == []


def test_a_code_is_taken_once(store: Store) -> None:
    with store.begin() as conn:
        special_periods.add(conn, REHEARSAL, **WHO)
        with pytest.raises(StepNotAllowed, match="đã có"):
            special_periods.add(conn, REHEARSAL, **WHO)


@pytest.mark.parametrize("missing", ["by", "reason"])
def test_somebody_answers_for_it(store: Store, missing: str) -> None:
    with store.begin() as conn, pytest.raises(StepNotAllowed, match="người quyết định"):
        special_periods.add(conn, REHEARSAL, **{**WHO, missing: " "})


def test_a_pack_is_kept_once_under_its_hash(store: Store) -> None:
    with store.begin() as conn:
        assert packs.keep(conn, REGIME, sha("pack"), sha("zip"), minute(0)) is True
        assert packs.keep(conn, REGIME, sha("pack"), sha("another zip"), minute(1)) is False
        assert packs.file_of(conn, REGIME, sha("pack")) == sha("zip")
        assert packs.file_of(conn, REGIME, sha("unknown")) is None


@pytest.mark.parametrize("change", ["update", "delete"])
def test_neither_is_ever_changed(store: Store, change: str) -> None:
    with store.begin() as conn:
        special_periods.add(conn, REHEARSAL, **WHO)
        packs.keep(conn, REGIME, sha("pack"), sha("zip"), minute(0))
    for table in (special_period, pack_version):
        statement = delete(table) if change == "delete" else update(table).values(regime="khac")
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)
