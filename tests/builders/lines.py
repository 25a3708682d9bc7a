"""A measure of work that no load of the machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from baocao.forms.reading.raw import Unreadable


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of our own code run: a count of steps that no load of the machine changes."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Unreadable:
        pass
    finally:
        sys.settrace(before)
    return count
