"""`python -m bench.desk`: server time of the desk's pages over 3,321 units, and the plans of its queries.

Writes `out/bench/desk.md`, or with `--keep` the tracked `bench/desk.md`. The units are rows as a real period leaves
them: nine in ten accepted once, some corrected, some returned, the rest silent, each with its letters.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, text, update

from baocao.delivery.outbox import OPERATOR
from baocao.model.form import CellKey
from baocao.model.period import Period
from baocao.store import windows
from baocao.store.tables import cell, finding, outbox, report, report_input, report_value, submission
from baocao.workflow.installation import Installation
from baocao.workflow.looking import pictures
from baocao.workflow.looking.warming import warm

ROOT = Path(__file__).resolve().parents[1]
REGIME, PERIOD = "thanh-hoa-drug-programme", "2026-H1"
UNITS, RUNS = 3321, 20
DRAWN_ANEW = "map, drawn anew each time"
"""As after each report that comes in."""
CELLS = 60
"""Cells kept of each accepted report: enough for a page of the matrix to read thousands of rows."""


def root_with_units(folder: Path) -> Path:
    """A project root whose pack has that many units, each with a place, so that the map has as many signs; the rest is
    the project's own."""
    root = folder / "root"
    (root / "include" / "regimes").mkdir(parents=True)
    for name in ("sql", "docs"):
        (root / name).symlink_to(ROOT / name)
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(ROOT / "include" / name)
    pack, source = root / "include" / "regimes" / REGIME, ROOT / "include" / "regimes" / REGIME
    pack.mkdir()
    for entry in source.iterdir():
        if entry.name not in {"units.csv", "places.csv"}:
            (pack / entry.name).symlink_to(entry)
    header, *lines = (source / "units.csv").read_text(encoding="utf-8").splitlines()
    units = [f"{10000 + n},Số {n},commune,u{n}@xa.example,h{n}@xa.example,,2025-07-01," for n in range(UNITS)]
    leads = [line for line in lines if line.startswith("38-")]
    (pack / "units.csv").write_text("\n".join([header, *units, *leads]) + "\n", encoding="utf-8")
    places = [f"{10000 + n},{19.3 + 1.4 * (n // 60) / 60:.5f},{104.4 + 1.8 * (n % 60) / 60:.5f}" for n in range(UNITS)]
    (pack / "places.csv").write_text("\n".join(["code,latitude,longitude", *places]) + "\n", encoding="utf-8")
    return root


def fill(place: Installation, period: Period) -> None:
    """The rows of a country's worth of units."""
    pack = place.pack(REGIME)
    keys = [key for form in pack.forms for key in form.cells][:CELLS]
    at = period.unit.due_at - timedelta(days=5)
    owed = [
        windows.Obligation(f"{10000 + n}", f"Xã Số {n}", False, period.unit.due_at, period.unit.locked_after)
        for n in range(UNITS)
    ]
    sent: list[dict[str, Any]] = []
    for n in range(UNITS):
        if n % 10 == 0:
            continue
        states = ["RETURNED", "ACCEPTED"] if n % 7 == 0 else ["RETURNED"] if n % 53 == 0 else ["ACCEPTED"]
        for turn, status in enumerate(states):
            when = at + timedelta(minutes=n + turn)
            sent.append(_submission(len(sent) + 1, f"{10000 + n}", status, when))
    with place.store.begin() as conn:
        windows.open_window(conn, REGIME, PERIOD, period.opens_at, pack.sha256)
        windows.add_obligations(conn, REGIME, PERIOD, owed)
        conn.execute(insert(submission), sent)
        for begin in range(0, len(sent), 500):
            rows = [
                {
                    "submission_id": s["id"], "form": k.form, "row": k.row, "col": k.column, "answer": "value",
                    "value": "1", "sheet": k.form, "a1": f"E{i}",
                }
                for s in sent[begin : begin + 500] if s["status"] == "ACCEPTED" for i, k in enumerate(keys, 1)
            ]  # fmt: skip
            if rows:
                conn.execute(insert(cell), rows)
        conn.execute(insert(finding), [_finding(s["id"]) for s in sent if s["status"] == "RETURNED"])
        conn.execute(insert(outbox), [_letter(n, period) for n in range(UNITS)])
        conn.execute(insert(outbox), [_alarm(n, period) for n in range(400)])
        _add_report(conn, period, keys, [s for s in sent if s["status"] == "ACCEPTED"])
    # SQLite chooses its plans by statistics that only ANALYZE gathers.
    if place.store.engine.dialect.name == "sqlite":
        with place.store.begin() as conn:
            conn.execute(text("ANALYZE"))


