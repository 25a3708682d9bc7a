"""Every regime's whole period on PostgreSQL, from the opened window to the dispatch: what SQLite forgives shows here.

A handful of units a regime, all through the verbs; without PDF, which no database has a part in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from demo.other_regimes import Played

from baocao.delivery.transport import EmlTransport
from baocao.model.report import ReportStatus
from baocao.settings import load_settings
from baocao.store.reports import reports
from baocao.workflow.installation import Installation
from baocao.workflow.reports import building, issuing, replaying, tracing
from baocao.workflow.status import overview
from baocao.workflow.sweeps import reminding
from builders.sites.regimes import WARD_UNIT
from builders.sites.site import PROJECT
from servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres
PERIODS = {
    "thanh-hoa-drug-programme": "2026-H1",
    "hai-phong-legal-aid": "2026-H1",
    "hai-phong-anti-trafficking": "2026-H1",
    "hai-phong-drug-programme": "2026-Y",
    "thuy-nguyen-ward": "2026-Y",
}
TERRITORIAL = 4
"""Communes and wards kept of each pack; every other body stays."""


def few_units(folder: Path) -> Path:
    """A project root whose packs know a few communes each; the rest is the project's own."""
    root = folder / "root"
    regimes = root / "include" / "regimes"
    regimes.mkdir(parents=True)
    (root / "sql").symlink_to(PROJECT / "sql")
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(PROJECT / "include" / name)
    for source in sorted((PROJECT / "include" / "regimes").iterdir()):
        target = regimes / source.name
        target.mkdir()
        for entry in source.iterdir():
            if entry.name != "units.csv":
                (target / entry.name).symlink_to(entry)
        header, *lines = (source / "units.csv").read_text(encoding="utf-8").splitlines()
        communes = [line for line in lines if line.split(",")[0].isdigit()]
        left_out = [line for line in communes[TERRITORIAL:] if line.split(",")[0] != WARD_UNIT]
        kept = [line for line in lines if line not in left_out]
        (target / "units.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_units(tmp_path_factory.mktemp("few"))


@pytest.fixture
def place(root: Path, postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Installation]:
    url = postgres_server.new_database()
    settings = load_settings({"BAOCAO_ROOT": str(root), "BAOCAO_DATA": str(tmp_path / "var")})
    place = Installation(replace(settings, database_url=url))
    place.store.migrate()
    with pytest.MonkeyPatch.context() as patched:
        for module in (building, issuing):
            patched.setattr(module, "pdf_available", lambda: False)
        yield place
    place.store.close()
    postgres_server.drop(url)


def test_no_shipped_regime_is_left_out() -> None:
    assert set(PERIODS) == {f.name for f in (PROJECT / "include" / "regimes").iterdir() if f.is_dir()}


@pytest.mark.parametrize("regime", PERIODS)
def test_the_whole_period_runs_on_postgresql(place: Installation, regime: str) -> None:
    played = Played(place, regime, PERIODS[regime])
    expected = len(played.pack.units_on(played.period.cutoff_on))

    report = played.to_signed()
    reminding.remind(place, played.deciding, regime)
    sent = played.dispatch(report)

    assert (report["accepted"], report["returned"]) == (expected, 0)
    assert sent["status"] == ReportStatus.DISPATCHED.value
    assert overview.status(place, regime, played.code, played.deciding)["report"]["status"] == sent["status"]
    assert isinstance(place.transport, EmlTransport)
    assert replaying.replay(place, regime, played.code, None)["identical"]
    with place.store.read() as conn:
        cell = next(str(k) for k, v in sorted(reports.values(conn, report["report_id"]).items()) if v.value is not None)
    assert tracing.trace_text(tracing.trace(place, regime, played.code, cell))
