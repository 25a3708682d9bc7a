from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from demo.other_regimes import installation

from baocao.workflow.reports import building
from builders.sites.once import made_once
from builders.sites.regimes import Story, tell


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All other regimes, played once in a run of the tests; without PDF, which no golden file looks at."""

    def make(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(building, "pdf_available", lambda: False)
            told = tell(folder)
        told.place.store.close()
        told_in_words = {name: value for name, value in vars(told).items() if name != "place"}
        return told.place.settings.root, told.place.settings.data, told_in_words

    root, data, told = made_once(tmp_path_factory, "regimes", make)
    own = tmp_path_factory.mktemp("regimes") / "var"
    shutil.copytree(data, own)
    place = installation(own, root)
    yield Story(place, **told)
    place.store.close()


@pytest.fixture(autouse=True)
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests consolidate again has none either."""
    monkeypatch.setattr(building, "pdf_available", lambda: False)
