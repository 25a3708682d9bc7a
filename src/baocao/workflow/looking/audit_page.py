"""Who did what: the trail of a regime, newest first, and when the whole chain was verified."""

from __future__ import annotations

from baocao.workflow.auditing.verified import Verification, last_verified
from baocao.workflow.installation import Installation


def verified(place: Installation) -> Verification | None:
    """When everything was verified last, by whom; None when it never was."""
    with place.store.read() as conn:
        return last_verified(conn)
