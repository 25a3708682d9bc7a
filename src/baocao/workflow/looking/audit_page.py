"""Who did what: the trail of a regime, newest first, and when the whole chain was verified."""

from __future__ import annotations

from typing import Any

from baocao.store.browse.trail import trail_of
from baocao.workflow.auditing.verified import Verification, last_verified
from baocao.workflow.installation import Installation


def verified(place: Installation) -> Verification | None:
    """When everything was verified last, by whom; None when it never was."""
    with place.store.read() as conn:
        return last_verified(conn)


def trail(
    place: Installation,
    regime: str,
    *,
    period: str = "",
    action: str = "",
    actor: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[Any], int, list[str]]:
    """Rows `seq, at, actor, action, period, subject, payload, hash`, how many there are, and the actions that occur."""
    with place.store.read() as conn:
        return trail_of(conn, regime, period, action, actor, first, count)
