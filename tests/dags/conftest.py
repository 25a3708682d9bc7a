"""An Airflow of the tests' own. Airflow reads its settings at the first import, so they are set when this is loaded."""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_HOME = Path(tempfile.mkdtemp(prefix="baocao-airflow-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ.update(
    {
        "AIRFLOW_HOME": str(_HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_HOME / 'airflow.db'}",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "BAOCAO_ROOT": os.environ.get("BAOCAO_ROOT", str(ROOT)),
        "BAOCAO_DATA": str(_HOME / "var"),
    }
)
os.environ.pop("BAOCAO_SCHEDULE_FROM", None)
# Airflow puts the plugins folder on the path when it starts; test_dag_files proves that in fresh processes.
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "plugins")]


@pytest.fixture(scope="session")
def airflow_database() -> None:
    from airflow.utils import db

    db.initdb()


@pytest.fixture(scope="session")
def bag() -> object:
    """All DAG files, loaded as the scheduler's tools load them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """The fake verbs in the place of the workflow."""
    import fake_verbs

    for name in fake_verbs.STANDS_FOR:
        package, _, leaf = name.rpartition(".")
        monkeypatch.setitem(sys.modules, name, fake_verbs)
        monkeypatch.setattr(importlib.import_module(package), leaf, fake_verbs, raising=False)
    fake_verbs.CALLS.clear()
    fake_verbs.DECIDED.clear()
    fake_verbs.ASKED.clear()
    fake_verbs.FAULTS.clear()
    fake_verbs.REHEARSALS.clear()
    yield fake_verbs
