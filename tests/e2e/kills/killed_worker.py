"""A worker that dies: a process that runs the verbs of builders/sites/site.py in children, and lets them be killed.

Started by tests/builders/sites/kills.py. Reads lines of JSON `{"data", "verb", "die_at"}` on stdin, with the `url`
of a database that is not SQLite; for each it forks a child that runs the verb and, at its `die_at`-th moment (0:
never), sends itself SIGKILL: no handler runs, nothing is closed. A moment is the instant before a transaction ends, or
before a file or folder of the installation is created, renamed or removed. With `reader_dies_at` it is the reading
child that is killed, at that file. Answers one line of JSON: `{"killed", "code", "moments"}`.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import great_expectations  # noqa: F401 (loaded once, for every child)
from sqlalchemy import Engine, event

from baocao.documents.charts import picture
from baocao.documents.pdf_files import convert as pdf
from baocao.forms.reading.child import ReaderProcess
from baocao.workflow.auditing.backup import backup
from baocao.workflow.lead_bodies import sharing
from baocao.workflow.reports import correcting, versions
from baocao.workflow.sign_off.coverage import overrule_coverage
from baocao.workflow.sign_off.revoking import revoke
from baocao.workflow.sweeps import reminding
from builders.sites.site import PERIOD, REGIME, Site

_WRITES = {"os.rename", "os.mkdir", "os.remove", "os.link"}


def backup_again(site: Site) -> Any:
    """As a timetable does it: each time under a name of its own."""
    folder = site.data / "backups"
    number = len(list(folder.glob("*.zip"))) + 1
    return backup(site.place, folder / f"sao-luu-{number}.zip", site.report_day + timedelta(days=1))


def newest(site: Site) -> dict[str, object]:
    report = versions.newest_report(site.place, REGIME, PERIOD)
    return {"report_id": report.id, "content_sha256": report.content_sha256}


VERBS: dict[str, Callable[[Site], Any]] = {
    "baseline": Site.load_baseline,
    "open": Site.open,
    "collect": Site.collect,
    "remind": lambda site: reminding.remind(site.place, site.period.unit.due_at),
    "consolidate": Site.consolidate,
    # The commune whose workbook went back leaves the small installation below the pack's bound.
    "accept-coverage": lambda site: overrule_coverage(
        site.place, REGIME, PERIOD, by="lanh-dao", reason="Một xã phải gửi lại báo cáo", as_of=site.report_day
    ),
    "approve": lambda site: site.approve(newest(site)),
    "sign": lambda site: site.sign(newest(site)),
    "dispatch": lambda site: site.dispatch(newest(site)),
    "backup": backup_again,
    "slice": lambda site: sharing.share_slices(
        site.place, REGIME, PERIOD, site.period.unit.due_at + timedelta(hours=1)
    ),
    "revoke": lambda site: revoke(
        site.place, newest(site)["report_id"], by="van-thu", reason="Ghi nhầm số", as_of=site.report_day
    ),
    "correct": lambda site: correcting.correct(
        site.place,
        REGIME,
        PERIOD,
        reason="Ghi sai ngày ký",
        by="can-bo",
        as_of=site.report_day + timedelta(days=2),
        units=(site.units[0].code,),
        until=site.place.day(REGIME, site.report_day + timedelta(days=9)),
    ),
}


class Moments:
    """Counts the instants at which something is about to become durable, and dies at the one chosen."""

    def __init__(self, data: Path, die_at: int) -> None:
        self.data, self.die_at, self.count = str(data), die_at, 0
        event.listen(Engine, "commit", lambda _conn: self.pass_one())
        sys.addaudithook(self._audit)

    def pass_one(self) -> None:
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        opened = name == "open" and (
            bool(set(arguments[1]) & set("wxa"))
            if isinstance(arguments[1], str)
            else bool(arguments[2] & (os.O_CREAT | os.O_TRUNC | os.O_APPEND))
        )
        # SQLite writes by itself: its commits are counted above.
        if (opened or name in _WRITES) and str(arguments[0]).startswith(self.data):
            self.pass_one()


def loaded(root: Path) -> dict[str, Any]:
    """Pack and calendar, read once for every child: they are the same files."""
    place = Site(root, Path("never-opened")).place
    place.pack(REGIME)
    place.calendar(REGIME)
    return {name: value for name, value in vars(place).items() if name in {"_packs", "_calendars", "working_days"}}


class DyingReader:
    """Kills the reading child at the file chosen, while it is read."""

    def __init__(self, die_at: int) -> None:
        self.die_at, self.count = die_at, 0
        self.run = ReaderProcess.run
        ReaderProcess.run = lambda reader, *args, **order: self._run(reader, *args, **order)  # type: ignore[method-assign]

    def _run(self, reader: ReaderProcess, *args: Any, **order: Any) -> bytes:
        self.count += 1
        if self.count == self.die_at and reader._process is not None:
            reader._process.kill()
        return self.run(reader, *args, **order)


def child(root: Path, order: dict[str, Any], answer: int, known: dict[str, Any]) -> None:
    """Runs one verb as a worker would, and reports how many moments it passed."""
    data = Path(order["data"])
    moments = Moments(data, order.get("die_at", 0))
    if order.get("reader_dies_at"):
        DyingReader(order["reader_dies_at"])
    try:
        site = Site(root, data, order.get("url"))
        vars(site.place).update(known)
        VERBS[order["verb"]](site)
        site.place.store.close()
        os.write(answer, str(moments.count).encode())
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


def one_picture() -> bytes:
    """A black PNG of 64 x 32 points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 64, 32, 8, 0, 0, 0, 0)
    points = zlib.compress(bytes(32 * (1 + 64)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


def serve(root: Path) -> None:
    """One line in, one child, one line out."""
    known = loaded(root)
    for line in sys.stdin:
        order = json.loads(line)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            child(root, order, write, known)
        os.close(write)
        _, status = os.waitpid(pid, 0)
        with os.fdopen(read) as answer:
            moments = answer.read()
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        print(json.dumps({"killed": killed, "code": code, "moments": int(moments or 0)}), flush=True)


if __name__ == "__main__":
    # LibreOffice takes seconds and writes what is not reproducible: reports go without a PDF here, and with one picture
    # for all, for every child would start the JavaScript engine that draws them.
    pdf._PROGRAMS = ()
    drawn = one_picture()
    picture.Picture.png = property(lambda _picture: drawn)  # type: ignore[assignment]
    serve(Path(sys.argv[1]))
