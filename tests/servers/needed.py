"""Programs that tests start: without one its tests are skipped, or fail where they must run (`CI=true`)."""

from __future__ import annotations

import os
import shutil
from typing import TypeVar

import pytest

Found = TypeVar("Found")


def needed(program: str) -> str:
    """Where the program is."""
    return present(shutil.which(program), program)


def present(found: Found | None, name: str) -> Found:
    """What was found of the program."""
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed: its tests must run here")
        pytest.skip(f"{name} is not installed")
    return found
