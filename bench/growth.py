"""Opening a window and collecting as the units grow, database and letters included.

`python -m bench.growth FOLDER SIZE [DATABASE_URL]` plays the first regime with its list of communes made longer
(made-up codes and names, nobody reported before) and prints JSON: for `open` and `collect` CPU and wall seconds, and
the peak memory of the process that decides. The workbooks are those of the true communes, taken again in turn under
other names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from bench.verbs import PERIOD, ROOT, cpu_seconds

SIZES = (166, 830, 3321)
TOO_LONG = 400.0
"""Wall seconds: a size that is expected to take longer is left out, and the table says so."""


@dataclass(frozen=True)
class Grown:
    """One verb at one size."""

    what: str
    units: int
    cpu: float
    wall: float
    memory_mb: int
    """peak of the process so far"""


def play(folder: Path, size: int, database_url: str = "") -> Iterator[Grown]:
    """`folder` must be empty or not there."""
    from demo import prepare
    from demo.figures import Figures
    from demo.simulate import filled_workbook

    packs = folder / "packs"
    shutil.copytree(ROOT / "include" / "regimes" / prepare.REGIME, packs / prepare.REGIME)
    units = packs / prepare.REGIME / "units.csv"
    head, *lines = units.read_text(encoding="utf-8").splitlines()
    true = [line.split(",") for line in lines if line.split(",")[2] in {"commune", "ward"}]
    made = [[f"{90000 + n:05d}", *_named(true[n % len(true)], n)] for n in range(size)]
    others = [line for line in lines if line.split(",")[2] not in {"commune", "ward"}]
    units.write_text("\n".join([head, *(",".join(line) for line in made), *others, ""]), encoding="utf-8")
    # Made-up codes have no places, and the loader would not miss the file.
    (packs / prepare.REGIME / "places.csv").unlink(missing_ok=True)
    os.environ.update(prepare.environment(folder / "out"))
    os.environ.update({"BAOCAO_PACKS": str(packs)} | ({"BAOCAO_DATABASE_URL": database_url} if database_url else {}))
    prepare.clean(folder / "out")
    from baocao.workflow.installation import Installation
    from baocao.workflow.periods.windows import open_window
    from baocao.workflow.sweeps.collecting import collect

    place = Installation.open()
    place.store.migrate()
    pack, period = place.at(prepare.REGIME, PERIOD)
    regime = pack.code

    def grown(what: str, work: Callable[[], Any]) -> Grown:
        cpu, wall = cpu_seconds(), time.perf_counter()
        work()
        return Grown(what, size, cpu_seconds() - cpu, time.perf_counter() - wall, _peak_mb())

    yield grown("open", lambda: open_window(place, regime, PERIOD, period.opens_at))
    communes = [unit for unit in pack.units_on(period.cutoff_on) if not unit.is_lead_body]
    patterns = [
        (unit, filled_workbook(pack, unit, period, {}, Figures(pack, unit, period, {}, prepare.SEED).fill()))
        # Twenty different workbooks: one alone would leave every cache warm.
        for unit in communes[:20]
    ]
    for n, unit in enumerate(communes):
        whose, data = patterns[n % len(patterns)]
        target = place.settings.inbox / unit.code / f"{unit.code}_{PERIOD}.xlsx"
        target.parent.mkdir(parents=True)
        target.write_bytes(_renamed(data, (whose.code, unit.code), (whose.full_name, unit.full_name)))
    yield grown("collect", lambda: collect(place, period.unit.due_at - timedelta(days=2), regime))


def _peak_mb() -> int:
    """Of this program: `ru_maxrss` would begin with what the process that started it had."""
    with Path("/proc/self/status").open(encoding="ascii") as status:
        # In kB, the highest so far.
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024


def _named(true: Sequence[str], n: int) -> list[str]:
    code, name, kind, *_, valid_from, valid_to = true
    address = f"bao-cao.{90000 + n:05d}@{code}.example"
    return [f"{name} {n // 1000}.{n % 1000}", kind, address, "", "", valid_from, valid_to]


def _renamed(data: bytes, *pairs: tuple[str, str]) -> bytes:
    """The same workbook, of another unit."""
    buffer = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/sharedStrings.xml":
                for was, now in pairs:
                    content = content.replace(f"<t>{was}</t>".encode(), f"<t>{now}</t>".encode())
            new.writestr(info, content)
    return buffer.getvalue()


def measured(
    database_url: Callable[[], str] = lambda: "", sizes: Sequence[int] = SIZES
) -> tuple[list[Grown], list[str]]:
    """The verbs at every size, and what was left out. Each size is played in a process of its own."""
    found: list[Grown] = []
    left_out: list[str] = []
    for size in sizes:
        # As if linear: what grows faster is left out a little late, not too early.
        expected = sum(g.wall for g in found if g.units == found[-1].units) * size / found[-1].units if found else 0
        if expected > TOO_LONG:
            left_out.append(f"{size} units: would take about {expected:.0f} s")
            continue
        print(f"  {size} units…", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="baocao-bench-") as folder:
            # A process of its own: a peak of memory never goes down.
            command = [sys.executable, "-m", "bench.growth", f"{folder}/site", str(size), database_url()]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        found += [Grown(**line) for line in json.loads(done.stdout.splitlines()[-1])]
    return found, left_out


def as_table(name: str, found: Sequence[Grown], left_out: Sequence[str]) -> list[str]:
    """Lines of Markdown."""
    lines = [
        f"### On {name}",
        "",
        "| verb | units | CPU ms a unit | wall s | wall s, factor against the first | peak memory (MB) |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    # Reversed, so that the smallest size is what stays.
    first = {g.what: g for g in reversed(found)}
    for g in sorted(found, key=lambda g: (g.what, g.units)):
        factor = f"{g.wall / first[g.what].wall:.1f} ({g.units / first[g.what].units:.1f}x the units)"
        lines.append(
            f"| {g.what} | {g.units} | {g.cpu * 1000 / g.units:.0f} | {g.wall:.1f} | {factor} | {g.memory_mb} |"
        )
    return [*lines, "", *(f"Left out: {text}." for text in left_out), ""]


def main(arguments: list[str]) -> int:
    """Print as JSON what a period of so many units costs (folder, number of units, database URL)."""
    url = arguments[2] if len(arguments) > 2 else ""
    print(json.dumps([vars(g) for g in play(Path(arguments[0]), int(arguments[1]), url)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
