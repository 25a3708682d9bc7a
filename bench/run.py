"""`make bench`: what a period costs outside Airflow, beside a naive baseline in the same run.

Writes out/bench/results.md, or with `make bench KEEP=1` the tracked bench/results.md.

CPU milliseconds of this machine say little elsewhere; the ratios do. The baseline (openpyxl, one Great Expectations run
a sheet) is measured on a sample and extrapolated, and the table says so.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from demo.figures import Figures
from demo.prepare import SEED
from demo.simulate import baseline
from python_calamine import CalamineWorkbook

from baocao.checks.engine import History, check
from baocao.checks.kept_cells import cells_to_keep
from baocao.consolidation.province import consolidate
from baocao.documents.consolidated_workbook.meta import ReportMeta
from baocao.documents.consolidated_workbook.workbook import build_workbook
from baocao.documents.marking.task import mark_task
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.report import build_report
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.raw import from_wire
from baocao.forms.reading.read import type_workbook
from baocao.intake.opening import open_arrival
from baocao.model.finding import Finding, Severity
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import ReportStatus
from baocao.model.submission import AcceptedCells
from baocao.model.unit import Unit
from baocao.workflow.installation import Installation
from bench import growth, portal, verbs
from bench.naive import naive_seconds

ROOT = Path(__file__).resolve().parents[1]
REGIME, PERIOD = "thanh-hoa-drug-programme", "2026-H1"
SIZES = (166, 830, 3321)
NAIVE_SAMPLE = 2


@dataclass
class Row:
    """One line of the table of results, as printed."""

    what: str
    measured: str
    target: str = ""
    met: str = ""


def median_cpu_ms(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Median CPU milliseconds an item, after one warm-up."""
    # The first call pays for imports and caches that a worker pays once.
    work(items[0])
    # What the bench itself holds (all workbooks at once) is no part of a worker: keep the collector off it.
    gc.collect()
    gc.freeze()
    times = []
    for item in items:
        start = time.process_time()
        work(item)
        times.append((time.process_time() - start) * 1000)
    # The median: one collection of garbage or one interruption must not move it.
    return statistics.median(times)


def calamine_alone(data: bytes) -> None:
    """Every sheet to Python and nothing more: the lower bound of a reader built on it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _mark_one(data: bytes) -> None:
    """Open an arrival, then mark a cell of its last form, as the same reader does both."""
    sheet = from_wire(open_arrival(data, {"filename": "x.xlsx"})).tables[-1].sheet
    told = asdict(Finding("V00", Severity.EXPLAIN, sheet, "D12", "1", "Chỉ tiêu", "Khác thường.", key="V00|A/B/C"))
    head = {"unit_name": "Xã", "period_name": "Kỳ", "verdict_line": "ĐẠT", "deadline_text": "Hạn"}
    mark_task(data, {"findings": [told], "head": head})


def files_of(place: Installation, pack: Pack, period: Period) -> list[tuple[Unit, bytes, dict[Any, Any]]]:
    """One filled workbook a commune, with the unit's figures of the year before."""
    from demo.simulate import filled_workbook

    result = []
    for unit in pack.units_on(period.cutoff_on):
        if unit.is_lead_body:
            continue
        before = baseline(pack, unit, period, SEED, "2025-Y")
        filled = Figures(pack, unit, period, before, SEED).fill()
        result.append((unit, filled_workbook(pack, unit, period, before, filled), before))
    return result


def time_period(
    pack: Pack, period: Period, files: Sequence[tuple[Unit, bytes, dict[Any, Any]]], n: int
) -> dict[str, float]:
    """Read, check, consolidate and write for `n` communes; files are taken again in turn, units are made up."""
    units = tuple(replace(files[i % len(files)][0], code=f"{i:05d}") for i in range(n))
    # A pack of its own for the consolidation; reading and checking use the true units, whose workbooks these are.
    grown = Pack(pack.regime, units, pack.forms, pack.targets, pack.sha256)
    at: dict[str, float] = {}
    start = time.perf_counter()
    accepted = []
    for i, unit in enumerate(units):
        original, data, before = files[i % len(files)]
        workbook = type_workbook(read_workbook(data), pack)
        check(workbook, pack, original, period, History(previous=before), received_at=period.opens_at)
        cells = {c.key: c for c in cells_to_keep(workbook, pack, original)}
        accepted.append(AcceptedCells(unit.code, i, f"{i:064x}", "x.xlsx", period.opens_at, cells))
    at["read + check"] = time.perf_counter() - start
    start = time.perf_counter()
    added = consolidate(grown, period, accepted, units)
    at["consolidate"] = time.perf_counter() - start
    start = time.perf_counter()
    meta = ReportMeta(version=1, status=ReportStatus.FROZEN, as_of=period.opens_at)
    build_workbook(grown, period, added, accepted, meta)
    at["write Excel"] = time.perf_counter() - start
    start = time.perf_counter()
    build_report(ReportInput(grown, period, added, 1, period.cutoff_on), templates=ROOT / "include" / "templates")
    at["write Word"] = time.perf_counter() - start
    at["total"] = sum(at.values())
    return at


