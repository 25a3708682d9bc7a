"""Sending what the outbox holds, after the business transaction is committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baocao.delivery import outbox
from baocao.workflow.workplace import Workplace


def flush(place: Workplace, as_of: datetime) -> dict[str, Any]:
    """Send every pending letter that may go now. Answers `{mails_sent, mails_failed, mails_left}`."""
    result = outbox.flush(place.store, place.transport, as_of)
    return {"mails_sent": result.sent, "mails_failed": result.failed, "mails_left": result.left}
