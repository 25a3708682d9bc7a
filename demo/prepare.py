"""Before the played period: the folders of the demonstration, figures from before go-live, and the units' plan."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from pathlib import Path

from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.workflow.periods.baseline import HEADER
from demo.simulate import baseline

ROOT = Path(__file__).resolve().parents[1]
SEED = 2026
REGIME = "thanh-hoa-drug-programme"
"""What the commands are about when none is named."""
PORTAL_URL = "http://127.0.0.1:8090"
"""Where `make portal` answers: the links in the letters of the demonstration lead there."""
BASELINES = ("2025-H1", "2025-Y")


def environment(out: Path) -> dict[str, str]:
    """The settings of the demonstration: everything it writes lies under `out`."""
    return {
        "BAOCAO_ROOT": str(ROOT),
        "BAOCAO_REGIME": REGIME,
        "BAOCAO_DATA": str(out / "data"),
        "BAOCAO_INBOX": str(out / "inbox"),
        "BAOCAO_OUTBOX": str(out / "outbox"),
        "BAOCAO_DISPATCH": str(out / "dispatch"),
        "BAOCAO_PORTAL_URL": PORTAL_URL,
    }


def environment_file(out: Path, more: Mapping[str, str] | None = None) -> str:
    """The settings as a file to source; the folders are those beside the file, wherever it has been moved. `more`:
    settings beside those of every demonstration."""
    # BASH_SOURCE in bash, $0 in zsh: where the file lies when it is sourced.
    lines = ['_demo="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)"']
    for name, value in {**environment(out), **(more or {})}.items():
        inside = Path(value).is_relative_to(out) if value.startswith("/") else False
        told = f"$_demo/{Path(value).relative_to(out).as_posix()}" if inside else value
        lines.append(f'{name}="{told}"')
    return "\n".join([*lines, "unset _demo", ""])


def clean(out: Path) -> None:
    """Remove what an earlier demonstration left; the folder is ours alone."""
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)


def figures_before(pack: Pack, period: Period) -> dict[str, dict[str, dict[CellKey, Value]]]:
    """Baseline code -> unit -> figures. The later one is what stocks open with."""
    units = pack.units_on(period.cutoff_on)
    return {code: {u.code: baseline(pack, u, period, SEED, code) for u in units} for code in BASELINES}


def as_csv(figures: Mapping[str, Mapping[CellKey, Value]]) -> bytes:
    """A baseline file as `baocao baseline` takes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for unit, cells in sorted(figures.items()):
        writer.writerows([unit, *key, value] for key, value in sorted(cells.items()))
    return out.getvalue().encode()
