from __future__ import annotations

from collections.abc import Iterator

import pytest

from baocao.workflow.reports import building
from builders.sites.regimes import Story, tell


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All other regimes, played once; without PDF, which no golden file looks at."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "pdf_available", lambda: False)
        told = tell(tmp_path_factory.mktemp("regimes"))
    # The patch ends before the tests begin: the session goes on with tests elsewhere that want a PDF.
    yield told
    told.place.store.close()


@pytest.fixture(autouse=True)
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests consolidate again has none either."""
    monkeypatch.setattr(building, "pdf_available", lambda: False)
