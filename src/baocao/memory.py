"""Holding back Python's search for unreachable cycles while much is alive that forms none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = 20_000
"""So many new objects, and the cycle collector looks through them."""


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
    looking through it again and again finds nothing. What comes up meanwhile is collected, but seldomer."""
    often = gc.get_threshold()
    gc.freeze()
    # A file makes some thousands of objects and most go with it: looked for every 700, they were found alive.
    gc.set_threshold(_SELDOM, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()
