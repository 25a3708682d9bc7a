"""Letters that the portal's own work has written leave soon, not on the next sweep: verdicts, receipts, requests.

Sending is no part of any request: it waits for a quiet moment, so that a mail server that hangs, or many letters at the
deadline, keep nobody from their verdict. What is not sent here is sent by the sweeps.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from baocao.web.portal.config import Clock, PortalLimits
from baocao.workflow.installation import Installation
from baocao.workflow.mail.mailing import flush

log = logging.getLogger(__name__)


class LetterSender:
    """One thread, started by the first letter and ended with the service."""

    def __init__(self, place: Installation, clock: Clock, limits: PortalLimits, is_busy: Callable[[], bool]) -> None:
        self._place, self._clock, self._limits, self._is_busy = place, clock, limits, is_busy
        self._state = threading.Condition()
        self._since: float | None = None
        """when the oldest unsent letter was written, on the monotonic clock"""
        self._last = 0.0
        self._ends = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """A letter may have been written."""
        with self._state:
            if self._ends:
                return
            self._last = time.monotonic()
            # The oldest moment stays: new letters may put off the quiet moment, never the latest one.
            self._since = self._since or self._last
            if self._thread is None:
                # A daemon: a mail server that hangs must not keep the process alive beyond `close_seconds`.
                self._thread = threading.Thread(target=self._work, name="letter sender", daemon=True)
                self._thread.start()
            self._state.notify()

    def close(self) -> None:
        """Send what waits, within `close_seconds`; the rest is for the sweeps."""
        with self._state:
            self._ends = True
            self._state.notify()
        if self._thread is not None:
            self._thread.join(self._limits.close_seconds)

    def _work(self) -> None:
        while True:
            with self._state:
                while not self._may_go():
                    # With a limit while a letter waits: the end of the quiet time itself notifies nobody.
                    self._state.wait(None if self._since is None else max(0.05, self._limits.letters_after_seconds))
                if self._since is None:
                    return
                # Before sending: a letter written meanwhile asks for a round of its own.
                self._since = None
            try:
                done = flush(self._place, self._clock.now())
                log.info("letters sent: %s, failed: %s", done["mails_sent"], done["mails_failed"])
            except Exception:
                log.exception("letters were not sent; the next sweep sends them")

    def _may_go(self) -> bool:
        if self._ends:
            return True
        if self._since is None:
            return False
        now = time.monotonic()
        is_quiet = now - self._last >= self._limits.letters_after_seconds and not self._is_busy()
        return is_quiet or now - self._since >= self._limits.letters_within_seconds