def _submission(id: int, unit: str, status: str, at: Any) -> dict[str, Any]:
    accepted = status == "ACCEPTED"
    return {
        "id": id, "regime": REGIME, "period": PERIOD, "unit": unit, "status": status, "channel": "folder",
        "filename": f"{unit}.xlsx", "sha256": f"{id:064}", "size": 60000, "received_at": at, "decided_at": at,
        "on_time": True if accepted else None, "receipt_number": f"B-{id}" if accepted else None,
    }  # fmt: skip


def _finding(id: int) -> dict[str, Any]:
    texts = dict.fromkeys(("item", "name", "expected", "actual", "suggestion", "explanation"), "")
    where = {"sheet": "PL01", "a1": "E11", "message": "Hai số phải bằng nhau", "key": "V21|PL01/CT01/TH"}
    return {"submission_id": id, "rule": "V21", "severity": "blocks", **where, **texts}


def _letter(n: int, period: Period) -> dict[str, Any]:
    return {
        "regime": REGIME, "period": PERIOD, "unit": f"{10000 + n}", "step": "window_opened",
        "recipient": f"u{n}@xa.example", "subject": "Mở kỳ", "text": "…", "html": "", "attachments": [],
        "message_id": f"<bench-{n}@xa.example>", "status": "SENT", "attempts": 1, "created_at": period.opens_at,
        "sent_at": period.opens_at,
    }  # fmt: skip


def _alarm(n: int, period: Period) -> dict[str, Any]:
    said = "Một đơn vị chưa có địa chỉ thư. Xem mục «Đơn vị chưa có địa chỉ thư» trong sổ tay vận hành."
    own = {"unit": OPERATOR, "step": f"alarm/{n}", "message_id": f"<alarm-{n}@xa.example>", "text": said}
    return {**_letter(n, period), **own, "subject": f"Báo động {n}"}


def _add_report(conn: Any, period: Period, keys: list[CellKey], sent: list[dict[str, Any]]) -> None:
    """A frozen version with a value for every cell, made from all that was accepted."""
    whole = {"regime": REGIME, "period": PERIOD, "version": 1, "status": "DRAFT", "input_sha256": "0" * 64}
    made = {"created_at": period.unit.due_at, "as_of": period.unit.due_at, "findings": []}
    conn.execute(insert(report), [{"id": 1, **whole, **made}])
    conn.execute(insert(report_input), [{"report_id": 1, "submission_id": s["id"], "unit": s["unit"]} for s in sent])
    value = {"value": str(len(sent)), "nil": False, "counted": len(sent), "expected": UNITS, "missing": []}
    cells = [{"form": key.form, "row": key.row, "col": key.column} for key in keys]
    conn.execute(insert(report_value), [{"report_id": 1, **of, **value} for of in cells])
    manifest = {"files": [], "targets": [], "coverage": {"missing": []}}
    conn.execute(update(report).values(status="FROZEN", content_sha256="0" * 64, manifest=manifest))


