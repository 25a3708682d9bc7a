"""A small installation for tests of the whole road: the real pack with a handful of its communes, everything in tmp."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from demo.figures import Figures, Filled
from demo.prepare import as_csv
from demo.simulate import baseline

from baocao.forms.blank import write_blank
from baocao.model.form import CellKey
from baocao.model.period import Period
from baocao.model.regime import Pack
from baocao.model.submission import Value
from baocao.model.unit import Unit
from baocao.settings import load_settings
from baocao.workflow import building, collecting, dispatching, reporting, signing, windows
from baocao.workflow.baseline import load_baseline
from baocao.workflow.workplace import Workplace

PROJECT = Path(__file__).resolve().parents[1]
REGIME = "thanh-hoa-drug-programme"
PERIOD = "2026-H1"
COMMUNES = ("14797", "14758", "14845", "14953", "15349", "16378")
SIGNATURE = {"number": "151", "signed_on": "2026-06-23", "signer": "Người ký (thử nghiệm)"}


def trimmed_root(folder: Path, communes: Iterable[str] = COMMUNES) -> Path:
    """A project root whose pack knows only these communes (and the lead bodies); the rest is the project's own."""
    root = folder / "root"
    (root / "include" / "regimes").mkdir(parents=True)
    (root / "sql").symlink_to(PROJECT / "sql")
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(PROJECT / "include" / name)
    pack = root / "include" / "regimes" / REGIME
    pack.mkdir()
    source = PROJECT / "include" / "regimes" / REGIME
    for entry in source.iterdir():
        if entry.name != "units.csv":
            (pack / entry.name).symlink_to(entry)
    header, *lines = (source / "units.csv").read_text(encoding="utf-8").splitlines()
    wanted = set(communes)
    kept = [line for line in lines if line.split(",")[0] in wanted or line.startswith("38-")]
    (pack / "units.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return root


@dataclass
class Site:
    """One installation, and what its units would send."""

    root: Path
    data: Path
    database_url: str | None = None

    @property
    def env(self) -> dict[str, str]:
        env = {"BAOCAO_ROOT": str(self.root), "BAOCAO_DATA": str(self.data)}
        return {**env, "BAOCAO_DATABASE_URL": self.database_url} if self.database_url else env

    @cached_property
    def place(self) -> Workplace:
        return Workplace(load_settings(self.env))

    @property
    def pack(self) -> Pack:
        return self.place.pack(REGIME)

    @property
    def period(self) -> Period:
        return self.place.period(REGIME, PERIOD)

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.pack.units_on(self.period.cutoff_on)

    @property
    def opens(self) -> datetime:
        return self.period.opens_at

    @property
    def in_time(self) -> datetime:
        """Two days before the units' deadline."""
        return self.period.unit.due_at - timedelta(days=2)

    @property
    def report_day(self) -> datetime:
        return self.period.province.due_at - timedelta(days=1, hours=14)

    @cached_property
    def before(self) -> dict[str, dict[CellKey, Value]]:
        """Each unit's figures of the year before go-live."""
        return {u.code: baseline(self.pack, u, self.period, 2026, "2025-Y") for u in self.units}

    def load_baseline(self) -> None:
        load_baseline(self.place, REGIME, "2025-Y", as_csv(self.before), self.opens)

    def filled(self, unit: str) -> Filled:
        who = self.unit(unit)
        return Figures(self.pack, who, self.period, self.before[unit], 2026).fill()

    def unit(self, code: str) -> Unit:
        return next(u for u in self.units if u.code == code)

    def workbook(
        self, unit: str, change: Mapping[CellKey, Value | str | None] | None = None, period: Period | None = None
    ) -> bytes:
        """The unit's workbook, filled right but for `change`."""
        filled = self.filled(unit)
        values = {**filled.values, **(change or {})}
        when = period or self.period
        return write_blank(self.pack, self.unit(unit), when, self.before[unit], values=values, info=filled.info)

    def send(self, unit: str, data: bytes, at: datetime, name: str = "bao-cao.xlsx") -> Path:
        """Drop a file into the unit's folder of the inbox, as sent at `at`."""
        folder = self.place.settings.inbox / unit
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(data)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    # the verbs, for this period

    def open(self) -> dict[str, object]:
        return windows.open_window(self.place, REGIME, PERIOD, self.opens)

    def collect(self, at: datetime | None = None) -> dict[str, int]:
        return collecting.collect(self.place, at or self.in_time)

    def send_all(self, *, but: Iterable[str] = ()) -> None:
        for unit in self.units:
            if unit.code not in set(but):
                self.send(unit.code, self.workbook(unit.code), self.in_time)

    def consolidate(self, at: datetime | None = None) -> dict[str, object]:
        when = at or self.report_day
        reporting.gate(self.place, REGIME, PERIOD, when)
        draft = reporting.consolidate(self.place, REGIME, PERIOD, when)
        return building.build(self.place, draft["report_id"], when)

    def approve(self, report: Mapping[str, object], decision: str = "approve", note: str = "") -> dict[str, object]:
        return signing.approve(
            self.place,
            int(str(report["report_id"])),
            str(report["content_sha256"]),
            decision,
            by="can-bo-truc",
            as_of=self.report_day,
            note=note,
        )

    def sign(self, report: Mapping[str, object]) -> dict[str, object]:
        return signing.sign(
            self.place,
            int(str(report["report_id"])),
            str(report["content_sha256"]),
            "sign",
            by="van-thu",
            as_of=self.report_day,
            **SIGNATURE,
        )

    def dispatch(self, report: Mapping[str, object]) -> dict[str, object]:
        return dispatching.dispatch(self.place, int(str(report["report_id"])), self.report_day)

    def to_signed(self) -> dict[str, object]:
        """From nothing to a signed report: everything accepted."""
        self.load_baseline()
        self.open()
        self.send_all()
        self.collect()
        report = self.consolidate()
        self.approve(report)
        self.sign(report)
        return report
