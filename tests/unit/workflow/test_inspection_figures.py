"""What the register counts for a period: each figure by its own day, in each column's own interval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.settings import load_settings
from baocao.store import inspection_register as register
from baocao.store.database import open_store
from baocao.store.inspection_register import PlannedInspection
from baocao.workflow.inspections.register_figures import register_figures
from builders.packs.inspections import SHA, moment, to_concluded, to_finished
from builders.packs.pack import ROOT, thanh_hoa, thanh_hoa_periods

PACK = thanh_hoa()
POLICE, HEALTH, COMMUNE = "38-CAT", "38-SYT", "14797"


@pytest.fixture
def conn(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Connection]:
    (tmp_path / "baocao.db").write_bytes(migrated_sqlite.read_bytes())
    store = open_store(load_settings({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path)}))
    with store.begin() as conn:
        yield conn
    store.close()


def planned(
    conn: Connection, *days: tuple[date, date], year: int = 2026, lead: str = POLICE, number: str = "1"
) -> list[int]:
    rows = [PlannedInspection(COMMUNE, lead, "Việc", "", first, last) for first, last in days]
    return register.add_plan(
        conn,
        regime=PACK.code,
        year=year,
        decision=f"{number}/KH-UBND",
        decided_on=date(year, 1, 5),
        file_sha256=SHA,
        recorded_at=moment(1, 20),
        recorded_by="thử",
        rows=rows,
    )


def figures(conn: Connection, period: str, unit: str = POLICE) -> dict[str, int]:
    found = register_figures(conn, PACK, unit, thanh_hoa_periods()[period])
    return {f"{key.row}/{key.column}": value for key, value in found.items()}


def week(month: int, day: int, year: int = 2026, length: int = 5) -> tuple[date, date]:
    return date(year, month, day), date(year, month, day + length - 1)


def test_without_the_years_plan_nothing_is_known(conn: Connection) -> None:
    assert figures(conn, "2026-H1") == {}
    planned(conn, week(3, 8, 2027), year=2027)
    assert figures(conn, "2026-H1") == {}


def test_half_year_figures_count_inspections_by_their_day(conn: Connection) -> None:
    a, b, c, d, e = planned(conn, week(3, 9), week(5, 4), week(6, 8), week(6, 15), week(9, 7))
    to_concluded(conn, a, *week(3, 9))
    to_finished(conn, b, date(2026, 5, 4), date(2026, 5, 11))  # six working days
    to_finished(conn, c, date(2026, 6, 8), date(2026, 6, 12))
    register.notify(conn, d, at=moment(6, 1), number="9/TB", sha256=SHA, announced=week(6, 15))
    register.cancel(conn, e, at=moment(6, 1), reason="Trùng lịch")
    found = figures(conn, "2026-H1")
    in_period = {row: found[f"{row}/TH"] for row in ("B09.03a", "B09.03b", "B09.03c", "B09.03d", "B09.03e")}
    assert in_period == {"B09.03a": 3, "B09.03b": 3, "B09.03c": 3, "B09.03d": 1, "B09.03e": 1}
    assert {row: found[f"{row}/LKN"] for row in in_period} == in_period
    assert {row: found[f"{row}/LKGD"] for row in in_period} == in_period
    plan = {row: found[f"{row}/KHN"] for row in in_period}
    assert plan == {"B09.03a": 4, "B09.03b": 4, "B09.03c": 4, "B09.03d": 0, "B09.03e": 4}
    assert figures(conn, "2026-Y")["B09.03a/TH"] == 4


@pytest.mark.parametrize(("ended", "counted"), [(date(2026, 6, 14), 1), (date(2026, 6, 15), 0)])
def test_the_cut_off_day_itself_still_counts(conn: Connection, ended: date, counted: int) -> None:
    (id,) = planned(conn, week(6, 8))
    to_finished(conn, id, date(2026, 6, 8), ended)
    assert figures(conn, "2026-H1")["B09.03b/TH"] == counted


def test_the_year_begins_where_the_reporting_year_does(conn: Connection) -> None:
    (late,) = planned(conn, (date(2026, 12, 14), date(2026, 12, 16)))
    planned(conn, week(3, 8, 2027), year=2027)
    to_finished(conn, late, date(2026, 12, 14), date(2026, 12, 16))
    assert figures(conn, "2026-Y")["B09.03b/TH"] == 0
    next_year = figures(conn, "2027-H1")
    assert (next_year["B09.03b/TH"], next_year["B09.03b/LKN"], next_year["B09.03b/LKGD"]) == (1, 1, 1)


def test_the_term_needs_a_plan_for_every_year(conn: Connection) -> None:
    planned(conn, week(3, 8, 2027), year=2027)
    found = figures(conn, "2027-H1")
    assert "B09.03a/LKGD" not in found
    assert found["B09.03a/LKN"] == 1
    planned(conn, week(3, 9), number="2")
    assert figures(conn, "2027-H1")["B09.03a/LKGD"] == 2


def test_mid_term_figures_cover_the_whole_term_only(conn: Connection) -> None:
    planned(conn, week(3, 6, 2028), year=2028)
    found = figures(conn, "2028-MID")
    assert "B09.03a/TH" not in found and found["B09.03a/LKN"] == 1
    planned(conn, week(3, 9), number="2")
    planned(conn, week(3, 8, 2027), year=2027, number="3")
    found = figures(conn, "2028-MID")
    assert (found["B09.03a/TH"], found["B09.03a/LKN"], found["B09.03a/LKGD"]) == (3, 1, 3)


def test_the_body_with_the_rows_answers_for_others(conn: Connection) -> None:
    planned(conn, week(3, 9), lead=HEALTH)
    assert figures(conn, "2026-H1")["B09.03a/TH"] == 1
    assert figures(conn, "2026-H1", HEALTH) == {}


def test_the_register_gives_no_figures_for_communes(conn: Connection) -> None:
    planned(conn, week(3, 9))
    assert figures(conn, "2026-H1", COMMUNE) == {}


def test_every_register_cell_is_entered_by_its_body(conn: Connection) -> None:
    planned(conn, week(3, 9))
    unit = PACK.unit(POLICE)
    assert unit is not None
    entered = {k for f in entered_by(PACK, unit) for k, (t, r, c) in f.cells.items() if t.is_entered(r, c)}
    found = register_figures(conn, PACK, POLICE, thanh_hoa_periods()["2026-H1"])
    assert len(found) == 20
    assert set(found) <= entered
    assert CellKey("B09", "B09.03a", "TLKH") not in found
