"""Signed copies while the anti-virus daemon is away: kept with their moment of receipt, gone on with by every sweep."""

from __future__ import annotations

import logging
from datetime import datetime

from baocao.intake.antivirus import ScannerAway
from baocao.store.submissions import receiving, waiting_copies
from baocao.store.submissions.receiving import Arrived
from baocao.store.submissions.waiting_copies import WaitingCopy
from baocao.workflow.arrivals.scanning import tell_scanner_away
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.installation import Installation, Refused

log = logging.getLogger(__name__)


def receive_or_keep(place: Installation, copy: WaitingCopy, data: bytes) -> bool:
    """Take in a signed copy; False: nobody can scan it now, so it waits and the operator is told.

    Raises Refused with a sentence for the unit, FileProblem, OSError.
    """
    try:
        _receive(place, copy, data)
    except ScannerAway as error:
        # Kept unopened: the bytes before the row that names them.
        place.store.files.put(data)
        with place.store.begin() as conn:
            waiting_copies.keep(conn, copy)
        tell_scanner_away(place, error, copy.received_at)
        return False
    return True


def decide_waiting_copies(place: Installation, as_of: datetime) -> list[str]:
    """Look at the copies that wait; the outcome of each, empty for what cannot be a copy: that is written down as an
    arrival like any other, still to be decided, so that the unit gets its answer."""
    with place.store.read() as conn:
        found = waiting_copies.waiting(conn)
    outcomes = []
    for copy in found:
        try:
            outcomes.append(_decide(place, copy))
        except ScannerAway as error:
            tell_scanner_away(place, error, as_of)
            # The daemon is away for all of them: asking for each costs a time-out each.
            outcomes += ["failed"] * (len(found) - len(outcomes))
            break
        except Exception:
            log.exception("collect: signed copy %s of %s", copy.filename, copy.unit)
            outcomes.append("failed")
    return outcomes


def _decide(place: Installation, copy: WaitingCopy) -> str:
    data = place.store.files.get(copy.sha256)
    try:
        _receive(place, copy, data)
        outcome = "signed_copies"
    except Refused:
        _write_arrival(place, copy, len(data))
        outcome = ""
    # After it was taken: killed in between, it is taken again under the same arrival, which changes nothing.
    with place.store.begin() as conn:
        waiting_copies.done(conn, copy)
    return outcome


def _receive(place: Installation, copy: WaitingCopy, data: bytes) -> None:
    receive_signed_copy(
        place,
        copy.regime,
        copy.period,
        copy.unit,
        filename=copy.filename,
        data=data,
        channel=copy.channel,
        as_of=copy.received_at,
        arrival=copy.arrival,
    )


def _write_arrival(place: Installation, copy: WaitingCopy, size: int) -> None:
    with place.store.begin() as conn:
        receiving.receive(
            conn,
            Arrived(
                channel=copy.channel,
                filename=copy.filename,
                sha256=copy.sha256,
                size=size,
                received_at=copy.received_at,
                arrival=copy.arrival,
                regime=copy.regime,
                period=copy.period,
                unit=copy.unit,
                info={"sender_hint": copy.unit, "folder": copy.unit},
            ),
        )
