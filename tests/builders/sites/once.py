"""What several processes of one run of the tests want alike is made by the first that asks; the others wait for it."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """What `make` answered when it was given an empty folder of the whole run, which `name` alone stands for.

    Nobody changes what lies in the folder: whoever wants to go on from there copies it. A process that dies in `make`,
    or fails, leaves the work to the next one that asks.
    """
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made-once"
    place.mkdir(exist_ok=True)
    folder, answer = place / name, place / f"{name}.answer"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process that holds it
        if not answer.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made = make(folder)
            part = answer.with_suffix(".part")
            part.write_bytes(pickle.dumps(made))
            part.replace(answer)
        found: T = pickle.loads(answer.read_bytes())
    return found
