"""When the records were verified, by whom and with what verdict: each verification is an event of the trail itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from baocao.settings import ConfigurationError
from baocao.store.tables import event
from baocao.store.trail import events
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Installation

log = logging.getLogger(__name__)
VERIFIED = "audit_verified"


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification of the whole installation."""

    at: datetime
    by: str
    ok: bool
    events: int
    """how many events there were then; the verification itself is the next one"""
    problems: int
    files: bool
    """whether the kept files were read as well"""


def verify_and_record(
    place: Installation,
    *,
    by: str,
    as_of: datetime,
    more_anchors: Mapping[int, str] | None = None,
    files: bool = True,
) -> dict[str, Any]:
    """The answer of `verify`, with `recorded`: why the verification itself could not be written down; empty when it
    was. A trail that cannot be written to (its key is lost) is told of all the same."""
    answer = verify(place, more_anchors, files=files)
    said = {
        "ok": answer["ok"],
        "events": answer["events"],
        "problems": len(answer["problems"]) + answer["more_problems"],
        "files": files,
    }
    answer["recorded"] = ""
    try:
        # Behind the verification: its own event must not be among what it looked at.
        with place.store.begin() as conn:
            events.append(conn, as_of, by, VERIFIED, None, "audit", said)
    except (ConfigurationError, SQLAlchemyError) as error:
        log.warning("Không ghi được việc kiểm tra nhật ký: %s", error)
        answer["recorded"] = str(error)
    return answer


def last_verified(conn: Connection) -> Verification | None:
    """The newest one; None when nobody has verified anything, or its event is not as it was written."""
    c = event.c
    # Of no regime, as it is written above: an index leads there.
    mine = (c.regime == "", c.action == VERIFIED)
    row = conn.execute(select(event).where(*mine).order_by(c.seq.desc()).limit(1)).one_or_none()
    if row is None or not events.authentic(conn, found := events.Event(**row._mapping)):
        return None
    said = found.payload
    return Verification(found.at, found.actor, said["ok"], said["events"], said["problems"], said["files"])
