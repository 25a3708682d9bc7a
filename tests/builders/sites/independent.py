"""The independent program, run as an auditor would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from builders.sites.site import REGIME, Site

SCRIPT = Path(__file__).parents[2] / "e2e" / "reports" / "independent_sum.py"


def run(site: Site, raw: Path, consolidated: Path, *year_ago: Path) -> tuple[int, list[str], int]:
    """(exit code, differences, number of figures compared)"""
    pack = site.root / "include" / "regimes" / REGIME
    arguments = [sys.executable, SCRIPT, raw, consolidated, pack / "forms", pack / "units.csv", *year_ago]
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False, cwd=raw)
    assert done.returncode in {0, 1} and done.stdout, done.stderr
    *differences, last = done.stdout.splitlines()
    counted = re.fullmatch(r"So sánh (\d+) số, khác (\d+)", last)
    assert counted is not None and int(counted[2]) == len(differences)
    return done.returncode, differences, int(counted[1])
