"""A small installation to walk through by hand: a few units of the first regime, and their filled workbooks.

`python -m demo.fill` writes a pack with a few communes, the figures from before go-live, the settings (`env`), and each
unit's workbook into the inbox, as if sent in time. Nothing is opened, taken in or consolidated: that is the walk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from demo import prepare, story
from demo.figures import Figures
from demo.simulate import DroppedFile

COMMUNES = 6
PERIOD = "2026-H1"


def main(arguments: list[str] | None = None) -> int:
    """Fill the folder; what was there before is removed."""
    parser = argparse.ArgumentParser(prog="python -m demo.fill", description=__doc__)
    parser.add_argument("--out", type=Path, default=prepare.ROOT / "out" / "walk")
    parser.add_argument("--communes", type=int, default=COMMUNES)
    options = parser.parse_args(arguments)
    out: Path = options.out.resolve()
    # `clean` removes the whole folder, so it must be one that we made.
    if out.exists() and not (out / "env").is_file():
        parser.error(f"{out} đã có và không phải thư mục của lệnh này; hãy nêu thư mục khác bằng --out")
    prepare.clean(out)
    small_pack(out / "packs", options.communes)
    own = {"BAOCAO_PACKS": str(out / "packs")}
    (out / "env").write_text(prepare.environment_file(out, own), encoding="utf-8")
    # Before baocao is imported below: an installation reads its settings when it opens.
    os.environ.update(prepare.environment(out) | own)
    sent = fill(out)
    print(f"{sent} tệp trong {out / 'inbox'}; đi tiếp: set -a; . {out / 'env'}; set +a")
    return 0


def small_pack(packs: Path, communes: int) -> None:
    """The first regime's pack with its first communes and all lead bodies."""
    pack = packs / prepare.REGIME
    shutil.copytree(prepare.ROOT / "include" / "regimes" / prepare.REGIME, pack)
    header, *lines = (pack / "units.csv").read_text(encoding="utf-8").splitlines()
    lead = [line for line in lines if line.startswith("38-")]
    kept = [*[line for line in lines if line not in lead][:communes], *lead]
    (pack / "units.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")


def fill(out: Path) -> int:
    """Figures from before go-live into the store, every unit's workbook into its folder of the inbox."""
    from baocao.forms.blank_workbook.workbook import write_blank
    from baocao.workflow.installation import Installation
    from baocao.workflow.periods.baseline import load_baseline

    place = Installation.open()
    pack, period = place.at(prepare.REGIME, PERIOD)
    before = prepare.figures_before(pack, period)
    for code, figures in before.items():
        load_baseline(place, prepare.REGIME, code, prepare.as_csv(figures), period.opens_at)
    last = before[prepare.BASELINES[-1]]
    at = period.unit.due_at - timedelta(days=2)
    deliveries = []
    for unit in pack.units_on(period.cutoff_on):
        known = last.get(unit.code, {})
        drawn = Figures(pack, unit, period, known, prepare.SEED).fill()
        data = write_blank(
            pack, unit, period, known, values=drawn.values, nil_forms=drawn.nil_forms or None, info=drawn.info
        )
        deliveries.append(DroppedFile(at, unit.code, f"{unit.code}_{PERIOD}.xlsx", data))
    story.drop(place.settings.inbox, iter(deliveries))
    place.store.close()
    return len(deliveries)


if __name__ == "__main__":
    sys.exit(main())
