"""Taking in what has arrived: one file at a time, from the inbox to the answer in the outbox.

Nothing is lost: the bytes are in the file store before anything opens them, the arrival is a row before it is judged,
and a file leaves the inbox only after it is decided. A crash anywhere is mended by the next sweep.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime
from typing import Any

from baocao.delivery import outbox
from baocao.forms.child import ReaderProcess
from baocao.intake.folder import Arrival, arrivals, resume, settle
from baocao.model.period import Period
from baocao.model.submission import Rejection, Status
from baocao.store import submissions, windows
from baocao.workflow.arrivals import DUPLICATE, FAILED, File, own_head
from baocao.workflow.checking import read_and_identify
from baocao.workflow.judging import judge
from baocao.workflow.lead_intake import COMMENTS, CommentFile, take_comments
from baocao.workflow.mailing import flush
from baocao.workflow.refusing import reject
from baocao.workflow.workplace import Workplace

log = logging.getLogger(__name__)


def collect(place: Workplace, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Judge everything that has arrived by `as_of` and whatever an earlier sweep left undecided; then send the answers.

    `regime` only narrows what is answered, never what is taken in: a file says itself whose it is.
    Answers the number of files by outcome.
    """
    counted: Counter[str] = Counter()
    resume(place.settings.inbox)
    with ReaderProcess() as reader:
        for left in _left_behind(place):
            counted[_take(place, reader, left, as_of)] += 1
        for arrival in arrivals(place.settings.inbox):
            outcome = _take(place, reader, _stored(place, arrival, as_of), as_of)
            counted[outcome] += 1
            if outcome != FAILED:
                settle(arrival, place.settings.inbox)
    outcomes = [*(s.value.lower() for s in Status if s is not Status.RECEIVED), COMMENTS, DUPLICATE, FAILED]
    return {
        "files": sum(counted.values()),
        **{outcome: counted[outcome] for outcome in outcomes},
        **flush(place, as_of),
    }


def _stored(place: Workplace, arrival: Arrival, as_of: datetime) -> File:
    sha256 = place.store.files.put(arrival.data)
    # A file's own time may lie ahead of the business time that is being played; it never arrived in the future.
    return File(arrival.data, arrival.filename, sha256, min(arrival.received_at, as_of), arrival.sender_hint)


def _left_behind(place: Workplace) -> list[File]:
    with place.store.read() as conn:
        rows = [(s, submissions.detail(conn, s.id)) for s in submissions.pending(conn)]
    return [
        File(
            place.store.files.get(s.sha256),
            s.filename,
            s.sha256,
            s.received_at,
            str(detail.info.get("sender_hint", "")),
            detail.channel,
        )
        for s, detail in rows
    ]


def _take(place: Workplace, reader: ReaderProcess, file: File, as_of: datetime) -> str:
    """Judge one file. Our own failure never becomes the unit's: nothing is decided, and the operator is told."""
    try:
        known = read_and_identify(
            place, reader, file.data, file.filename, lambda code: _opened(place, code), file.sender_hint
        )
        if isinstance(known, Rejection):
            return reject(place, file, known, as_of)
        if isinstance(known, CommentFile):
            return take_comments(place, file, known, as_of)
        return judge(place, file, known, as_of)
    except Exception as error:
        log.exception("collect: %s", file.filename)
        _alarm_about(place, file, error, as_of)
        return FAILED


def _opened(place: Workplace, regime: str) -> list[Period]:
    """Periods whose window was opened, oldest first; a locked one is among them, for it has its own answer."""
    known = {p.code: p for p in place.periods(regime)}
    with place.store.read() as conn:
        return [known[w.period] for w in windows.open_windows(conn, regime) if w.period in known]


def _alarm_about(place: Workplace, file: File, error: Exception, as_of: datetime) -> None:
    """The file stays where it is (in the inbox, or RECEIVED): the next sweep tries again. One alarm a file."""
    with place.store.begin() as conn:
        outbox.alarm(
            conn,
            place.settings,
            own_head(place),
            regime="",
            period="",
            subject="Lỗi của hệ thống khi xử lý một tệp gửi đến",
            text=f"Tệp {file.filename} (sha256 {file.sha256}) đã được lưu nhưng chưa xử lý được do lỗi của hệ thống: "
            f"{type(error).__name__}. Tệp được giữ nguyên và thử lại ở lượt thu sau. "
            "Xem nhật ký của bước thu bài và mục «Bài nộp bị kẹt» trong sổ tay vận hành.",
            key=f"stuck/{file.sha256}",
            at=as_of,
        )
