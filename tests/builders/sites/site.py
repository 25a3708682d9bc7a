"""A small installation for tests of the whole road: the real pack with a handful of its communes, everything in tmp."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import cached_property
from pathlib import Path

from demo.figures import Figures, Filled
from demo.prepare import as_csv
from demo.simulate import baseline
from demo.term_figures import TermFigures
from sqlalchemy import Connection

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_cells
from baocao.model.period import Period, PeriodKind
from baocao.model.submission import Answer, Cell, Value
from baocao.model.term_totals import UnitTerm
from baocao.model.unit import Unit
from baocao.settings import load_settings
from baocao.store.submissions import cells, receiving, submissions
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Installation
from baocao.workflow.periods import windows
from baocao.workflow.periods.accumulating import unit_term
from baocao.workflow.periods.baseline import load_baseline
from baocao.workflow.reports import building, dispatching
from baocao.workflow.sign_off import signing
from baocao.workflow.sweeps import collecting

PROJECT = Path(__file__).resolve().parents[3]
REGIME = "thanh-hoa-drug-programme"
PERIOD = "2026-H1"
COMMUNES = ("14797", "14758", "14845", "14953", "15349", "16378")
SIGNATURE = {"number": "151", "signed_on": "2026-06-23", "signer": "Người ký (thử nghiệm)"}


_BEFORE: dict[tuple[str, str, str], dict[CellKey, Value]] = {}


def trimmed_root(folder: Path, communes: Iterable[str] = COMMUNES) -> Path:
    """A project root whose pack knows only these communes (and the lead bodies); the rest is the project's own."""
    root = folder / "root"
    (root / "include" / "regimes").mkdir(parents=True)
    for name in ("sql", "docs"):
        (root / name).symlink_to(PROJECT / name)
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


def typed(pack: Pack, drawn: Mapping[CellKey, Value | str]) -> dict[CellKey, Value]:
    """Figures as a store of accepted submissions holds them: `Có` is True; what is `NP` is left out."""
    kinds = pack_cells(pack)
    found: dict[CellKey, Value] = {}
    for key, value in drawn.items():
        table, row, column = kinds[key]
        if value == "NP":
            continue
        found[key] = value == "Có" if table.type_of(row, column) is ValueType.BOOL else value
    return found


def write_accepted(
    conn: Connection,
    period: str,
    unit: str,
    figures: Mapping[CellKey, Value],
    at: datetime,
    *,
    regime: str = REGIME,
) -> int:
    """An accepted submission of these figures; a later one of the same unit and period is its correction."""
    told = repr((period, unit, at, sorted(figures.items(), key=lambda f: f[0])))
    sha256 = hashlib.sha256(told.encode()).hexdigest()
    row, _ = receiving.receive(
        conn,
        receiving.Arrived(
            regime=regime,
            period=period,
            unit=unit,
            channel="folder",
            filename=f"{unit}_{period}.xlsx",
            sha256=sha256,
            size=1,
            received_at=at,
        ),
    )
    found = [
        Cell(key, Answer.VALUE, value, key.form, f"E{n}") for n, (key, value) in enumerate(sorted(figures.items()), 1)
    ]
    cells.insert_cells(conn, row.id, found)
    receipt = f"{regime}/{period}/{unit}/{row.id}"
    submissions.accept(conn, row, decided_at=at, on_time=True, receipt_number=receipt)
    return row.id


