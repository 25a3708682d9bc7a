"""The units' portal over the demonstration: `make portal`.

Opens it over out/demo (after `make demo`), else over a small installation of its own, at a day when the period is being
collected, and prints the personal links of a few units. Ends with Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from demo import fill, prepare

PERIOD = "2026-H1"
SHOWN = 4


def main(arguments: list[str] | None = None) -> int:
    """Print links, run the portal."""
    parser = argparse.ArgumentParser(prog="python -m demo.portal", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--out", type=Path, default=prepare.ROOT / "out" / "demo")
    parser.add_argument("--links-only", action="store_true", help="print the links and end")
    options = parser.parse_args(arguments)
    out: Path = options.out.resolve()
    if not (out / "env").is_file():
        out = prepare.ROOT / "out" / "portal"
        if not (out / "env").is_file():
            print("Chưa có out/demo (make demo): lập một bộ nhỏ ở out/portal.")
            fill.main(["--out", str(out), "--communes", "6"])
    os.environ.update(settings_of(out))
    os.environ["BAOCAO_PORTAL_URL"] = f"http://127.0.0.1:{options.port}"
    at = prepared()
    if options.links_only:
        return 0
    command = [sys.executable, "-m", "baocao.web.portal.server", "--port", str(options.port), "--as-of", at]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0


def settings_of(out: Path) -> dict[str, str]:
    """The settings file of an installation, as a shell that sources it would see them."""
    found = {}
    for line in (out / "env").read_text(encoding="utf-8").splitlines():
        # Only our own settings: the file's first line is shell.
        if match := re.fullmatch(r'(BAOCAO_\w+)="(.*)"', line):
            found[match[1]] = match[2].replace("$_demo", str(out))
    return found


def prepared() -> str:
    """Open the period where that was not done, print the links of a few units; the moment to start at."""
    from baocao.text import moment_text
    from baocao.workflow.installation import Installation
    from baocao.workflow.mail.personal_links import personal_link
    from baocao.workflow.periods.windows import open_window

    place = Installation.open()
    pack, period = place.at(prepare.REGIME, PERIOD)
    open_window(place, prepare.REGIME, PERIOD, period.opens_at)
    at = period.unit.due_at - timedelta(days=2)
    print(f"Thời điểm diễn tập: {moment_text(at)}; liên kết riêng của một số đơn vị:")
    units = [u for u in pack.units_on(period.cutoff_on) if not u.is_lead_body]
    with place.store.begin() as conn:
        for unit in units[:SHOWN]:
            print(f"  {unit.full_name}: {personal_link(place, conn, prepare.REGIME, PERIOD, unit.code, at=at)}")
    place.store.close()
    return at.isoformat()


if __name__ == "__main__":
    sys.exit(main())
