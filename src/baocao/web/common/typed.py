"""What a person or a browser writes into an address or a form, read without trust."""

from __future__ import annotations

from typing import TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")


def or_404(found: T | None) -> T:
    """What was looked up. Raises HTTPException 404 where there is no such thing."""
    if found is None:
        raise HTTPException(404)
    return found


def whole_number(text: str, *, digits: int) -> int | None:
    """A number of so many digits at most; None where it is none."""
    # isdigit() alone takes `²`, on which int() fails.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
