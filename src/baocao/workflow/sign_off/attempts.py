"""A decision that was refused is an event as well: who tried what, and why it was not taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from baocao.model.report import Report
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused

ACTION = "report_decision_refused"


@contextmanager
def attempted(place: Installation, report: Report, what: Mapping[str, str], at: datetime) -> Iterator[None]:
    """Write the refusal down, in a transaction of its own, and let it go on."""
    try:
        yield
    except Refused as error:
        # The refused decision's own transaction is gone with all it wrote.
        with place.store.begin() as conn:
            payload = {**{k: _plain(v) for k, v in what.items()}, "why": _plain(str(error))}
            events.append(conn, at, _plain(what.get("by", "")) or "?", ACTION, report, f"report/{report.id}", payload)
        raise


def _plain(text: str) -> str:
    """Kept whatever was typed: what a database cannot hold is written out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
