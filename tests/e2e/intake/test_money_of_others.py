"""Money in another unit of measure throughout, through the whole road: asked at intake by what the others sent, and at
the gate where it was there before them; nobody who typed đồng is asked."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from baocao.model.form import CellKey, ValueType
from baocao.model.pack_views import pack_cells
from baocao.model.submission import Finding, Value
from baocao.store.reports.gates import latest_gate
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.workflow.consolidating import drafting
from builders.sites.site import PERIOD, PROJECT, REGIME, Site, trimmed_root

FIRST, IN_MILLIONS, IN_THOUSANDS = range(3)
MOST_A_FILE = 52
"""Statements from its arrival to its letter sent, BEGIN among them: a query more in the road of every file is seen."""


def _communes(count: int) -> list[str]:
    with (PROJECT / "include" / "regimes" / REGIME / "units.csv").open(encoding="utf-8") as file:
        codes = [line["code"] for line in csv.DictReader(file) if line["kind"] in {"commune", "ward"}]
    return codes[:count]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("measure")
    site = Site(trimmed_root(folder, _communes(14)), folder / "var")
    site.load_baseline()
    site.open()
    yield site
    site.place.store.close()


def _divided(site: Site, unit: str, by: int) -> dict[CellKey, Value | str | None]:
    cells = pack_cells(site.pack)
    return {
        key: value // by
        for key, value in site.filled(unit).values.items()
        if isinstance(value, int) and (at := cells[key])[0].type_of(*at[1:]) is ValueType.MONEY
    }


def _asked(site: Site, unit: str) -> list[Finding]:
    """What V06 said of the unit's accepted report."""
    with site.place.store.read() as conn:
        (sent,) = [s for s in submissions.accepted(conn, REGIME, PERIOD) if s.unit == unit]
        return [f for f in findings_of(conn, sent.id) if f.rule == "V06"]


def _statements_of_a_sweep(site: Site, units: list[str]) -> list[tuple[str, list[int]]]:
    """Every statement that collecting the reports of these units takes, with the numbers it asks for."""
    for unit in units:
        site.send(unit, site.workbook(unit), site.in_time - timedelta(days=1))
    ran: list[tuple[str, list[int]]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        ran.append((statement, [] if many else [p for p in parameters if isinstance(p, int)]))

    engine = site.place.store.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert site.collect(site.in_time - timedelta(days=1))["accepted"] == len(units)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return ran


def test_only_units_using_another_measure_are_asked(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "baocao")  # a line a file, as in Airflow, takes statements of its own
    with_money = [u.code for u in site.units if not u.is_lead_body and len(_divided(site, u.code, 1)) >= 10]
    odd, good = with_money[:3], [u.code for u in site.units if not u.is_lead_body and u.code not in with_money[:3]]
    first = site.in_time - timedelta(days=2)
    site.send(odd[FIRST], site.workbook(odd[FIRST], _divided(site, odd[FIRST], 1_000)), first)
    site.collect(first)
    few, many = _statements_of_a_sweep(site, good[:3]), _statements_of_a_sweep(site, good[3:])
    more = len(good) - 2 * 3
    assert (len(many) - len(few)) / more <= MOST_A_FILE, f"{(len(many) - len(few)) / more} statements"
    # What was accepted is read once, not for every later file again.
    read = [ids for statement, ids in many if statement.startswith("SELECT cell.submission_id")]
    assert sum(map(len, read)) <= len(good)
    for number, by in ((IN_MILLIONS, 1_000_000), (IN_THOUSANDS, 1_000)):
        unit = odd[number]
        site.send(unit, site.workbook(unit, _divided(site, unit, by)), site.in_time)
    site.collect(site.in_time)

    assert [unit for unit in good if _asked(site, unit)] == []
    for number, measure in ((IN_MILLIONS, "triệu đồng"), (IN_THOUSANDS, "nghìn đồng")):
        asked = _asked(site, odd[number])
        assert asked and all("đơn vị khác đã được nhận báo cáo" in f.message for f in asked)
        assert any(f"nhập theo {measure}" in f.message for f in asked)

    answer = drafting.gate(site.place, REGIME, PERIOD, site.in_time)
    with site.place.store.read() as conn:
        row = latest_gate(conn, REGIME, PERIOD)
    assert row is not None and answer["gate_id"] == row.id
    judged = json.loads(site.place.store.files.get(row.result_sha256))["expectations"]
    told = {unit for j in judged if j["rule"] == "V06" for unit, _ in j["failures"]}
    assert told == set(odd)
