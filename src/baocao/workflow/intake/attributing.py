"""Files nobody can be named for: what waits, and what the office decides about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from baocao.forms.reading.child import ReaderProcess
from baocao.store.submissions import receiving
from baocao.store.trail import events
from baocao.workflow.arrivals.received import packs
from baocao.workflow.installation import Installation, Refused, require_decided
from baocao.workflow.intake.file_sweep import decide_one
from baocao.workflow.intake.refusing import refuse_by_office
from baocao.workflow.mail.mailing import flush


def waiting_files(place: Installation) -> list[dict[str, Any]]:
    """Every file that waits for its sender to be named, oldest first, with what stands in it."""
    with place.store.read() as conn:
        rows = receiving.waiting(conn)
    return [
        {
            "id": row.submission.id,
            "filename": row.submission.filename,
            "folder": row.info.get("folder", ""),
            "received_at": row.submission.received_at,
            "says": dict(row.info.get("says", {})),
            "sha256": row.submission.sha256,
        }
        for row in rows
    ]


def attribute(place: Installation, id: int, unit: str, *, reason: str, by: str, as_of: datetime) -> dict[str, Any]:
    """The office says that `unit` sent the waiting file: it is judged at once, as received when it came.

    Raises Refused without a reason or a name and for a unit nobody knows, StaleStatus when the file does not wait.
    """
    require_decided(reason, by)
    if not any(pack.unit(unit) for pack in packs(place)):
        raise Refused(f"Không có đơn vị mã {unit!r} trong các gói chế độ; xem cột code trong units.csv")
    with place.store.begin() as conn:
        receiving.attribute(conn, id, unit)
        payload = {"unit": unit, "reason": reason}
        events.append(conn, as_of, by, "submission_attributed", None, f"submission/{id}", payload)
    # A transaction of its own has said whose it is: killed before the verdict, the next sweep finds a row that no
    # longer waits and goes on with it (`submissions.pending`).
    with ReaderProcess() as reader:
        outcome = decide_one(place, reader, id, as_of)
    return {"id": id, "unit": unit, "outcome": outcome, **flush(place, as_of)}


def refuse(place: Installation, id: int, *, reason: str, by: str, as_of: datetime) -> dict[str, Any]:
    """The office will not have a file that waits or is stuck; its sender is told the reason, where there is one.

    Raises Refused without a reason or a name, StaleStatus when it is decided already.
    """
    require_decided(reason, by)
    refuse_by_office(place, id, reason=reason, by=by, as_of=as_of)
    return {"id": id, "outcome": "quarantined", **flush(place, as_of)}
