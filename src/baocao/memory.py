"""Holding back Python's search for unreachable cycles while much is alive that forms none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_expected() -> Iterator[None]:
    """Hold the cycle collector back: hundreds of thousands of live cells make it walk them again and again (half the
    time of reading a province), and they form no cycles. Memory is given back by counting references meanwhile."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def set_aside_what_stays() -> Iterator[None]:
    """Have the cycle collector leave out what is alive now (packs, libraries): it stays until the block ends, and
    looking through it again and again finds nothing. What comes up meanwhile is collected as ever."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
