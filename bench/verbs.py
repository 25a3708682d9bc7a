"""The verbs people wait for, as they run: database, files and letters included.

`python -m bench.verbs FOLDER [DATABASE_URL [LAST [MARKED]]]` plays one period of the first regime in an empty folder,
to its end or to the verb LAST, and prints JSON: by verb the CPU seconds (ours and the reader children's), the wall
seconds and how many units or files it served; and the units whose accepted workbook was marked up. Those in MARKED
(JSON) are collected apart. `bench.run` calls it for each database, in a process of its own: nothing is warm but what a
worker has warm.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baocao.workflow.installation import Installation

ROOT = Path(__file__).resolve().parents[1]
PERIOD = "2026-H1"
ACCEPTED = "collect, an accepted file"
MARKED = "collect, an accepted file with something to explain: marked up"
RETURNED = "collect, a returned file"
TARGETS_MS = {
    "open, a unit": 60,
    ACCEPTED: 25,
    RETURNED: 120,
    "remind with nothing due": 1000,
    "gate, consolidate, build": 10_000,
}
"""CPU milliseconds on two cores, as the first measurement of the verbs set them."""
BEFORE_MS = {
    "open, a unit": 220,
    ACCEPTED: 130,
    "remind, all that is due": 2500,
    "gate, consolidate, build": 25_000,
    "baocao --help": 1200,
}
"""The same at that first measurement (2 quiet cores, SQLite), before anything was made quicker."""
PLAYS = 3
"""Of what is played to RETURNED, and the middle one counts: the seconds they take move by a tenth from one play to
the next on a machine that does nothing else."""


@dataclass(frozen=True)
class Cost:
    """What one verb took."""

    what: str
    cpu: float
    """seconds, children included"""
    wall: float
    """seconds"""
    served: int
    """units or files"""
    readers: float = 0.0
    """of `cpu`, the seconds of the reader processes that ended meanwhile"""

    @property
    def ms(self) -> float:
        """CPU milliseconds for each unit or file."""
        return self.cpu * 1000 / max(self.served, 1)


def cpu_seconds() -> float:
    """CPU time so far, ended children included."""
    return _spent(resource.RUSAGE_SELF) + _spent(resource.RUSAGE_CHILDREN)


def _spent(who: int) -> float:
    found = resource.getrusage(who)
    return found.ru_utime + found.ru_stime


def play(folder: Path, database_url: str = "", marked: Set[str] = frozenset()) -> Iterator[Cost]:
    """One whole period; costs in the order of the steps. `folder` must be empty or not there. What the units `marked`
    send is collected apart."""
    from demo import prepare, story
    from demo.simulate import plan_period

    os.environ.update(prepare.environment(folder) | ({"BAOCAO_DATABASE_URL": database_url} if database_url else {}))
    prepare.clean(folder)
    from baocao.workflow.installation import Installation
    from baocao.workflow.periods.baseline import load_baseline
    from baocao.workflow.periods.windows import open_window
    from baocao.workflow.sweeps.collecting import collect
    from baocao.workflow.sweeps.reminding import remind

    place = Installation.open()
    place.store.migrate()
    pack, period = place.at(prepare.REGIME, PERIOD)
    regime = pack.code
    before = prepare.figures_before(pack, period)
    for code, figures in before.items():
        load_baseline(place, regime, code, prepare.as_csv(figures), period.opens_at)
    plan = plan_period(pack, period, before[prepare.BASELINES[-1]], seed=prepare.SEED)
    yield _cost("open, a unit", lambda: open_window(place, regime, PERIOD, period.opens_at), len(pack.units))
    at = story.report_at(period, place.working_days)
    sent = list(plan.between(None, at))
    faulty = {d.unit for d in sent if d.fault}
    good = [d for d in sent if d.unit not in faulty]
    bad = [d for d in sent if d.fault]
    for what, files, moment in (
        (ACCEPTED, [d for d in good if d.unit not in marked], period.unit.due_at - timedelta(days=2)),
        (MARKED, [d for d in good if d.unit in marked], period.unit.due_at - timedelta(days=2)),
        (RETURNED, bad, period.unit.due_at - timedelta(days=1)),
    ):
        if not files:
            continue
        served = story.drop(place.settings.inbox, iter(files))
        yield _cost(what, partial(collect, place, moment, regime), served)
    story.drop(place.settings.inbox, (d for d in sent if d.unit in faulty and not d.fault))
    collect(place, period.unit.due_at - timedelta(hours=2), regime)
    yield _cost("remind, all that is due", lambda: remind(place, at, regime), 1)
    yield _cost("remind with nothing due", lambda: remind(place, at, regime), 1)
    yield from _report(place, regime, at, story.SIGNATURE)


def _report(place: Installation, regime: str, at: datetime, signature: Mapping[str, Any]) -> Iterator[Cost]:
    """From the gate to the package that leaves."""
    from baocao.workflow.consolidating.drafting import consolidate, gate
    from baocao.workflow.reports.building import build
    from baocao.workflow.reports.dispatching import dispatch
    from baocao.workflow.sign_off.signing import approve, sign

    made: dict[str, Any] = {}

    def report() -> None:
        gate(place, regime, PERIOD, at)
        made.update(consolidate(place, regime, PERIOD, at))
        made.update(build(place, int(made["report_id"]), at))

    def load_libraries() -> None:
        import great_expectations
        import vl_convert  # noqa: F401

        great_expectations.get_context(mode="ephemeral")

    # What a worker pays once, whatever the number of reports; the target is for a warm one.
    yield _cost("load the libraries of gate and charts", load_libraries, 1)
    yield _cost("gate, consolidate, build", report, 1)
    of = (place, int(made["report_id"]), str(made["content_sha256"]))
    approve(*of, "approve", by="Lãnh đạo Công an tỉnh (đo tốc độ)", as_of=at + timedelta(hours=1))
    signed_at = at + timedelta(hours=2)
    sign(*of, "sign", by="Văn thư (đo tốc độ)", as_of=signed_at, signed_on=at.date(), **signature)
    yield _cost("dispatch", lambda: dispatch(place, int(made["report_id"]), at + timedelta(hours=3)), 1)


def _cost(what: str, work: Callable[[], Any], served: int) -> Cost:
    # CPU and not wall time: what else the machine does says nothing of the verb.
    cpu, readers, wall = cpu_seconds(), _spent(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    readers = _spent(resource.RUSAGE_CHILDREN) - readers
    return Cost(what, cpu_seconds() - cpu, time.perf_counter() - wall, served, readers)


def start_of_the_command() -> Cost:
    """`baocao --help`, the best of three."""
    command = [sys.executable, "-m", "baocao.cli", "--help"]

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)

    # The best: reading the files from the disk for the first time is not the command's cost.
    return min((_cost("baocao --help", run, 1) for _ in range(3)), key=lambda c: c.cpu)


def measured() -> dict[str, list[Cost]]:
    """Database -> costs; PostgreSQL only where its server is installed. Progress goes to stderr."""
    with tempfile.TemporaryDirectory(prefix="baocao-bench-") as folder:
        found = {"SQLite": _played(Path(folder) / "sqlite", lambda: "")}
        with postgres(Path(folder)) as server:
            if server is not None:
                found["PostgreSQL"] = _played(Path(folder) / "postgresql", server.new_database)
    return found


def _played(folder: Path, new_database: Callable[[], str]) -> list[Cost]:
    """The whole period once, and the verbs up to RETURNED as often as PLAYS says: the middle one of each."""
    # Which accepted files have something to explain only shows when they have been collected.
    _, marked = _in_a_process(folder / "marked", new_database(), ACCEPTED)
    plays = [_in_a_process(folder / "whole", new_database(), "", marked)[0]]
    plays += [_in_a_process(folder / str(n), new_database(), RETURNED, marked)[0] for n in range(1, PLAYS)]
    of_each = ([play[i] for play in plays if i < len(play)] for i in range(len(plays[0])))
    return [sorted(costs, key=lambda c: c.cpu)[len(costs) // 2] for costs in of_each]


def _in_a_process(folder: Path, url: str, last: str, marked: Sequence[str] = ()) -> tuple[list[Cost], list[str]]:
    """Costs, and the units whose accepted workbook was marked up."""
    command = [sys.executable, "-m", "bench.verbs", str(folder), url, last, json.dumps(marked)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return [Cost(**line) for line in said["costs"]], said["marked"]


def _marked_up() -> list[str]:
    from sqlalchemy import select

    from baocao.store.tables import submission as s
    from baocao.workflow.installation import Installation

    with Installation.open().store.read() as conn:
        return sorted(conn.scalars(select(s.c.unit).where(s.c.status == "ACCEPTED", s.c.marked_sha256.is_not(None))))


@contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    """A PostgreSQL server of our own below `folder`; None where none is installed."""
    sys.path.insert(0, str(ROOT / "tests"))
    from servers.postgres import find_binaries, running_server

    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    place = folder / "server"
    place.mkdir()
    folder.chmod(0o755)  # the server runs as another user when we are root
    with running_server(place, binaries) as server:
        yield server


def as_table(found: dict[str, list[Cost]], check_ms: float) -> list[str]:
    """Lines of Markdown. `check_ms`: read and check alone in the same run, the base of the ratio."""
    lines = ["## The verbs as they run (CPU ms, database, files and letters included)", ""]
    lines += [f"To “{RETURNED}” the middle of {PLAYS} plays, then one play.", ""]
    names = list(found)
    lines.append(
        "| verb | "
        + " | ".join(f"{n} | wall" for n in names)
        + " | before | before / now | times read + check | target | met |"
    )
    lines.append("|---|" + "---:|" * (2 * len(names) + 4) + "---|")
    for i, first in enumerate(found[names[0]]):
        target = TARGETS_MS.get(first.what)
        digits = 1 if first.ms < 100 else 0
        cells = " | ".join(
            f"{found[n][i].ms:.{digits}f} | {found[n][i].wall * 1000 / first.served:.{digits}f}" for n in names
        )
        ratio = f"{first.ms / check_ms:.1f}" if first.what.startswith("collect") else ""
        before = BEFORE_MS.get(first.what)
        quicker = f"{before} | {before / first.ms:.1f}" if before else " | "
        met = "" if target is None else _met({n: found[n][i].ms <= target for n in names})
        lines.append(f"| {first.what} | {cells} | {quicker} | {ratio} | {f'<= {target}' if target else ''} | {met} |")
        if first.what.startswith("collect"):
            shares = " | ".join(f"{found[n][i].readers * 1000 / first.served:.0f} | " for n in names)
            lines.append(f"| of it the reader processes, their start included | {shares} |  |  |  |  |  |")
    return [*lines, ""]


def _met(on: Mapping[str, bool]) -> str:
    if len(set(on.values())) == 1:
        return "yes" if all(on.values()) else "NO"
    return f"NO, only on {' and '.join(name for name, met in on.items() if met)}"


def main(arguments: list[str]) -> int:
    """Print as JSON what each verb costs (folder, database URL, last verb, marked units)."""
    folder, url, last, marked = (*arguments, *("", "", "[]")[len(arguments) - 1 :])
    costs = []
    for cost in play(Path(folder), url, set(json.loads(marked))):
        costs.append(vars(cost))
        print(f"  {cost.what}: {cost.ms:.1f} ms CPU, {cost.wall:.1f} s", file=sys.stderr, flush=True)
        if cost.what == last:
            break
    print(json.dumps({"costs": costs, "marked": _marked_up()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
