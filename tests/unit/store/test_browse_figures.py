"""What the desk shows of figures and points is of the reports that count, on both databases; every list is found by an
index."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from baocao.model.form import CellKey
from baocao.store import windows
from baocao.store.browse import figures, forms, letters, points, report_values, standings, trail
from baocao.store.browse.points import Asked
from baocao.store.browse.standings import Wanted
from baocao.store.database import Store
from baocao.store.submissions import submissions
from baocao.store.tables import cell, finding, submission, submission_given_back
from baocao.workflow.auditing import verified
from baocao.workflow.looking import alarms_page
from builders.sites.store import PERIOD, REGIME, an_obligation, minute, received

KEY = CellKey("B1", "R1", "C1")


def accepted(conn: Connection, unit: str, at: int, value: str) -> int:
    row = received(conn, unit, f"{unit}/{at}", at)
    submissions.accept(conn, row, decided_at=minute(at), on_time=True, receipt_number=f"B-{row.id}")
    said = {"form": KEY.form, "row": KEY.row, "col": KEY.column, "answer": "value", "value": value}
    conn.execute(insert(cell), [{"submission_id": row.id, **said, "sheet": "B1", "a1": "C3"}])
    return int(row.id)


def found(conn: Connection, id: int, rule: str, severity: str, explanation: str = "") -> None:
    texts = dict.fromkeys(("item", "name", "expected", "actual", "suggestion"), "")
    where = {"sheet": "B1", "a1": "C3", "message": "Hai số phải bằng nhau", "key": f"{rule}|{KEY}"}
    conn.execute(
        insert(finding),
        [{"submission_id": id, "rule": rule, "severity": severity, "explanation": explanation, **where, **texts}],
    )


def test_figures_are_of_the_reports_that_count(store: Store) -> None:
    draw = random.Random(7)
    with store.begin() as conn:
        for n in range(30):
            for turn in range(draw.randrange(4)):
                id = accepted(conn, f"{14000 + n}", 10 + draw.randrange(3), f"{n}{turn}")
                if draw.random() < 0.3:
                    back = {"submission_id": id, "kind": "returned", "reason": "Sai", "by": "PC04", "at": minute(50)}
                    conn.execute(insert(submission_given_back), [back])
    with store.read() as conn:
        counted = dict(submissions.official_ids(conn, REGIME, PERIOD, most=100))
        shown = figures.of_every_unit(conn, REGIME, PERIOD, [KEY, CellKey("B1", "R9", "C9")])
        other = figures.of_every_unit(conn, REGIME, "2099-H1", [KEY])
    assert {f.submission_id: f.unit for f in shown} == counted
    assert 0 < len(counted) < 30
    assert other == []


def test_unexplained_points_come_from_counting_reports(store: Store) -> None:
    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("1", unit_name="Xã Ẩn Sơn")])
        old, new = accepted(conn, "1", 10, "1"), accepted(conn, "1", 11, "2")
        found(conn, old, "V35", "explain")
        found(conn, new, "V35", "explain")
        found(conn, new, "V36", "explain", "Đã xác minh")
        found(conn, new, "V21", "blocks")
    with store.read() as conn:
        by_rule = {r.rule: (r.points, r.unexplained) for r in points.by_rule(conn, REGIME, PERIOD)}
        open_points, total = points.page(conn, REGIME, PERIOD, Asked(unexplained=True))
        of_form, of_unit = (points.page(conn, REGIME, PERIOD, a)[1] for a in (Asked(form="B"), Asked(unit="1")))
        (unit,) = points.by_unit(conn, REGIME, PERIOD, 5)
    assert by_rule == {"V35": (2, 1), "V36": (1, 0), "V21": (1, 0)}
    assert total == 1 and open_points[0].submission_id == new and open_points[0].unit_name == "Xã Ẩn Sơn"
    assert (of_form, of_unit) == (0, 4), "a form is named whole"
    assert (unit.unit_name, unit.blocking, unit.explain, unit.unexplained) == ("Xã Ẩn Sơn", 1, 3, 1)


LISTS: dict[str, Callable[[Connection], Any]] = {
    "units": lambda conn: standings.page(conn, REGIME, PERIOD, Wanted(search="a", sort="arrival")),
    "counts": lambda conn: standings.counts(conn, REGIME, PERIOD),
    "one unit": lambda conn: standings.one(conn, REGIME, PERIOD, "14001"),
    "letters": lambda conn: standings.last_letters(conn, REGIME, PERIOD, ["14001"]),
    "arrivals": lambda conn: standings.first_arrivals(conn, REGIME, PERIOD),
    "forms": lambda conn: forms.of_units(conn, REGIME, PERIOD, ["14001"]),
    "an indicator": lambda conn: figures.of_every_unit(conn, REGIME, PERIOD, [KEY]),
    "points by rule": lambda conn: points.by_rule(conn, REGIME, PERIOD),
    "points by unit": lambda conn: points.by_unit(conn, REGIME, PERIOD, 20),
    "points by key": lambda conn: points.by_key(conn, REGIME, PERIOD),
    "points over time": lambda conn: points.by_period(conn, REGIME, [PERIOD]),
    "points": lambda conn: points.page(conn, REGIME, PERIOD, Asked(rule="V35", unexplained=True)),
    "alarms": lambda conn: alarms_page.alarms(conn, [REGIME, "khac"], everywhere=True, period=PERIOD),
    "alarms, searched": lambda conn: alarms_page.alarms(conn, [REGIME], everywhere=False, search="thu"),
    "mail": lambda conn: letters.letters_of(conn, REGIME, PERIOD, status="FAILED", search="14"),
    "trail": lambda conn: trail.trail_of(conn, REGIME, PERIOD, "window_opened", "pho-phong", 50, 50),
    "trail, all of it": lambda conn: trail.trail_of(conn, REGIME, "", "", "", 0, 50),
    "verified when": lambda conn: verified.last_verified(conn),
    "an indicator over the term": lambda conn: report_values.of_column(conn, REGIME, "B1", "C1"),
}
LARGE = ("submission", "cell", "finding", "outbox", "obligation", "event", "report", "report_value")
"""Tables that grow with every unit and period: a page never reads one from end to end."""


@pytest.mark.parametrize("name", LISTS)
def test_no_list_scans_a_whole_large_table(store: Store, name: str) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        statements.append((statement, parameters))

    with store.begin() as conn:
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("14001")])
        id = accepted(conn, "14001", 10, "1")
        found(conn, id, "V35", "explain")
    with store.read() as conn:
        event.listen(store.engine, "before_cursor_execute", note)
        try:
            LISTS[name](conn)
        finally:
            event.remove(store.engine, "before_cursor_execute", note)
        plans = [line for one in statements for line in _plan(conn, *one)]
    assert plans
    assert [line for line in plans if _reads_whole(line)] == []


def _plan(conn: Connection, statement: str, parameters: Any) -> list[str]:
    if conn.dialect.name == "sqlite":
        return [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    # A table of one row is always read whole where that may be chosen: what is asked is whether an index can serve.
    conn.execute(text("SET LOCAL enable_seqscan = off"))
    return [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def _reads_whole(line: str) -> bool:
    """`SCAN finding` without an index in SQLite, `Seq Scan on finding` in PostgreSQL."""
    words = line.replace("->", " ").split()
    if "Seq" in words:
        return words[words.index("on") + 1] in LARGE
    return words[0] == "SCAN" and words[1] in LARGE and "INDEX" not in words


def test_the_plan_check_recognises_a_full_scan(store: Store) -> None:
    with store.read() as conn:
        plan = _plan(conn, str(submission.select().where(submission.c.size > 7).compile(
            store.engine, compile_kwargs={"literal_binds": True})), ())  # fmt: skip
    if store.engine.dialect.name == "sqlite":
        assert any(map(_reads_whole, plan)), plan
    else:
        assert any("Seq Scan on submission" in line for line in plan), plan


def test_counting_report_is_found_by_one_index(store: Store) -> None:
    """PostgreSQL without statistics compared every report of a period with every other."""
    ask = "SELECT id FROM official_submission WHERE regime = 'r' AND period = '2026-H1' ORDER BY id"
    with store.read() as conn:
        plan = " ".join(_plan(conn, ask, ()))
    assert "ix_submission_regime_period_unit_status_received_at_id" in plan, plan
    assert "Anti Join  (cost" not in plan.partition("SubPlan")[0], "one look a unit, no join of a period with itself"
