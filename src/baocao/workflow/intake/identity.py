"""Whose a file is, written down with the decision about it: in the one transaction, and in the statement that writes
the verdict of a report or, for every other answer, before all else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from baocao.model.pack_parts.cascade import CascadeOrigin
from baocao.model.submission import Submission
from baocao.store.database import StaleStatus
from baocao.store.submissions import receiving, submissions
from baocao.workflow.arrivals.received import ReceivedFile
from baocao.workflow.copies.papers import paper_of
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import Identified


def write_identity(conn: Connection, file: ReceivedFile, known: Identified) -> Submission:
    """Write down whose the file is, for which period, and what it says of itself as a document.

    Decisions about the unit wait for each other from here on. Raises StaleStatus when the file is decided already.
    """
    regime, period, unit = known.pack.code, known.period.code, known.sender.code
    # The first statement of the decision: whatever is asked of the unit's other submissions afterwards is then final
    # until the commit. Rows could not be locked, for the other decision's is not there yet.
    submissions.lock_unit(conn, regime, period, unit)
    return receiving.identify(conn, file.id, regime=regime, period=period, unit=unit, **document_of(known))


def document_of(known: Identified, info: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """What a workbook says of itself, as columns of its row; `info` is what the row says already."""
    origin = CascadeOrigin.from_meta(known.raw.meta)
    return {
        "form_versions": {k.removeprefix("form."): v for k, v in known.raw.meta.items() if k.startswith("form.")},
        "info": {**info, "paper": paper_of(known.raw), **({"origin": origin.as_meta()} if origin else {})},
    }


@contextmanager
def identity_kept(place: Installation, file: ReceivedFile, known: Identified) -> Iterator[None]:
    """Write it down also where a failure of our own keeps the file from being decided: a unit whose report is here is
    not one that has sent nothing."""
    try:
        yield
    # Decided by somebody else: whose it is stands there already.
    except StaleStatus:
        raise
    except Exception:
        with place.store.begin() as conn:
            write_identity(conn, file, known)
        raise