def dag_parse_seconds(files: Iterable[Path], *, plugins: bool) -> dict[str, float]:
    """CPU seconds to execute the DAG files one after the other, in a process where Airflow is imported already.

    With `plugins` these are imported as well, as in every round of Airflow's DAG processor but its first. The first
    file still reads the packs of all regimes, the first that asks for a deadline the holiday tables.
    """
    code = (
        "import sys, time, pathlib, importlib.util\n"
        f"sys.path[:0] = [{str(ROOT / 'plugins')!r}, {str(ROOT / 'dags')!r}]\n"
        "import airflow.dag_processing.manager, airflow.sdk, airflow.providers.standard.operators.hitl\n"
        f"if {plugins}:\n"
        f"    for f in sorted(pathlib.Path({str(ROOT / 'plugins')!r}).glob('*.py')): importlib.import_module(f.stem)\n"
        f"for f in map(pathlib.Path, {[str(f) for f in files]!r}):\n"
        "    t = time.process_time()\n"
        "    spec = importlib.util.spec_from_file_location('bench_' + f.stem, f)\n"
        "    m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m)\n"
        "    print('PARSE', f.name, time.process_time() - t)\n"
    )
    with tempfile.TemporaryDirectory() as home:
        # An empty home: no configuration or database of the machine takes part.
        env = {**os.environ, "AIRFLOW_HOME": home, "BAOCAO_ROOT": str(ROOT), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("PARSE")]
    return {name: float(seconds) for _, name, seconds in lines}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write: to a file of one's own, or with `--keep` over the tracked results."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write bench/results.md instead of out/bench/results.md")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes only: to see that it runs")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    sizes_of_periods, sizes_of_verbs = (SIZES[:1], (20, 40)) if options.quick else (SIZES, growth.SIZES)
    place = Installation.open({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": tempfile.mkdtemp(prefix="baocao-bench-")})
    pack, period = place.at(REGIME, PERIOD)
    print("Preparing the workbooks…", flush=True)
    files = files_of(place, pack, period)
    raws = [read_workbook(data) for _, data, _ in files]
    books = [(type_workbook(raw, pack), unit, before) for raw, (unit, _, before) in zip(raws, files, strict=True)]
    print("Measuring…", flush=True)
    read = median_cpu_ms(lambda data: read_workbook(data), [data for _, data, _ in files])
    bound = median_cpu_ms(calamine_alone, [data for _, data, _ in files])
    typed = median_cpu_ms(lambda raw: type_workbook(raw, pack), raws)
    checked = median_cpu_ms(
        lambda b: check(b[0], pack, b[1], period, History(previous=b[2]), received_at=period.opens_at), books
    )
    opened = median_cpu_ms(lambda data: open_arrival(data, {"filename": "x.xlsx"}), [data for _, data, _ in files])
    marked = median_cpu_ms(_mark_one, [data for _, data, _ in files])
    grown = {n: time_period(pack, period, files, n) for n in sizes_of_periods}
    print("Measuring the naive baseline…", flush=True)
    naive = naive_seconds([data for _, data, _ in files[:NAIVE_SAMPLE]]) * len(files)
    whole = grown[SIZES[0]]["total"]
    dag_files = sorted((ROOT / "dags").glob("*.py"))
    parse = dag_parse_seconds(dag_files, plugins=True)
    cold = {f.name: dag_parse_seconds([f], plugins=False)[f.name] for f in dag_files}
    print("Measuring the verbs…", flush=True)
    of_verbs, command = verbs.measured(), verbs.start_of_the_command()
    print("Measuring the verbs as the units grow…", flush=True)
    as_they_grow = _growth_of_the_verbs(sizes_of_verbs)
    sizes = statistics.median(len(data) for _, data, _ in files)
    rows = [
        _row("read one commune workbook, error cells seen (median CPU ms)", read, 8),
        _row("check one commune workbook (median CPU ms)", checked, 3),
        Row("type its cells (median CPU ms)", f"{typed:.1f}"),
        Row("open an arrival in the reader: screen, read, hand over (median CPU ms)", f"{opened:.1f}"),
        Row("mark one cell of it and hold the copy against it (median CPU ms)", f"{marked - opened:.1f}"),
        Row("python-calamine alone on the same files (median CPU ms)", f"{bound:.1f}"),
        # 8 ms were set where the bare reader took 5 ms on a smaller workbook: the ratio holds on other machines.
        _row("read as a multiple of python-calamine alone", read / bound, 1.6),
        _row("166 communes: read, check, consolidate, write Excel and Word (s)", whole, 15),
        _row("ratio to the naive baseline", naive / whole, 50, at_least=True),
        _row("slowest DAG file to parse (CPU s)", max(parse.values()), 0.3),
        _row("`baocao --help` (CPU s)", command.cpu, 0.25),
        Row("peak memory of this process (MB)", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"),
    ]
    print("Measuring the portal…", flush=True)
    at_the_door = portal.section(portal.measure())
    for costs in of_verbs.values():
        costs.append(command)
    as_they_run = [*verbs.as_table(of_verbs, read + typed + checked), *as_they_grow]
    text = _report(rows, grown, naive, len(files), sizes, parse, cold, as_they_run, load) + "\n" + at_the_door
    _write(text, keep=options.keep)
    return 0


def _write(text: str, *, keep: bool) -> None:
    target = ROOT / "bench" / "results.md" if keep else ROOT / "out" / "bench" / "results.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {target}")


def _growth_of_the_verbs(sizes: Sequence[int]) -> list[str]:
    lines = ["## The verbs as the units grow", ""]
    lines += growth.as_table("SQLite", *growth.measured(sizes=sizes))
    with tempfile.TemporaryDirectory(prefix="baocao-bench-") as folder, verbs.postgres(Path(folder)) as server:
        if server is not None:
            lines += growth.as_table("PostgreSQL", *growth.measured(server.new_database, sizes))
    return lines


def _row(what: str, value: float, target: float, *, at_least: bool = False) -> Row:
    met = value >= target if at_least else value <= target
    return Row(what, f"{value:.2f}", f"{'>=' if at_least else '<='} {target}", "yes" if met else "NO")


def _report(
    rows: Sequence[Row],
    grown: dict[int, dict[str, float]],
    naive: float,
    communes: int,
    size: float,
    parse: dict[str, float],
    cold: dict[str, float],
    of_verbs: Sequence[str],
    load: float,
) -> str:
    parts = list(next(iter(grown.values())))
    base = grown[SIZES[0]]
    lines = [
        "# What it costs",
        "",
        f"`make bench` on {os.cpu_count()} cores, Python {platform.python_version()}; {communes} commune workbooks of "
        f"about {size / 1024:.0f} KB; load of other work when it began: {load:.1f}. Ratios travel, "
        "absolute figures do not.",
        "",
        "| measured | here | target | met |",
        "|---|---:|---:|---|",
        *(f"| {r.what} | {r.measured} | {r.target} | {r.met} |" for r in rows),
        "",
        f"Naive baseline: openpyxl and one Great Expectations run a sheet, measured on {NAIVE_SAMPLE} workbooks and "
        f"extrapolated to {communes}: {naive:.0f} s. Importing Great Expectations is not counted.",
        "",
        "## Growth (wall seconds; factor against 166)",
        "",
        "| communes | " + " | ".join(parts) + " | per commune (ms) |",
        "|---:|" + "---:|" * (len(parts) + 1),
    ]
    for n, at in grown.items():
        cells = [f"{at[p]:.2f} ({at[p] / base[p]:.1f}x)" for p in parts]
        lines.append(f"| {n} ({n / SIZES[0]:.1f}x) | " + " | ".join(cells) + f" | {at['total'] / n * 1000:.1f} |")
    lines += [
        "",
        "The files of the 166 communes are taken again in turn, under made-up codes; history is one earlier period.",
        "",
        *of_verbs,
        "## DAG files (CPU seconds to parse)",
        "",
        "Airflow imported; the plugins too, as in every round of the DAG processor but its first. In that one a file "
        "pays for the imports as well.",
        "",
        "| file | every round | first round |",
        "|---|---:|---:|",
        *(f"| `{name}` | {seconds:.3f} | {cold[name]:.3f} |" for name, seconds in parse.items()),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
