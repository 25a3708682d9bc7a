"""The kill suite (builders/sites/kill_suite.py) on SQLite; a file of its own, so that the two run side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from builders.sites.kill_suite import kill_and_run_again


@pytest.mark.timeout(3600)  # a busy machine is no fault of the code
def test_killed_and_repeated_verbs_end_the_same(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    kill_and_run_again("sqlite", None, tmp_path, record_property)