def pages() -> dict[str, tuple[str, int]]:
    """Name -> address, and the wanted milliseconds at the 95th percentile."""
    here = f"/r/{REGIME}/p/{PERIOD}"
    return {
        "overview": ("/", 300),
        "period": (here, 500),
        "units": (f"{here}/units", 500),
        "units, searched": (f"{here}/units?q=so+12", 500),
        "units, last page, by arrival": (f"{here}/units?sx=arrival&tu=3300", 500),
        "late": (f"{here}/late", 500),
        "alarms": ("/alarms", 500),
        "alarms, searched": ("/alarms?q=dia+chi", 500),
        "map": (f"{here}/map", 500),
        DRAWN_ANEW: (f"{here}/map", 500),
        "map of an indicator": (f"{here}/map?theo=PL01/CT01/TH", 500),
        "figures": (f"{here}/figures", 500),
        "a figure": (f"{here}/cell/PL01/CT01/TH", 500),
        "indicators over the term": (f"{here}/trend", 500),
        "a unit": (f"{here}/u/10007", 500),
        "findings": (f"{here}/findings", 500),
        "points of a rule": (f"{here}/findings/V21", 500),
        "points not explained": (f"{here}/points?chua=1", 500),
        "mail": (f"{here}/mail", 500),
        "pack": (f"/r/{REGIME}/pack", 500),
        "a form of the pack": (f"/r/{REGIME}/pack/forms/PL01", 500),
        "audit": (f"/r/{REGIME}/audit", 500),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write the tracked bench/desk.md")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from builders.sites.desk import Browser, asker

    with tempfile.TemporaryDirectory() as folder:
        place = Installation.open(
            {"BAOCAO_ROOT": str(root_with_units(Path(folder))), "BAOCAO_DATA": folder, "BAOCAO_REGIMES": REGIME}
        )
        place.store.migrate()
        period = place.period(REGIME, PERIOD)
        fill(place, period)
        browser = Browser(place, asker("Approver", "operator"), period.unit.due_at + timedelta(hours=9))
        statements: list[str] = []
        event.listen(place.store.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        lines = [
            "| page | CPU ms, p95 | wanted | first time | by the clock, median ms | statements | met |",
            "|---|---:|---:|---:|---:|---:|---|",
        ]
        began = time.process_time()
        browser.desk.pages.compile_all("web/desk")
        warm(place, "", browser.at, lambda: False)
        warmed = time.process_time() - began
        for name, (address, wanted) in pages().items():
            began = time.process_time()
            browser.get(address)
            first = (time.process_time() - began) * 1000
            times, cpu = [], []
            for _ in range(RUNS):
                statements.clear()
                if name == DRAWN_ANEW:
                    pictures._drawn.cache_clear()
                began, worked = time.perf_counter(), time.process_time()
                answer = browser.get(address)
                times.append((time.perf_counter() - began) * 1000)
                cpu.append((time.process_time() - worked) * 1000)
                assert answer.status_code == 200, (name, answer.status_code)
            p95 = statistics.quantiles(cpu, n=20)[-1]
            met = "yes" if p95 <= wanted else "NO"
            clock = statistics.median(times)
            lines.append(f"| {name} | {p95:.0f} | {wanted} | {first:.0f} | {clock:.0f} | {len(statements)} | {met} |")
        plans = _plans(place)
        place.store.close()
    head = (
        f"# The desk over {UNITS} units\n\n"
        f"SQLite, {RUNS} requests a page through the whole application, one after the other. CPU time of the\n"
        "server and of the asking side together: the clock says how busy the machine was besides. Packs, templates\n"
        f"and pictures of the open period are worked out behind the pages at the start: {warmed:.1f} s of CPU.\n"
        "`first time` is the first view of a page after that. Every unit has a place on the map.\n\n"
    )
    told = head + "\n".join(lines) + "\n\n## Plans\n\n```\n" + "\n".join(plans) + "\n```\n"
    file = ROOT / "bench" / "desk.md" if options.keep else ROOT / "out" / "bench" / "desk.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(told, encoding="utf-8")
    print(told)
    return 0


def _plans(place: Installation) -> list[str]:
    """How the database reads each list: every statement of it, as SQLite explains it."""
    from baocao.store.browse import figures, letters, points, report_values, standings, trail
    from baocao.store.browse.points import Asked
    from baocao.store.browse.standings import Wanted
    from baocao.workflow.looking import alarms_page

    key = CellKey("PL01", "CT01", "TH")
    lists: dict[str, Callable[[Any], Any]] = {
        "units": lambda conn: standings.page(conn, REGIME, PERIOD, Wanted()),
        "an indicator of every unit": lambda conn: figures.of_every_unit(conn, REGIME, PERIOD, [key]),
        "points by rule": lambda conn: points.by_rule(conn, REGIME, PERIOD),
        "points not explained": lambda conn: points.page(conn, REGIME, PERIOD, Asked(unexplained=True)),
        "alarms": lambda conn: alarms_page.alarms(conn, [REGIME], everywhere=True),
        "mail": lambda conn: letters.letters_of(conn, REGIME, PERIOD),
        "trail": lambda conn: trail.trail_of(conn, REGIME, "", "", "", 0, 50),
        "indicators over the term": lambda conn: report_values.of_column(conn, REGIME, "PL01", "TH"),
    }
    told: list[str] = []
    asked: list[tuple[str, Any]] = []
    with place.store.read() as conn:
        note = event.listens_for(place.store.engine, "before_cursor_execute")
        note(lambda _c, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
        for name, read in lists.items():
            asked.clear()
            read(conn)
            told += ["", f"{name}:"]
            for statement, parameters in list(asked):
                rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                told += [f"  {row[3]}" for row in rows]
    return told[1:]


if __name__ == "__main__":
    sys.exit(main())
