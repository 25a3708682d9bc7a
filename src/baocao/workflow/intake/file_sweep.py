"""The one way of every file: `received -> screened -> read -> identified -> decided`.

Nothing is lost: the bytes are in the file store and the arrival is a row before anything opens them, and a file leaves
the inbox only after it is decided or waits for the office. After a crash anywhere the next sweep goes on. One file
never stops the others: what goes wrong with it is one alarm.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import RawWorkbook
from baocao.intake.antivirus import ScannerAway
from baocao.intake.folder import Arrival, Obstacle, settle
from baocao.intake.identify import Identity
from baocao.model.period import Period
from baocao.model.submission import Rejection, Severity
from baocao.store import windows
from baocao.store.database import StaleStatus
from baocao.store.files import FileProblem
from baocao.store.locks import claimed
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.workflow.arrivals.received import FAILED, ByMail, ReceivedFile, receive, stored_file, undecided
from baocao.workflow.arrivals.scanning import infected, tell_scanner_away
from baocao.workflow.copies.inbox import TAKEN, take_copy
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import Identified, identified, identity_of, read_file
from baocao.workflow.intake.identity import identity_kept
from baocao.workflow.intake.inbox_alarms import InboxAlarms
from baocao.workflow.intake.judging import OnRecord, judge, on_record
from baocao.workflow.intake.readers import BeingRead, OneReader, Opened, Readers
from baocao.workflow.intake.refusing import WAITING, reject, wait_for_sender
from baocao.workflow.lead_bodies.lead_intake import CommentFile, take_comments

log = logging.getLogger(__name__)

_SAID = {
    "accepted": "tiếp nhận",
    "returned": "trả lại",
    "quarantined": "cách ly",
    "duplicate": "gửi trùng, giữ kết quả cũ",
    "comments": "đã ghi ý kiến",
    TAKEN: "đã nhận bản ký",
    WAITING: "chờ xác định người gửi",
}


OBSTACLES = "obstacles"
"""What lies in the inbox and cannot be taken: no file of ours, or not readable."""


@dataclass(frozen=True)
class _Received:
    """A file of the inbox that is written down."""

    found: Arrival
    file: ReceivedFile
    opened: Rejection | BeingRead
    """why it is not read at all, or who reads it"""


@dataclass(frozen=True)
class FileSweep:
    """One sweep: every file goes the same way. An outcome is one word; empty when another process has the file."""

    place: Installation
    readers: Readers
    as_of: datetime
    alarms: InboxAlarms
    counts_as: datetime | None = None
    """when a file that is met in the inbox counts as received; None: as seen"""
    opened: dict[str, list[Period]] = field(default_factory=dict)
    """regime -> the periods whose window was open when this was last asked"""

    def process_all(self, lying: Iterable[Arrival | Obstacle]) -> Iterator[str]:
        """Everything that lies in the inbox, in its order. While a file is decided, the next ones are read."""
        met: deque[_Received] = deque()
        for found in lying:
            started = self._receive(found)
            if isinstance(started, str):
                yield started
                continue
            met.append(started)
            # In the order they came, and no more of them in memory than there are readers.
            if len(met) == self.readers.count:
                yield self._decide_received(met.popleft())
        while met:
            yield self._decide_received(met.popleft())

    def _receive(self, found: Arrival | Obstacle) -> _Received | str:
        """Something that lies in the inbox: written down, and its reading begun; or what became of it at once."""
        if isinstance(found, Obstacle):
            self.alarms.obstacle(found)
            return OBSTACLES
        # A signed copy is no submission: it is asked first, or the unit would get a letter about a workbook it did not
        # send.
        copy = self._copy(found)
        if copy == TAKEN:
            self._leave_inbox(found)
        # A copy that could not be stored stays in the inbox, and the next sweep tries again.
        if isinstance(copy, str):
            return copy
        try:
            file, is_open = receive(self.place, found, self.counts_as or self.as_of, self.as_of)
        except (FileProblem, OSError) as error:
            log.exception("collect: %s", found.filename)
            self.alarms.not_stored(found, error)
            return FAILED
        if found.has_odd_name:
            self.alarms.odd_name(found)
        if not is_open:
            # A sweep that died has decided it, and only its move is missing.
            self._leave_inbox(found)
            return ""
        return _Received(found, file, copy or self._begin(file))

    def _decide_received(self, met: _Received) -> str:
        outcome = self._decide(met.file, met.opened)
        # What failed by our fault, or is being decided by another process, stays: it is met again as the same arrival.
        if outcome not in {FAILED, ""}:
            self._leave_inbox(met.found)
        return outcome

    def _begin(self, file: ReceivedFile) -> BeingRead:
        """Have the file opened by a reader of its own, after the anti-virus daemon has seen it."""

        def opened(reader: ReaderProcess) -> Opened:
            # In the reader's thread, so that the daemon's answer for one file is awaited while another is decided.
            found_in = infected(self.place, file.data)
            return read_file(reader, file.data, file.filename) if found_in is None else found_in

        return self.readers.begin(opened)

    def deliver(self, found: Arrival, received_at: datetime, mail: ByMail) -> str:
        """A file that came by mail and counts as received at that moment. Raises whatever keeps it from being written
        down, so that the message is met again."""
        copy = take_copy(self.place, found, received_at, channel="mail")
        if isinstance(copy, str):
            return copy
        file, is_open = receive(self.place, found, received_at, self.as_of, mail)
        return self._decide(file, copy) if is_open else ""

    def _copy(self, found: Arrival) -> str | Rejection | None:
        """The outcome when it was a signed copy; None for every other file; why it cannot be one, though it looks so.

        Our own failure is no fault of the file: it stays in the inbox, and the operator is told.
        """
        try:
            return take_copy(self.place, found, self.as_of)
        except ScannerAway as error:
            tell_scanner_away(self.place, error, self.as_of)
            return FAILED
        except Exception as error:
            log.exception("collect: %s", found.filename)
            self.alarms.copy_not_taken(found, error)
            return FAILED

    def decide_pending(self, id: int) -> str:
        """A row that an earlier sweep left undecided."""
        with self.place.store.read() as conn:
            row = submissions.detail(conn, id)
        try:
            file = stored_file(self.place, row)
        except (FileProblem, OSError) as error:
            log.exception("collect: submission %s", id)
            self.alarms.raw_file(row.submission, error)
            return FAILED
        return self._decide(file)

    def _decide(self, file: ReceivedFile, opened: Rejection | BeingRead | None = None) -> str:
        """Our own failure never becomes the unit's: nothing is decided, and the operator is told."""
        opened = opened or self._begin(file)
        try:
            return self._decided(file, opened)
        finally:
            if isinstance(opened, BeingRead):
                self.readers.done(opened)

    def _decided(self, file: ReceivedFile, opened: Rejection | BeingRead) -> str:
        """Decide under a claim. A failure of ours is an alarm and FAILED, never a verdict."""
        # Sweeps may overlap (a sweep by hand, two portal processes): without the claim both would judge and mark, and
        # one of them in vain. The status in the transaction decides all the same.
        with claimed(self.place.store, file.id) as ours:
            if not ours:
                return ""
            try:
                with self.place.same_periods():
                    outcome = self._outcome(file, opened)
            except ScannerAway as error:
                log.warning("collect: %s: %s", file.filename, error)
                tell_scanner_away(self.place, error, self.as_of)
                return FAILED
            # No alarm: exactly this is how a decision taken twice is meant to end.
            except StaleStatus:
                return ""  # decided meanwhile, by a process that had it before the claim was lost
            except Exception as error:
                log.exception("collect: %s", file.filename)
                self.alarms.stuck(file, error)
                return FAILED
        if outcome and log.isEnabledFor(logging.INFO):
            self._tell(file, outcome)
        return outcome

    def _tell(self, file: ReceivedFile, outcome: str) -> None:
        """One line a file: whose it is, the verdict, the points, the number to ask by."""
        with self.place.store.read() as conn:
            row = submissions.detail(conn, file.id).submission
            found = findings_of(conn, file.id)
        code = row.unit or file.sender
        # Its pack was read a moment ago, to decide it.
        unit = self.place.pack(row.regime).unit(code) if row.regime else None
        points = sum(f.severity is Severity.BLOCKS for f in found)
        log.info(
            "Bài nộp số %s, %s (%s), tệp %s: %s; %s điểm phải sửa, %s điểm cần giải trình",
            file.id,
            unit.full_name if unit else "chưa rõ đơn vị",
            code or "không rõ",
            file.filename,
            _SAID.get(outcome, outcome),
            points,
            len(found) - points,
        )

    def _outcome(self, file: ReceivedFile, opened: Rejection | BeingRead) -> str:
        """Screened and read, and still to be decided. What our records say of it is seen at one moment."""
        place, as_of = self.place, self.as_of
        reader, raw = (None, opened) if isinstance(opened, Rejection) else (opened.reader, opened.opened.result())
        with place.store.read() as conn:
            # Asked again under the claim: between meeting the file and claiming it another process may have decided it.
            row = undecided(conn, file.id)
            if row is None:
                return ""
            said, known = (raw, None) if isinstance(raw, Rejection) else self._known(conn, file, row, raw, reader)
        if isinstance(said, Rejection):
            refused = {"problem": said.message}
            return reject(place, file, said, as_of) if file.sender else wait_for_sender(place, file, refused, as_of)
        if known is None:
            says = {"regime": said.regime, "period": said.period.code, "unit": said.unit.code}
            return wait_for_sender(place, file, says, as_of)
        if isinstance(known, Rejection):
            return reject(place, file, known, as_of, says=said)
        if isinstance(known, CommentFile):
            return take_comments(place, file, known, as_of)
        # The row that is judged was read in one snapshot; the decision writes in a transaction of its own, for reading
        # and marking in between take far longer and SQLite has one writer.
        with identity_kept(place, file, known.known):
            return judge(place, file, known, as_of)

    def _known(
        self,
        conn: Connection,
        file: ReceivedFile,
        row: SubmissionDetail,
        raw: RawWorkbook,
        reader: ReaderProcess | None,
    ) -> tuple[Identity | Rejection, OnRecord | CommentFile | Rejection | None]:
        """Whose it says it is, and what it is for us; None while nobody can be named as its sender."""
        said = identity_of(self.place, raw, conn)
        if isinstance(said, Rejection) or not file.sender:
            return said, None
        pack, opened = self.place.pack(said.regime), self.opened.get(said.regime, [])
        # A window that was opened stays: asked again only where one that was not there could change the answer.
        if said.unit.code != file.sender or said.period not in opened:
            opened = self.opened[said.regime] = _opened(self.place, conn, said.regime)
        known = identified(pack, said, raw, file.sender, opened, self.as_of)
        if isinstance(known, Identified):
            with identity_kept(self.place, file, known):
                return said, on_record(self.place, conn, file, row, replace(known, reader=reader), self.as_of)
        return said, known

    def _leave_inbox(self, found: Arrival) -> None:
        try:
            # Only after the decision is committed: killed in between, the file is met again, and the row says that it
            # is decided.
            settle(found, self.place.settings.inbox)
        except OSError as error:
            log.exception("collect: %s", found.filename)
            self.alarms.not_moved(found, error)


def decide_one(place: Installation, reader: ReaderProcess, id: int, as_of: datetime) -> str:
    """An arrival that somebody waits for, decided as a sweep would, by the reader in hand; outcome as of FileSweep."""
    return FileSweep(place, OneReader(reader), as_of, InboxAlarms(place, as_of)).decide_pending(id)


def _opened(place: Installation, conn: Connection, regime: str) -> list[Period]:
    """Periods whose window was opened, oldest first; a locked one is among them, for it has its own answer."""
    known = {p.code: p for p in place.periods(regime, conn)}
    return [known[w.period] for w in windows.open_windows(conn, regime) if w.period in known]
