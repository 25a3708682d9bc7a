"""Sending through the portal: a file of a link's holder becomes an arrival like any other, judged in the same way."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath

from baocao.forms.reading.child import ReaderProcess
from baocao.intake.copies import kind_of
from baocao.intake.inbox_names import printable, shortened
from baocao.model.signed_copy import UnitCopyRule
from baocao.model.submission import Finding, Rejection, Severity, Status, Verdict
from baocao.store.submissions import receiving, submissions
from baocao.store.submissions.receiving import Arrived
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.waiting_copies import WaitingCopy
from baocao.workflow.arrivals.scanning import infected
from baocao.workflow.copies.waiting import receive_or_keep
from baocao.workflow.installation import Installation, Refused, require_readable
from baocao.workflow.intake.checking import Checked, Identified, check_file, identified, identity_of, marked, read_file
from baocao.workflow.intake.file_sweep import decide_one
from baocao.workflow.mail.personal_links import Holder

log = logging.getLogger(__name__)

CHANNEL = "portal"
LONGEST_EXPLANATION = 2000


@dataclass(frozen=True, slots=True)
class Taken:
    """An arrival that is safe: its bytes are kept and its row is written."""

    id: int
    sha256: str
    received_at: datetime


def take_in(place: Installation, holder: Holder, data: bytes, filename: str, received_at: datetime, key: str) -> Taken:
    """Keep the bytes and write the arrival down; nothing is decided yet (`decide`, or the next sweep).

    `received_at` is when the last byte came; `key` names this very request (64 hex digits), so that a repetition of it
    is one arrival. Raises FileProblem and OSError of the file store: then nothing was taken.
    """
    # Bytes, then row: answered with its moment only when both stand (ADR 0032).
    sha256 = place.store.files.put(data)
    with place.store.begin() as conn:
        row, new = receiving.receive(
            conn,
            Arrived(
                channel=CHANNEL,
                filename=plain_name(filename),
                sha256=sha256,
                size=len(data),
                received_at=received_at,
                arrival=key,
                # Known from the link before anything is opened: a file that cannot be read is still this unit's, of
                # this period.
                regime=holder.regime,
                period=holder.period,
                unit=holder.unit,
                info={"sender_hint": holder.unit, "folder": holder.unit, "link": holder.link_id},
            ),
        )
    if new:
        log.info("submission %s received: %s bytes", row.id, len(data))
    return Taken(row.id, sha256, row.received_at)


def is_signed_copy(place: Installation, holder: Holder, data: bytes) -> bool:
    """Whether the file is the scan or PDF of the signed report that this regime asks for."""
    return kind_of(data) is not None and place.pack(holder.regime).regime.unit_copy is not UnitCopyRule.NONE


def take_copy(place: Installation, holder: Holder, data: bytes, filename: str, received_at: datetime, key: str) -> None:
    """Keep the signed copy of the unit's report; while nobody can scan it, it waits. Raises Refused with a sentence for
    the unit, FileProblem, OSError: then nothing was taken."""
    sha256 = hashlib.sha256(data).hexdigest()
    name, of = plain_name(filename), (holder.regime, holder.period, holder.unit)
    receive_or_keep(place, WaitingCopy(*of, name, sha256, CHANNEL, key, received_at), data)


def plain_name(filename: str) -> str:
    """The last part of whatever path a browser sent, as people may read it; never empty."""
    last = PurePosixPath(PureWindowsPath(filename.replace("\x00", "")).name).name
    return shortened(printable(last)).strip(" .") or "khong-ten"


def decide(place: Installation, reader: ReaderProcess, id: int, as_of: datetime) -> str:
    """Judge an arrival as a sweep would; the outcome in one word, empty when another process has it."""
    outcome = decide_one(place, reader, id, as_of)
    log.info("submission %s decided: %s", id, outcome or "elsewhere")
    return outcome


def undecided(place: Installation) -> list[int]:
    """Arrivals of the portal that nobody has decided, the oldest first: where to go on after a crash."""
    with place.store.read() as conn:
        return [s.id for s in receiving.pending(conn) if submissions.detail(conn, s.id).channel == CHANNEL]


def try_file(place: Installation, holder: Holder, data: bytes, filename: str, at: datetime) -> Checked:
    """What would be answered to this file now; nothing is recorded. Of another unit's workbook only that is told.

    Raises ScannerAway: nothing is opened that nobody can scan.
    """
    if (found := infected(place, data)) is not None:
        return Checked(Status.QUARANTINED, found.message, reason=found.reason.value)
    return check_file(place, data, filename, received_at=at, period=holder.period, marked=True, sender=holder.unit)


def explain(
    place: Installation, reader: ReaderProcess, holder: Holder, id: int, said: Mapping[str, str], at: datetime, key: str
) -> Taken:
    """Explanations typed on the page (finding key -> words) go into a copy of the unit's own workbook, into the
    column where it would have written them, and that copy is sent: from then on it is one workbook among others.

    Raises Refused: nothing said, words nobody can read, a file that cannot carry them.
    """
    words = {k: " ".join(v.split())[:LONGEST_EXPLANATION] for k, v in said.items() if v.strip()}
    if not words:
        raise Refused("Chưa ghi giải trình nào.")
    for text in words.values():
        require_readable("Giải trình", text)
    with place.store.read() as conn:
        row = submissions.detail(conn, id)
        found = findings_of(conn, id)
    if row.submission.status not in {Status.ACCEPTED, Status.RETURNED}:
        raise Refused("Lần gửi này không có điểm nào để giải trình.")
    open_points = [_explained(f, words) for f in found]
    # Nothing was explained: the page is older than the answer it shows.
    if all(f == g for f, g in zip(found, open_points, strict=True)):
        raise Refused("Các điểm này không còn trong lần gửi đã chọn; hãy tải lại trang.")
    original = place.store.files.get(row.submission.sha256)
    again = _carried(place, reader, holder, original, row.submission.filename, open_points)
    return take_in(place, holder, again, row.submission.filename, at, key)


def _explained(finding: Finding, words: Mapping[str, str]) -> Finding:
    if finding.severity is not Severity.EXPLAIN or finding.key not in words:
        return finding
    return replace(finding, explanation=words[finding.key])


def _carried(
    place: Installation, reader: ReaderProcess, holder: Holder, original: bytes, name: str, points: list[Finding]
) -> bytes:
    """The unit's workbook with its points and their explanations on the sheet where they are read."""
    raw = read_file(reader, original, name)
    found = raw if isinstance(raw, Rejection) else identity_of(place, raw)
    if isinstance(raw, Rejection) or isinstance(found, Rejection):
        raise Refused("Tệp này không đọc lại được; hãy ghi giải trình trong tệp rồi nộp lại.")
    pack, period = place.at(holder.regime, holder.period)
    known = identified(pack, found, raw, holder.unit, [period])
    if not isinstance(known, Identified):
        raise Refused("Tệp này không phải báo cáo của kỳ; hãy ghi giải trình trong tệp rồi nộp lại.")
    # Only for the line above the points: the copy is judged anew when it is sent.
    status = Status.RETURNED if any(f.severity is Severity.BLOCKS for f in points) else Status.ACCEPTED
    copy = marked(replace(known, reader=reader), original, Verdict(status, tuple(points)), "")
    # A list of points has no column to answer in, and is no workbook of the unit.
    if not copy.is_own_file:
        raise Refused(
            "Tệp của đơn vị có cấu trúc khác thường nên không ghi giải trình vào được; hãy ghi giải trình vào cột giải "
            "trình của biểu trong tệp rồi nộp lại."
        )
    return copy.data


def arrival_key(*parts: object) -> str:
    """64 hex digits that name one request."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
