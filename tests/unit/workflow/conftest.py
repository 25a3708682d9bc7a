"""An installation of five communes with nothing in it, and its first quarter opened: each test has its own database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from baocao.workflow.periods.windows import begin_window
from builders.packs.quarterly import CODE, quarterly_root

AD_HOC = """
ad_hoc: {forms: [CCHC], unit_locked_days_after_due: 10, province_locked_days_after_due: 30, anchor: KH}
min_coverage: {quarterly: 80}
"""


@pytest.fixture(scope="session")
def quarterly_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quarterly regime, which may also be asked for reports, and needs four of its five units."""
    root = quarterly_root(tmp_path_factory.mktemp("quarterly"))
    regime = root / "include" / "regimes" / CODE / "regime.yaml"
    regime.write_text(regime.read_text(encoding="utf-8") + AD_HOC, encoding="utf-8")
    return root


@pytest.fixture
def unopened(quarterly_project: Path, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Installation]:
    data = tmp_path / "var"
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "baocao.db")
    place = Installation(load_settings({"BAOCAO_ROOT": str(quarterly_project), "BAOCAO_DATA": str(data)}))
    yield place
    place.store.close()


@pytest.fixture
def office(unopened: Installation) -> Installation:
    """What every unit owes in the first quarter of 2027 is recorded; no blank is written."""
    begin_window(unopened, CODE, "2027-Q1", unopened.period(CODE, "2027-Q1").opens_at)
    return unopened
