"""The letters of a period, a page at a time."""

from __future__ import annotations

from typing import Any

from baocao.store.browse.letters import letters_of
from baocao.workflow.installation import Installation

STATUSES = ("FAILED", "PENDING", "SENT")


def letters(
    place: Installation,
    regime: str,
    period: str,
    *,
    status: str = "",
    search: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[Any], int]:
    """Rows as of `letters_of`; a status that there is not counts as none."""
    with place.store.read() as conn:
        return letters_of(
            conn, regime, period, status=status if status in STATUSES else "", search=search, first=first, count=count
        )
