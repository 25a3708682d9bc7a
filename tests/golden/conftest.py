from __future__ import annotations

from collections.abc import Iterator

import pytest

from baocao.workflow.reports import building
from builders_regimes import Story, tell


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All other regimes, played once; without PDF, which no golden file looks at."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(building, "pdf_available", lambda: False)
        told = tell(tmp_path_factory.mktemp("regimes"))
        yield told
    told.place.store.close()
