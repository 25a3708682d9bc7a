"""Sending what the outbox holds: each letter on its own, so that none stops the others, and none is lost.

A letter goes out once or, after a crash or a time-out between the server's answer and our commit, again under the same
Message-ID. Trouble with one letter costs that letter an attempt and a growing pause; trouble with the server itself
costs no letter anything, ends the sweep and is told by other ways than mail.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from baocao.delivery.contexts.common import Letterhead
from baocao.delivery.letters import Letter
from baocao.delivery.message import AttachedFile, compose, is_address, parse_address
from baocao.delivery.outbox import OPERATOR, alarm
from baocao.delivery.transport import ConnectionLost, DeliveryError, Transport, UnavailableError
from baocao.model.regime import COUNTRY_TIME_ZONE
from baocao.store.database import Store
from baocao.store.files import FileProblem
from baocao.store.locks import held
from baocao.store.mail import outbox_rows
from baocao.store.trail.events import unwritable

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
"""After so many refusals in sweeps in which other letters left (half a day with the back-off below) a letter is FAILED
and the operator is told."""
MAX_COPIES = 4
"""So often at most is a letter handed over that the server may have taken before without answering."""
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)
_PERHAPS_SENT = 6
"""How many times longer a letter waits that may have arrived: 30 minutes, 1, 2, 4 hours."""
_LONGEST_PERHAPS = _PERHAPS_SENT * _LONGEST_WAIT
_LOST_IN_A_ROW = 3
"""So many letters lost one after the other are no matter of the letters: the sweep ends."""
_WHOLE_SWEEP = 3
"""A sweep in which nobody got anything and so many recipients were refused says something about the server."""
_AHEAD = 50
"""So many letters are put in order at a time."""
AddressOf = Callable[[Row[Any]], str | None]
"""Where a letter goes today, by what the pack says now; None: where it was addressed to."""


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What one flush did: letters sent, letters whose attempt failed, letters still PENDING afterwards."""

    sent: int
    failed: int
    left: int
    trouble: str = ""
    """Why mail itself does not work; empty when the server takes letters."""


