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
