"""Long work in stages, kept in the store: consolidation with its documents, and what `baocao-authoring` adds. It can be
watched, and started again when whatever ran it has gone.

Whoever runs a piece of work holds a lock on a file of its own; a row that is open while nobody holds the lock was
interrupted. Each stage is a verb with its own transactions, so starting again goes on where it makes sense.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from baocao.file_lock import try_locked_file
from baocao.settings import ConfigurationError
from baocao.store import works
from baocao.store.database import StoreError
from baocao.store.trail import events
from baocao.store.works import Work
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports import building

log = logging.getLogger(__name__)

CONSOLIDATE, WHAT_IF = "consolidate", "what-if"
NAMES: Mapping[str, str] = {CONSOLIDATE: "Tổng hợp, lập văn bản", WHAT_IF: "Thử biểu mới trên số liệu của kỳ"}
_INTERRUPTED = "Việc bị ngắt vì máy chủ dừng giữa chừng; những bước đã xong vẫn còn. Có thể chạy lại."
_OUR_FAULT = "Lỗi của hệ thống, không phải của số liệu; người vận hành xem nhật ký máy chủ. Có thể chạy lại."


@dataclass
class WorkRun:
    """One piece of work while it runs; a stage leaves in `kept` what the next one needs."""

    place: Installation
    work: Work
    kept: dict[str, Any]


Stages = tuple[tuple[str, Callable[[WorkRun], str]], ...]
"""What is done one after the other: a name for people, and the step; the last one's sentence is the answer."""


def _gate(run: WorkRun) -> str:
    work = run.work
    drafting.gate(run.place, work.regime, work.period, work.started_at)
    return ""


def _consolidate(run: WorkRun) -> str:
    work = run.work
    run.kept["draft"] = drafting.consolidate(run.place, work.regime, work.period, work.started_at)
    return ""


def _build(run: WorkRun) -> str:
    answer = building.build(run.place, int(run.kept["draft"]["report_id"]), run.work.started_at)
    again = "; không có gì thay đổi so với trước" if answer.get("repeated") else ""
    return f"Báo cáo phiên bản {answer['version']} đã lập và niêm phong{again}."


CONSOLIDATION: Stages = (
    ("Cổng kiểm tra toàn bộ số liệu", _gate),
    ("Tổng hợp số liệu toàn kỳ", _consolidate),
    ("Lập Excel, Word, PDF và niêm phong", _build),
)


class StartedWork:
    """Work that was begun: its lock is held until `run` is over, or this process is gone."""

    def __init__(self, place: Installation, work: Work, stages: Stages, lock: IO[bytes]) -> None:
        self.place, self.work, self._stages, self._lock = place, work, stages, lock

    def run(self, now: Callable[[], datetime]) -> None:
        """All stages, one after the other. Never raises: how it ended is in the row."""
        outcome, said = "done", ""
        try:
            run = WorkRun(self.place, self.work, {})
            for number, (name, stage) in enumerate(self._stages):
                # Told in a transaction of its own before each stage: whoever looks sees the stage that runs, not the
                # one that is over.
                with self.place.store.begin() as conn:
                    works.tell(conn, self.work.id, name, number)
                said = stage(run)
        except (Refused, StoreError, ConfigurationError) as error:
            outcome, said = "failed", str(error)
        except Exception:
            log.exception("long work %s", self.work.id)
            # Not the error's own words: they are for the log, and a page is read by people who cannot correct it.
            outcome, said = "failed", _OUR_FAULT
        try:
            self._end(outcome, said, now())
        except Exception:
            # The row stays open without a lock: the next look says that it was interrupted.
            log.exception("long work %s: its end could not be written down", self.work.id)
        finally:
            self.release()

    def release(self) -> None:
        """Let go of the lock, as the end of the process would."""
        self._lock.close()

    def _end(self, outcome: str, said: str, at: datetime) -> None:
        with self.place.store.begin() as conn:
            works.end(conn, self.work.id, outcome, said, at)


def begin(
    place: Installation,
    regime: str,
    period: str,
    kind: str,
    stages: Stages,
    *,
    by: str,
    as_of: datetime,
    form: bytes | None = None,
) -> StartedWork:
    """Write down that the work begins; whoever called runs it. `form`: the YAML of a what-if.

    Raises Refused while the same work of this period runs.
    """
    # Refuses an unknown period before a lock file of that name is made.
    place.at(regime, period)
    # Before the row: an open row whose lock is free means interrupted, and must never be seen of work that is starting.
    lock = _locked(place, regime, period, kind)
    if lock is None:
        raise Refused("Việc này của kỳ đang chạy; hãy xem tiến độ, không cần chạy thêm")
    try:
        given = {} if form is None else {"form_sha256": place.store.files.put(form)}
        with place.store.begin() as conn:
            # Under the lock nobody else can run it: what stands open is of a process that died.
            _settle(conn, regime, period, kind, as_of)
            work = works.begin(
                conn,
                regime=regime,
                period=period,
                kind=kind,
                given=given,
                by=by,
                at=as_of,
                total=len(stages),
            )
            payload = {"kind": kind, **given}
            events.append(conn, as_of, by, "long_work_started", (regime, period), f"long_work/{work.id}", payload)
    # Also at the end of the server: a lock kept by this process would call the work running until it ends.
    except BaseException:
        lock.close()
        raise
    return StartedWork(place, work, stages, lock)


def record_asked(place: Installation, regime: str, period: str, run: str, *, by: str, at: datetime) -> None:
    """Write into the trail who had Airflow consolidate. `run`: the name of its run, which alone says how far it is."""
    with place.store.begin() as conn:
        events.append(conn, at, by, "long_work_started", (regime, period), f"airflow_run/{run}", {"kind": CONSOLIDATE})


def works_of(place: Installation, regime: str, period: str, at: datetime) -> list[Work]:
    """The work of a period, the newest first; what nobody runs any more is told as interrupted."""
    with place.store.read() as conn:
        found = works.of_period(conn, regime, period)
    dead = [w for w in found if w.outcome is None and not _is_held(place, w)]
    if not dead:
        return found
    with place.store.begin() as conn:
        for work in dead:
            works.end(conn, work.id, "interrupted", _INTERRUPTED, at)
        return works.of_period(conn, regime, period)


def _settle(conn: Any, regime: str, period: str, kind: str, at: datetime) -> None:
    """Under the lock: an open row of the same work has nobody who runs it."""
    for work in works.running(conn):
        if (work.regime, work.period, work.kind) == (regime, period, kind):
            works.end(conn, work.id, "interrupted", _INTERRUPTED, at)


def _locked(place: Installation, regime: str, period: str, kind: str) -> IO[bytes] | None:
    """The lock, held as long as the file stays open; None while somebody else has it."""
    # The file is never removed: another process might hold the lock of a name that is gone.
    return try_locked_file(place.settings.data / "work" / f"{regime}__{period}__{kind}.lock")


def _is_held(place: Installation, work: Work) -> bool:
    lock = _locked(place, work.regime, work.period, work.kind)
    if lock is None:
        return True
    # Only asked whether it is free: kept, it would look like work.
    lock.close()
    return False