def backoff(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th failure: 5, 10, 20 ... minutes, at most 4 hours."""
    doublings = max(0, min(attempts, 20) - 1)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def flush(
    store: Store,
    transport: Transport,
    as_of: datetime,
    *,
    limit: int | None = None,
    address_of: AddressOf | None = None,
) -> FlushResult:
    """Send what may go at `as_of`: PENDING letters whose pause is over, at most `limit` attempts.

    Letters that were never tried go first, alarms before all others, then by age. One flush runs at a time for one
    outbox (a second one waits, then sends what the first has left).
    """
    sweep = _OutboxSweep(store, transport, as_of, limit, address_of or (lambda row: None))
    # Asked before the first letter: a letter whose leaving cannot be recorded would be handed over again by every sweep
    # (test_only_alarms_leave_without_the_trail_key).
    with store.read() as conn:
        sweep.unrecorded = unwritable(conn)
    # One process at a time for one outbox.
    with held(store, "outbox"), transport.session():
        sweep.run()
        # Giving a letter up writes an alarm, which leaves in this sweep and not an hour later.
        if sweep.settle():
            sweep.run()
            sweep.settle()
    sweep.trouble = sweep.trouble or sweep.unrecorded
    if sweep.trouble:
        # The alarm about mail cannot go by mail: whoever reads the log, Airflow's page or `baocao status` sees it.
        log.error("outbox: mail does not leave: %s", sweep.trouble)
    return FlushResult(sweep.sent, sweep.failed, _left(store), sweep.trouble)


@dataclass(frozen=True, slots=True)
class _Failure:
    """One letter that did not leave, and what the server said to it."""

    row: Row[Any]
    recipient: str
    error: str
    permanent: bool
    perhaps_sent: bool

    @property
    def final(self) -> bool:
        """Whether no further try can cure it, this one counted as the letter's own."""
        return (
            self.permanent
            or self.row.refusals + 1 >= MAX_ATTEMPTS
            or self.row.perhaps_sent + self.perhaps_sent >= MAX_COPIES
        )


@dataclass
class _OutboxSweep:
    """One pass over the outbox."""

    store: Store
    transport: Transport
    as_of: datetime
    limit: int | None
    address_of: AddressOf
    sent: int = 0
    failed: int = 0
    trouble: str = ""
    lost: int = 0
    """letters lost one after the other"""
    failures: list[_Failure] = field(default_factory=list)
    settled: int = 0
    """so many of the failures are decided about; of the others only the end of the sweep tells whether they are the
    letter's or the server's"""
    ahead: deque[int] = field(default_factory=deque)
    """the next letters, in their order"""
    unrecorded: str = ""
    """why the trail cannot be written; then only alarms leave: what is not recorded would leave again and again"""

    def run(self) -> None:
        following: Row[Any] | None = None
        # Every attempt moves its letter out of reach (SENT, or PENDING with a later `retry_at`) or ends the sweep.
        # Each row is read anew: between two letters the operator may have readdressed or withdrawn it.
        while (
            not self.trouble
            and (self.limit is None or self.sent + self.failed < self.limit)
            and (row := following or self._next()) is not None
        ):
            following = self._attempt(row)

    def _next(self) -> Row[Any] | None:
        """The letter that goes next, as it stands now."""
        with self.store.read() as conn:
            return self._next_in(conn)

    def _next_in(self, conn: Connection) -> Row[Any] | None:
        while self.ahead or self._look_ahead(conn):
            row = outbox_rows.pending(conn, self.ahead.popleft())
            if row is not None:
                return row
        return None

    def _look_ahead(self, conn: Connection) -> bool:
        """Which letters go next: some at a time, for putting them all in order costs more the more there are."""
        self.ahead.extend(
            outbox_rows.next_pending(
                conn,
                self.as_of,
                longest_pause_ends=self.as_of + _LONGEST_PERHAPS,
                only_alarms=bool(self.unrecorded),
                limit=_AHEAD,
            )
        )
        return bool(self.ahead)

    def _attempt(self, row: Row[Any]) -> Row[Any] | None:
        """Send one letter and commit that it is sent; the letter behind it, where it was looked for in passing. No
        transaction is open while the server is talking."""
        # Written down first: after a crash the row must name the address the letter may have gone to.
        to = self._recipient(row)
        try:
            self._hand_over(row, to)
        except UnavailableError as error:
            self.failed += 1
            self._server_away(row, str(error))
        except ConnectionLost as error:
            self.lost += 1
            self._failure(row, to, str(error), permanent=False, perhaps_sent=error.perhaps_sent)
            if self.lost >= _LOST_IN_A_ROW:
                self._server_away(row, str(error))
        # An answer, if a bad one: the server is there, so letters lost before it are no row of losses.
        except DeliveryError as error:
            self.lost = 0
            self._failure(row, to, str(error), permanent=error.permanent, perhaps_sent=False)
        else:
            self.lost = 0
            self.sent += 1
            log.info("Thư số %s «%s» đã gửi tới %s", row.id, row.step, to)
            return self._sent(row, to)
        return None

    def _recipient(self, row: Row[Any]) -> str:
        """Today's address, written down with the letter when it has changed."""
        today = self.address_of(row)
        if today is None or today == row.recipient or not is_address(today):
            return str(row.recipient)
        log.info("outbox: letter %s goes to %s instead of %s", row.id, today, row.recipient)
        self._update(row, recipient=today)
        return today

    def _hand_over(self, row: Row[Any], to: str) -> None:
        """Compose the letter and give it to the transport. Raises DeliveryError, ConnectionLost, UnavailableError."""
        try:
            files = [AttachedFile(a["filename"], a["mime"], self.store.files.get(a["sha256"])) for a in row.attachments]
            message = compose(
                Letter(row.subject, row.text, row.html),
                files,
                sender=self.transport.sender,
                recipient=to,
                identity=row.message_id,
                # Stored in UTC; a letter from an office shows the office's clock.
                date=row.created_at.astimezone(self.as_of.tzinfo),
                reply_to=row.reply_to or "",
                thread=(row.thread or "").split(),
            )
        except FileProblem as error:
            # A file that a backup brings back cures the letter; text that makes no message stays what it is.
            raise DeliveryError(f"tệp đính kèm: {error}", permanent=False) from error
        except ValueError as error:
            # parse_address and the header classes raise ValueError for what no header can carry.
            raise DeliveryError(f"không lập được thư: {error}", permanent=True) from error
        self.transport.send(message, parse_address(to).addr_spec)

    def _failure(self, row: Row[Any], to: str, error: str, *, permanent: bool, perhaps_sent: bool) -> None:
        """Count the attempt and let the letter wait; whether it is given up is decided when the sweep is over."""
        attempts = row.attempts + 1
        pause = backoff(attempts) * (_PERHAPS_SENT if perhaps_sent else 1)
        log.warning("outbox: letter %s, attempt %s: %s", row.id, attempts, error)
        self._update(
            row,
            attempts=attempts,
            perhaps_sent=row.perhaps_sent + perhaps_sent,
            error=error,
            # From the business time of the sweep: a played period has to come by its pauses as well.
            retry_at=self.as_of + pause,
        )
        self.failed += 1
        self.failures.append(_Failure(row, to, error, permanent, perhaps_sent))

    def _server_away(self, row: Row[Any], error: str) -> None:
        """The letters wait and lose nothing; the operator finds one alarm a day once mail flows again."""
        self.trouble = error
        with self.store.begin() as conn:
            # No attempt counted and no pause: it goes first again as soon as the server is back.
            outbox_rows.set_pending(conn, row.id, error=error)
            self._alarm(
                conn,
                row,
                "Không gửi được thư: máy chủ thư không sẵn sàng",
                f"Lỗi: {error}\n\n"
                "Các thư chờ trong hộp thư đi và tự được gửi khi máy chủ hoạt động lại; không mất thư nào. "
                "Xem mục «Không gửi được thư» trong sổ tay vận hành.",
                f"mail-server/{self.as_of:%Y-%m-%d}",
            )

    def settle(self) -> bool:
        """Give up what no further try can cure; answers whether an alarm was written that may still go out.

        When nobody got anything, the refusals are the server's (a block, a wrong sender, a quota): then nothing is
        given up, no letter is charged with it, and all of it is tried again.
        """
        failures, self.settled = self.failures[self.settled :], len(self.failures)
        given_up = [failure for failure in failures if failure.final]
        if self.sent == 0 and len({failure.recipient for failure in self.failures}) >= _WHOLE_SWEEP:
            # Recipients are counted over the whole sweep, the second run included (ADR 0027).
            if given_up and not self.trouble:
                self._server_away(given_up[-1].row, given_up[-1].error)
            return False
        # Only now are they the letters' own: charged earlier, a sweep in which the server refused everybody would use
        # up the tries of each (test_smtp_faults).
        for failure in failures:
            self._update(failure.row, refusals=failure.row.refusals + 1)
        for failure in given_up:
            self._give_up(failure.row, failure.error)
        return bool(given_up)

    def _give_up(self, row: Row[Any], error: str) -> None:
        """Make the letter FAILED and tell the operator, unless it is itself an alarm."""
        attempts = row.attempts + 1
        if row.unit == OPERATOR:
            # An alarm that cannot be delivered raises no further alarm by mail.
            self.trouble = self.trouble or f"báo động số {row.id} không gửi được tới {row.recipient}: {error}"
        with self.store.begin() as conn:
            outbox_rows.set_pending(conn, row.id, status="FAILED", retry_at=None)
            if row.unit != OPERATOR:
                self._alarm(
                    conn,
                    row,
                    f"Không gửi được thư «{row.step}» tới đơn vị {row.unit}",
                    f"Thư số {row.id} «{row.step}» gửi {row.recipient} không gửi được sau {attempts} lần. "
                    f"Lần cuối: {error}\n\n"
                    "Sửa địa chỉ trong gói chế độ báo cáo (thư tự đi theo địa chỉ mới), hoặc "
                    f"`baocao mail readdress {row.id} ĐỊA-CHỈ --by …`; địa chỉ đúng thì `baocao mail retry {row.id}`. "
                    "Xem mục «Một thư không gửi được» trong sổ tay vận hành.",
                    f"mail-failed/{row.id}/{attempts}",
                )

    def _alarm(self, conn: Connection, row: Row[Any], subject: str, text: str, key: str) -> None:
        """Tell the operator about a letter; of its regime only the code is known here."""
        settings = self.store.settings
        head = Letterhead(
            regime=row.regime,
            programme=row.regime,
            office="Hệ thống báo cáo",
            contact=settings.operator_email,
            period=row.period,
            period_code=row.period,
            time_zone=COUNTRY_TIME_ZONE,
        )
        own = {"regime": row.regime, "period": row.period, "subject": subject, "text": text, "key": key}
        alarm(conn, settings, head, **own, at=self.as_of)

    def _sent(self, row: Row[Any], to: str) -> Row[Any] | None:
        with self.store.begin() as conn:
            outbox_rows.set_sent(conn, row, to, self.as_of)
            # In the transaction that is open anyway: a sweep of n letters has n of them, not 2n.
            return self._next_in(conn)

    def _update(self, row: Row[Any], **values: Any) -> None:
        with self.store.begin() as conn:
            outbox_rows.set_pending(conn, row.id, **values)


def _left(store: Store) -> int:
    with store.read() as conn:
        return outbox_rows.count_by_status(conn).get("PENDING", 0)
