"""The sweep of all channels: what earlier sweeps left, the inbox, the mailbox; then the answers leave."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from baocao.intake.folder import arrivals, resume
from baocao.memory import set_aside_what_stays
from baocao.model.submission import Status
from baocao.store.submissions import receiving
from baocao.workflow.arrivals.received import FAILED
from baocao.workflow.copies.inbox import TAKEN
from baocao.workflow.copies.waiting import decide_waiting_copies
from baocao.workflow.installation import Installation
from baocao.workflow.intake.file_sweep import OBSTACLES, FileSweep
from baocao.workflow.intake.inbox_alarms import InboxAlarms
from baocao.workflow.intake.readers import Readers
from baocao.workflow.intake.refusing import WAITING
from baocao.workflow.intake.seen import InboxVisit, begin_look, end_look, unwatched
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mailbox.taking import sweep_mailbox
from baocao.workflow.periods.windows import enrol_new_units

log = logging.getLogger(__name__)


def collect(place: Installation, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Judge everything that lies in the inbox and whatever an earlier sweep left undecided; then send the answers.

    `as_of` is when it is seen, and so when it was received (about midnight see `seen`): the present, or the business
    time that is being played.
    `regime` only narrows what is answered, never what is taken in: a file says itself whose it is.
    Answers the number of files by outcome.
    """
    counted: Counter[str] = Counter()
    # Before the first file is met: one moment of receipt for all that this sweep finds.
    inbox, look = place.settings.inbox, begin_look(place, as_of)
    alarms = InboxAlarms(place, as_of)
    # Before any file: a unit added to the pack after the opening may have sent already, and would be told that it owes
    # nothing.
    _enrol(place, alarms, as_of)
    try:
        resume(inbox)
    except OSError as error:
        log.exception("collect: half-moved files")
        alarms.not_resumed(error)
    with Readers() as readers, set_aside_what_stays():
        sweep = FileSweep(place, readers, as_of, alarms, look.counts_as)
        counted.update(decide_waiting_copies(place, as_of))
        # Received earlier, so decided earlier: files are decided in the order they came.
        for id in _left_behind(place):
            counted[sweep.decide_pending(id)] += 1
        counted.update(sweep.process_all(arrivals(inbox)))
        # After the inbox: only now has every reader given its file back, so one is idle.
        counted.update(sweep_mailbox(place, readers.idle, sweep, as_of))
    # After everything that lay there: a sweep that dies leaves the look before it, and its midnight is doubted again.
    end_look(place, look)
    _tell_unwatched(place, alarms, look, counted)
    # Files that another process is deciding, or that an earlier sweep has decided: counted there.
    del counted[""]
    mails = {name: counted.pop(name, 0) for name in ("mails", "mailbox_away")} if place.settings.mailbox else {}
    decided = (s.value.lower() for s in Status if s is not Status.RECEIVED)
    outcomes = [*decided, TAKEN, WAITING, OBSTACLES, FAILED]
    return {
        "files": sum(counted.values()),
        **{outcome: counted[outcome] for outcome in outcomes},
        **mails,
        # Letters leave at the end: a mail server that is slow or away delays no verdict.
        **flush(place, as_of),
    }


def _enrol(place: Installation, alarms: InboxAlarms, as_of: datetime) -> None:
    """Units that joined a pack since its window was opened. Trouble with one regime stops no other, and no file."""
    for code in sorted(place.folders):
        try:
            enrol_new_units(place, code, as_of)
        except Exception as error:
            log.exception("collect: new units of %s", code)
            alarms.not_enrolled(code, error)


def _tell_unwatched(place: Installation, alarms: InboxAlarms, look: InboxVisit, counted: Counter[str]) -> None:
    """A deadline passed while nobody looked: what came meanwhile counts as late, and that is no unit's fault. Played
    times leap over deadlines as they like."""
    is_now = abs(datetime.now(UTC) - look.at) < timedelta(days=1)
    # Nothing arrived in the gap: then nobody was wronged, and there is nothing to tell.
    if look.before is not None and is_now and counted.total() > counted[""]:
        for period in unwatched(place, look):
            alarms.unwatched(period, look.before.astimezone(look.at.tzinfo), look.at)


def _left_behind(place: Installation) -> list[int]:
    with place.store.read() as conn:
        return [row.id for row in receiving.pending(conn)]