@dataclass
class Site:
    """One installation, and what its units would send."""

    root: Path
    data: Path
    database_url: str | None = None
    code: str = PERIOD
    """the period that is played"""
    reported: list[tuple[str, dict[str, dict[CellKey, Value]]]] = field(default_factory=list)
    """earlier periods that `accept` wrote: code, unit -> figures"""
    more: dict[str, str] = field(default_factory=dict)
    """further settings"""
    _filled: dict[tuple[str, int], Filled] = field(default_factory=dict)
    _terms: dict[tuple[str, int], UnitTerm] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        env = {"BAOCAO_ROOT": str(self.root), "BAOCAO_DATA": str(self.data), **self.more}
        return {**env, "BAOCAO_DATABASE_URL": self.database_url} if self.database_url else env

    @cached_property
    def place(self) -> Installation:
        return Installation(load_settings(self.env))

    @property
    def pack(self) -> Pack:
        """As the played period sees it."""
        return self.place.at(REGIME, self.code)[0]

    @property
    def period(self) -> Period:
        return self.place.period(REGIME, self.code)

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
        """Each unit's figures of the year before go-live; drawn once for each pack, installations being copied."""
        whole = self.pack.whole
        for unit in self.units:
            drawn = whole.sha256, self.code, unit.code
            if drawn not in _BEFORE:
                _BEFORE[drawn] = baseline(whole, unit, self.period, 2026, "2025-Y")
        return {u.code: _BEFORE[whole.sha256, self.code, u.code] for u in self.units}

    def load_baseline(self) -> None:
        load_baseline(self.place, REGIME, "2025-Y", as_csv(self.before), self.opens)

    def filled(self, unit: str) -> Filled:
        """What the unit types in this period; drawn once for each state of its past."""
        drawn = unit, len(self.reported)
        if drawn not in self._filled:
            who, last = self.unit(unit), self.last(unit)
            if self.period.is_evaluation:
                figures: Figures = TermFigures(self.pack, who, self.period, self.term(unit), last, 2026)
            else:
                figures = Figures(self.pack, who, self.period, last, 2026)
            self._filled[drawn] = figures.fill()
        return self._filled[drawn]

    def last(self, unit: str) -> Mapping[CellKey, Value]:
        """The figures of the unit's last report."""
        return self.reported[-1][1][unit] if self.reported else self.before[unit]

    def term(self, unit: str) -> UnitTerm:
        """What the unit's accepted reports add up to."""
        known = unit, len(self.reported)
        if known not in self._terms:
            with self.place.store.read() as conn:
                self._terms[known] = unit_term(self.place, conn, self.pack, self.period, unit)
        return self._terms[known]

    def accept(self, *codes: str, but: Mapping[str, Iterable[str]] | None = None) -> None:
        """Write the reports of earlier periods straight into the store as accepted ones; `but`: code -> units whose
        report of that period never came."""
        for code in codes:
            pack, period = self.place.at(REGIME, code)
            year_before = next((f for c, f in reversed(self.reported) if c < f"{period.year}"), self.before)
            never = set((but or {}).get(code, ()))
            # A year that never came is drawn all the same: the years after it go on from there.
            drawn = {
                u.code: typed(pack, Figures(pack, u, period, year_before[u.code], 2026).fill_with_derived())
                for u in pack.units_on(period.cutoff_on)
                if u.code not in never or period.kind == PeriodKind.ANNUAL
            }
            self.reported.append((code, drawn))
            at = period.unit.due_at - timedelta(days=1)
            with self.place.store.begin() as conn:
                for unit in sorted(drawn.keys() - never):
                    write_accepted(conn, code, unit, drawn[unit], at)

    def unit(self, code: str) -> Unit:
        return next(u for u in self.units if u.code == code)

    def workbook(
        self,
        unit: str,
        change: Mapping[CellKey, Value | str | None] | None = None,
        period: Period | None = None,
        info: Mapping[str, str] | None = None,
    ) -> bytes:
        """The unit's workbook, filled right but for `change`, and for `info` on the information sheet."""
        filled = self.filled(unit)
        values = {**filled.values, **(change or {})}
        when = period or self.period
        term = self.term(unit) if when.is_evaluation else None
        pack = self.place.at(REGIME, when.code)[0]
        nil = {form: why for form, why in filled.nil_forms.items() if all(key.form != form for key in change or {})}
        return write_blank(
            pack,
            self.unit(unit),
            when,
            self.last(unit),
            term=term,
            values=values,
            nil_forms=nil or None,
            info={**filled.info, **(info or {})},
        )

    def send(self, unit: str, data: bytes, at: datetime, name: str = "bao-cao.xlsx") -> Path:
        """Drop a file into the unit's folder of the inbox, as sent at `at`."""
        folder = self.place.settings.inbox / unit
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(data)
        # A file half written is waited for while it is new: this one has lain there.
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    # the verbs, for this period

    def open(self) -> dict[str, object]:
        return windows.open_window(self.place, REGIME, self.code, self.opens)

    def collect(self, at: datetime | None = None) -> dict[str, int]:
        return collecting.collect(self.place, at or self.in_time)

    def send_all(self, *, but: Iterable[str] = ()) -> None:
        for unit in self.units:
            if unit.code not in set(but):
                self.send(unit.code, self.workbook(unit.code), self.in_time)

    def consolidate(self, at: datetime | None = None) -> dict[str, object]:
        when = at or self.report_day
        drafting.gate(self.place, REGIME, self.code, when)
        draft = drafting.consolidate(self.place, REGIME, self.code, when)
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
            **{**SIGNATURE, "signed_on": self.place.day(REGIME, self.report_day)},
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


def with_pack(root: Path, change: Mapping[str, str]) -> Path:
    """The same root, with these lines of its `regime.yaml` replaced; each must stand there once."""
    file = root / "include" / "regimes" / REGIME / "regime.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in change.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.unlink()
    file.write_text(text, encoding="utf-8")
    return root


def letters(site: Site, *parts: str) -> list[str]:
    """Texts of the letters whose file name holds all these parts, oldest first."""
    paths = [p for p in site.place.settings.outbox.glob("*.eml") if all(part in p.name for part in parts)]
    found = []
    for path in sorted(paths, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        assert body is not None
        found.append(" ".join(body.get_content().split()))
    return found
