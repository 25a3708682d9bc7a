"""A file that has arrived: its bytes in the raw store, its row, and who sent it."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.intake.folder import Arrival
from baocao.model.pack import Pack
from baocao.model.submission import Status
from baocao.settings import ConfigurationError
from baocao.store.submissions import receiving, submissions
from baocao.store.submissions.receiving import Arrived
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.workflow.installation import Installation

log = logging.getLogger(__name__)

DUPLICATE, FAILED = Status.DUPLICATE.value.lower(), "failed"
"""Outcomes of a file: sent before, in the same circumstances; our own failure, nothing is decided."""


@dataclass(frozen=True)
class ReceivedFile:
    """A file that was received: its bytes are in the raw store, its row has the status RECEIVED."""

    id: int
    data: bytes
    filename: str
    sha256: str
    received_at: datetime
    """when we saw it"""
    sender: str
    """the unit code its channel states; empty when nobody knows who sent it"""
    thread: tuple[str, ...] = ()
    """of a file that came by mail: the Message-IDs its answer stands behind"""
    about: Mapping[str, str] = field(default_factory=dict)
    """of a file nobody can be named for: what its channel knows all the same, in words for the office"""


@dataclass(frozen=True)
class ByMail:
    """What a message says of the files in it."""

    thread: tuple[str, ...]
    about: Mapping[str, str]
    message: int
    """its number in the list of the mailbox's messages"""


def receive(
    place: Installation, arrival: Arrival, received_at: datetime, seen_at: datetime, mail: ByMail | None = None
) -> tuple[ReceivedFile, bool]:
    """Keep the bytes, write the arrival down, or find the row of this very arrival. True: nothing is decided about it.

    `received_at` is what counts (`seen`), `seen_at` when we see it. Raises FileProblem and OSError of the file store.
    """
    # The bytes before the row: killed in between, the file is met again and finds its bytes there. The other way round
    # a row would name bytes that nobody has.
    sha256 = place.store.files.put(arrival.data)
    sender = sender_of(place, arrival.sender_hint)
    with place.store.begin() as conn:
        row, is_new = receiving.receive(
            conn,
            Arrived(
                channel="folder" if mail is None else "mail",
                filename=arrival.filename,
                sha256=sha256,
                size=arrival.size,
                received_at=received_at,
                arrival=arrival.key,
                file_time=arrival.file_time,
                info={
                    "sender_hint": sender,
                    "folder": arrival.sender_hint,
                    **({} if received_at == seen_at else {"seen_at": seen_at.isoformat()}),
                    **({} if mail is None else {"mail": _kept(mail)}),
                },
            ),
        )
        # The row of this arrival may be there already: a sweep that was killed wrote it, and perhaps decided it.
        is_open = is_new or undecided(conn, row.id) is not None
    more = (mail.thread, mail.about) if mail else ((), {})
    return ReceivedFile(row.id, arrival.data, row.filename, sha256, row.received_at, sender, *more), is_open


def _kept(mail: ByMail) -> dict[str, Any]:
    return {"thread": list(mail.thread), "about": dict(mail.about), "message": mail.message}


def undecided(conn: Connection, id: int) -> SubmissionDetail | None:
    """The row, while there is something to decide about it: neither decided, nor waiting for the office."""
    found = submissions.detail(conn, id)
    return found if found.submission.status is Status.RECEIVED and found.waiting_since is None else None


def stored_file(place: Installation, row: SubmissionDetail) -> ReceivedFile:
    """A RECEIVED row, with its bytes. Raises FileProblem when they are gone or damaged."""
    found = row.submission
    sender = sender_of(place, str(row.info.get("sender_hint", "")))
    # What its channel said was written down with the arrival: a later sweep answers in the same thread.
    data, mail = place.store.files.get(found.sha256), row.info.get("mail", {})
    more = (tuple(mail.get("thread", ())), mail.get("about", {}))
    return ReceivedFile(found.id, data, found.filename, found.sha256, found.received_at, sender, *more)


def sender_of(place: Installation, folder: str) -> str:
    """The unit code that a folder of the inbox stands for; empty when it names no unit.

    Blanks at the ends, letter case and the form of accents make no other sender, where only one unit can be meant.
    """
    # The exact code first: only where no unit has it may another spelling of the folder's name be meant.
    of_regimes = [place.unit_codes(regime) for regime in place.folders]
    if any(folder in codes for codes in of_regimes):
        return folder
    wanted = _plain(folder)
    alike = {code for codes in of_regimes for code in codes if _plain(code) == wanted} if wanted else set()
    return alike.pop() if len(alike) == 1 else ""


def _plain(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().casefold()


def packs(place: Installation, unit: str = "") -> list[Pack]:
    """The packs that load, of all regimes or of those with this unit: a broken one is told elsewhere and stops no file
    of the others."""
    found = []
    for code in sorted(place.folders):
        if unit and unit not in place.unit_codes(code):
            continue
        try:
            found.append(place.pack(code))
        except ConfigurationError:
            # Its alarm is raised once by the sweeps (`not_enrolled`, `remind`); here it would be repeated with every
            # file.
            log.exception("pack %s does not load", code)
    return found
