"""The inbox: one file never stops the others, each sending gets its answer, and only its sender decides whose it is."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from baocao.documents.marking.task import mark_task
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess, Task
from baocao.forms.reading.raw import Unreadable
from baocao.model.form import CellKey
from baocao.model.submission import Status
from baocao.store import windows
from baocao.store.submissions import receiving, submissions
from baocao.store.submissions.receiving import Arrived
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.trail import events
from baocao.workflow.intake import judging
from baocao.workflow.periods import windows as windows_verb
from baocao.workflow.periods.waiving import waive
from baocao.workflow.sweeps import reminding
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, PROJECT, REGIME, Site, letters, trimmed_root
from servers.postgres import PostgresServer

UNIT, OTHER, THIRD = COMMUNES[:3]
OPENING = CellKey("B04", "NGHIEN", "DK")
NO_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def alarms(site: Site) -> list[str]:
    return letters(site, "__operator__alarm")


def sent(site: Site, unit: str, data: bytes, name: str = "bao-cao.xlsx", *, hours: int = 0) -> dict[str, int]:
    """Drop a file into the unit's folder and sweep, so many hours after the usual moment."""
    at = site.in_time + timedelta(hours=hours)
    site.send(unit, data, at, name)
    return site.collect(at)


def official(site: Site, unit: str = UNIT) -> submissions.SubmissionDetail | None:
    with site.place.store.read() as conn:
        found = submissions.official(conn, REGIME, PERIOD, unit)
        return submissions.detail(conn, found.id) if found else None


def wrong(site: Site, unit: str = UNIT) -> bytes:
    return site.workbook(unit, {OPENING: int(str(site.filled(unit).values[OPENING])) + 7})


def variant(site: Site, unit: str = UNIT) -> bytes:
    """Another workbook that is accepted as well."""
    return site.workbook(unit, {CellKey("PL04", "I", "ND"): "Đã triển khai Chương trình tới từng tổ dân phố trong kỳ."})


# A file that cannot be taken stops nothing -----------------------------------------------------------------------


def test_odd_names_and_non_files_stop_no_one(opened: Site) -> None:
    inbox = opened.place.settings.inbox
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    folder = inbox / OTHER
    folder.mkdir(exist_ok=True)
    (folder / os.fsdecode(b"b\xe1o c\xe1o.xlsx")).write_bytes(opened.workbook(OTHER))
    (folder / "hai\ndong\u202e.xlsx").write_bytes(NO_WORKBOOK)
    os.mkfifo(folder / "ong.xlsx")
    (folder / "lien-ket.xlsx").symlink_to(inbox / UNIT / "bao-cao.xlsx")
    (inbox / THIRD).symlink_to(folder)
    done = opened.collect()
    assert (done["accepted"], done["quarantined"], done["obstacles"], done["failed"]) == (2, 1, 3, 0)
    told = alarms(opened)
    assert len(told) == 4
    assert sum("không phải UTF-8" in t or "bảng mã khác" in t for t in told) == 1
    again = opened.collect(opened.in_time + timedelta(minutes=15))
    assert (again["accepted"], again["quarantined"], again["obstacles"]) == (0, 0, 3)
    assert len(alarms(opened)) == 4


@contextmanager
def without_roots_right_to_read_everything() -> Iterator[None]:
    """For this thread the modes of files count, as they do for the service's own user."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    held, less = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice
    assert libc.capget(header, held) == 0
    less[:] = held[:]
    less[0] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert libc.capset(header, less) == 0
    try:
        yield
    finally:
        assert libc.capset(header, held) == 0


def test_unreadable_file_and_folder_raise_one_alarm_each(opened: Site) -> None:
    site, inbox = opened, opened.place.settings.inbox
    for unit in (UNIT, OTHER, THIRD):
        site.send(unit, site.workbook(unit), site.in_time)
    (inbox / OTHER / "bao-cao.xlsx").chmod(0)
    (inbox / THIRD).chmod(0)
    with without_roots_right_to_read_everything():
        done = site.collect()
        assert (done["accepted"], done["obstacles"]) == (1, 2)
        assert site.collect(site.in_time + timedelta(minutes=15))["obstacles"] == 2
        assert len(alarms(site)) == 2
        # The cure of the runbook.
        (inbox / OTHER / "bao-cao.xlsx").chmod(0o600)
        (inbox / THIRD).chmod(0o700)
        assert site.collect(site.in_time + timedelta(minutes=30))["accepted"] == 2


def test_files_with_long_paths_and_names_are_taken(opened: Site) -> None:
    deep = opened.place.settings.inbox / UNIT / ("Báo cáo sáu tháng đầu năm của Ủy ban nhân dân phường " * 3).strip()
    deep.mkdir(parents=True)
    name = "ộ" * 83 + ".xlsx"
    (deep / name).write_bytes(opened.workbook(UNIT))
    done = opened.collect()
    assert (done["accepted"], done["failed"]) == (1, 0)
    assert not (deep / name).exists()
    assert opened.collect(opened.in_time + timedelta(minutes=15))["files"] == 0


def test_submission_without_its_file_is_alarmed_and_closed(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened.place.store.begin() as conn:
        lost, _ = receiving.receive(
            conn,
            Arrived(
                channel="folder",
                filename="mat.xlsx",
                sha256="0" * 64,
                size=1,
                received_at=opened.in_time,
                info={"sender_hint": OTHER},
            ),
        )
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    done = opened.collect()
    assert (done["accepted"], done["failed"]) == (1, 1)
    opened.collect(opened.in_time + timedelta(minutes=15))
    (told,) = alarms(opened)
    assert "Mất tệp gốc" in told or "kho tệp gốc không đọc được" in told
    cli = Cli(opened, monkeypatch)
    at = ("--as-of", "2026-06-18", "--by", "Thường trực", "--reason", "Mất tệp gốc, đề nghị gửi lại")
    assert cli("inbox", "refuse", lost.id, *at, "--regime", REGIME).code == 0
    (letter,) = letters(opened, f"__{OTHER}__quarantined")
    assert "Mất tệp gốc, đề nghị gửi lại" in letter
    assert opened.collect(opened.in_time + timedelta(minutes=30))["failed"] == 0


def test_damaged_raw_file_waits_until_it_is_removed(opened: Site) -> None:
    data = opened.workbook(UNIT)
    sent(opened, UNIT, data)
    stored = Path(opened.place.store.files.where(official(opened).submission.sha256))  # type: ignore[union-attr]
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    opened.send(OTHER, opened.workbook(OTHER), opened.in_time)
    done = sent(opened, UNIT, data, "lai.xlsx", hours=1)
    assert (done["accepted"], done["failed"]) == (1, 1)
    sent(opened, THIRD, opened.workbook(THIRD), hours=2)
    (told,) = alarms(opened)
    assert "không còn khớp mã băm" in told
    stored.rename(stored.with_name("hong"))
    assert opened.collect(opened.in_time + timedelta(hours=3))["duplicate"] == 1
    assert stored.read_bytes() == data


def test_full_file_store_leaves_the_file_in_inbox(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    files = opened.place.store.files
    honest = files.put
    full = opened.workbook(UNIT)

    def put(data: bytes) -> str:
        if data == full:
            raise OSError(28, "No space left on device")
        return honest(data)

    monkeypatch.setattr(files, "put", put)
    opened.send(UNIT, full, opened.in_time)
    opened.send(OTHER, opened.workbook(OTHER), opened.in_time)
    done = opened.collect()
    assert (done["accepted"], done["failed"]) == (1, 1)
    monkeypatch.undo()
    assert opened.collect(opened.in_time + timedelta(minutes=15))["accepted"] == 1
    assert len(alarms(opened)) == 1


def test_unmovable_decided_file_is_never_judged_twice(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from baocao.workflow.intake import file_sweep

    def settle(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    with monkeypatch.context() as patched:
        patched.setattr(file_sweep, "settle", settle)
        assert opened.collect()["accepted"] == 1
        assert opened.collect(opened.in_time + timedelta(minutes=15))["files"] == 0
    assert len(alarms(opened)) == 1
    opened.collect(opened.in_time + timedelta(minutes=30))
    assert not list((opened.place.settings.inbox / UNIT).iterdir())
    assert len(letters(opened, f"__{UNIT}__accepted")) == 1


def test_file_undecided_through_our_fault_is_taken_later(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    def known() -> list[tuple[str, str, Status]]:
        with opened.place.store.read() as conn:
            sent_for = submissions.of_period(conn, REGIME, PERIOD)
        return [(s.unit, s.period, s.status) for s in sent_for]

    for unit, step in ((UNIT, "examine"), (OTHER, "history_of")):
        opened.send(unit, opened.workbook(unit), opened.in_time)
        with monkeypatch.context() as patched:
            patched.setattr(judging, step, broken)
            assert opened.collect()["failed"] == 1
        # It owes no more than a unit whose report is being looked at.
        assert known()[-1] == (unit, PERIOD, Status.RECEIVED)
        assert opened.collect(opened.in_time + timedelta(minutes=15))["accepted"] == 1
        assert known()[-1] == (unit, PERIOD, Status.ACCEPTED)


# Received when we saw it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1980, 2026, 2040])
def test_file_counts_from_when_it_is_seen(opened: Site, year: int) -> None:
    late = opened.period.unit.due_at + timedelta(hours=5)
    path = opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    carried = opened.in_time.replace(year=year)
    os.utime(path, (carried.timestamp(), carried.timestamp()))
    assert opened.collect(late)["accepted"] == 1
    kept = official(opened)
    assert kept is not None
    assert (kept.submission.received_at, kept.submission.on_time, kept.file_time) == (late, False, carried)


def test_backdated_file_after_the_lock_is_refused(opened: Site) -> None:
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    assert opened.collect(opened.period.unit.locked_after + timedelta(days=20))["quarantined"] == 1


# Sent again -----------------------------------------------------------------------------------------------------------


def test_a_then_b_then_a_leaves_a_official(opened: Site) -> None:
    first, second = opened.workbook(UNIT), variant(opened)
    assert [sent(opened, UNIT, data, hours=n)["accepted"] for n, data in enumerate((first, second, first))] == [1, 1, 1]
    now = official(opened)
    assert now is not None and opened.place.store.files.get(now.submission.sha256) == first
    assert now.submission.supersedes_id is not None
    # And only now is the same again a repeat.
    again = sent(opened, UNIT, first, hours=4)
    assert (again["duplicate"], again["accepted"]) == (1, 0)
    (letter,) = letters(opened, f"__{UNIT}__duplicate")
    assert now.submission.receipt_number in letter and "Đề nghị quý đơn vị sửa" not in letter


def test_locked_file_is_taken_after_an_extension(opened: Site) -> None:
    data = opened.workbook(UNIT)
    locked = opened.period.unit.locked_after + timedelta(hours=3)
    opened.send(UNIT, data, locked)
    assert opened.collect(locked)["quarantined"] == 1
    opened.send(UNIT, data, locked)
    assert opened.collect(locked + timedelta(hours=1))["duplicate"] == 1
    (letter,) = letters(opened, f"__{UNIT}__duplicate")
    assert "đã ngừng tiếp nhận" in letter and "sửa các điểm" not in letter
    until = (locked + timedelta(days=3)).date()
    waive(opened.place, REGIME, PERIOD, UNIT, until=until, reason="Mất điện", by="Thường trực", as_of=locked)
    opened.send(UNIT, data, locked)
    assert opened.collect(locked + timedelta(hours=2))["accepted"] == 1


def test_unchanged_returned_file_gets_its_marks_again(
    opened: Site,
) -> None:
    data = wrong(opened)
    assert sent(opened, UNIT, data)["returned"] == 1
    assert sent(opened, UNIT, data, hours=1)["duplicate"] == 1
    (path,) = opened.place.settings.outbox.glob(f"*__{UNIT}__duplicate*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    with opened.place.store.read() as conn:
        first = submissions.of_period(conn, REGIME, PERIOD)[0]
        points = sum(f.severity == "blocks" for f in findings_of(conn, first.id))
    assert body is not None and f"còn nguyên {points} điểm phải sửa" in " ".join(body.get_content().split())
    assert [part.get_filename() for part in message.iter_attachments()] != []


def test_returned_file_is_accepted_after_earlier_period_corrected(opened: Site) -> None:
    """The half-year said one thing, the year another; the half-year is corrected, the same yearly file comes again."""
    site = opened
    data = wrong(site)
    assert sent(site, UNIT, data)["returned"] == 1
    # The office loads the right figures of before: the opening stock in the file was right all along.
    right = {**site.before[UNIT], CellKey("B04", "NGHIEN", "CK"): site.filled(UNIT).values[OPENING] + 7}  # type: ignore[operator]
    with site.place.store.begin() as conn:
        from builders.sites.site import write_accepted

        write_accepted(conn, "2025-Y", UNIT, right, site.in_time - timedelta(days=1))  # type: ignore[arg-type]
    done = sent(site, UNIT, data, hours=2)
    assert done["duplicate"] == 0, "judged anew"
    with site.place.store.read() as conn:
        last = submissions.of_period(conn, REGIME, PERIOD)[-1]
        rules = [(f.rule, f.key) for f in findings_of(conn, last.id) if f.severity == "blocks"]
    assert not any("NGHIEN/DK" in key for _, key in rules)


def test_an_unreadable_file_sent_twice_is_answered_twice(opened: Site) -> None:
    assert sent(opened, UNIT, NO_WORKBOOK)["quarantined"] == 1
    assert sent(opened, UNIT, NO_WORKBOOK, hours=1)["duplicate"] == 1
    assert len(letters(opened, f"__{UNIT}__quarantined")) == 1
    (again,) = letters(opened, f"__{UNIT}__duplicate")
    assert "vẫn chưa tiếp nhận được" in again and "sửa các điểm" not in again


def test_repeated_sending_stores_bytes_once_with_events(opened: Site) -> None:
    data = opened.workbook(UNIT)
    for hours in range(3):
        sent(opened, UNIT, data, hours=hours)
    with opened.place.store.read() as conn:
        rows = submissions.of_period(conn, REGIME, PERIOD)
        told = [
            e.action for e in events.events(conn, regime=REGIME, period=PERIOD) if e.action.startswith("submission")
        ]
    assert [r.status for r in rows] == [Status.ACCEPTED, Status.DUPLICATE, Status.DUPLICATE]
    assert len({r.sha256 for r in rows}) == 1
    assert told == ["submission_accepted", "submission_duplicate", "submission_duplicate"]


# Who sent it ----------------------------------------------------------------------------------------------------------


def test_misdirected_workbook_answers_sender_and_informs_owner(opened: Site) -> None:
    data = opened.workbook(OTHER)
    assert sent(opened, UNIT, data)["returned"] == 1
    (answer,) = letters(opened, f"__{UNIT}__misaddressed")
    (told,) = letters(opened, f"__{OTHER}__sent-by-another")
    assert "không được nhận" in answer and "không thay đổi" in told
    with opened.place.store.read() as conn:
        rows = submissions.of_period(conn, REGIME, PERIOD)
        assert [(r.unit, r.status) for r in rows] == [(UNIT, Status.RETURNED)]
        assert [f.rule for f in findings_of(conn, rows[0].id)] == ["V04"]
    # Wrong folder first, right folder second: taken.
    assert sent(opened, OTHER, data, hours=1)["accepted"] == 1
    # And the owner's accepted report is safe from a second try of the other.
    assert sent(opened, UNIT, data, "nua.xlsx", hours=2)["duplicate"] == 1
    (again,) = letters(opened, f"__{UNIT}__duplicate")
    assert "nhưng là biểu mẫu của" in again and "điểm phải sửa" not in again
    assert official(opened, OTHER) is not None and official(opened, UNIT) is None


def test_files_of_unknown_senders_wait_for_the_office(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site, inbox = opened, opened.place.settings.inbox
    sent(site, UNIT, site.workbook(UNIT))
    before = official(site)
    for folder in ("", "gui ho", "khong-ro"):
        (inbox / folder).mkdir(exist_ok=True)
        (inbox / folder / "a.xlsx").write_bytes(variant(site))
    done = site.collect(site.in_time + timedelta(hours=1))
    assert (done["waiting"], done["accepted"]) == (3, 0)
    assert official(site) == before
    assert len(alarms(site)) == 3
    assert site.collect(site.in_time + timedelta(hours=2))["files"] == 0
    cli = Cli(site, monkeypatch)
    at = ("--as-of", "2026-06-19T09:00", "--regime", REGIME, "--json")
    waiting = cli("inbox", "waiting", *at).json
    assert [w["says"]["unit"] for w in waiting] == [UNIT] * 3
    why = ("--by", "Thường trực", "--reason", "Đơn vị xác nhận qua điện thoại")
    assert cli("inbox", "attribute", waiting[0]["id"], "99999", *why, *at).code == 3
    assert cli("inbox", "attribute", waiting[0]["id"], UNIT, *why, *at).json["outcome"] == "accepted"
    assert cli("inbox", "attribute", waiting[1]["id"], OTHER, *why, *at).json["outcome"] == "returned"
    assert cli("inbox", "refuse", waiting[2]["id"], *why, *at).json["outcome"] == "quarantined"
    assert cli("inbox", "waiting", *at).json == []
    assert cli("inbox", "refuse", waiting[2]["id"], *why, *at).code == 3
    now = official(site)
    assert now is not None and now.submission.id == waiting[0]["id"]
    # As received when it came, not when the office got round to it.
    assert now.submission.received_at == site.in_time + timedelta(hours=1)
    with site.place.store.read() as conn:
        said = [e.actor for e in events.events(conn) if e.actor == "Thường trực"]
    assert len(said) == 3
    audit = cli("audit", "verify", "--json")
    assert audit.code == 0, audit.out


def test_spaces_around_a_folder_name_are_ignored(opened: Site) -> None:
    assert sent(opened, f"{UNIT} ", opened.workbook(UNIT))["accepted"] == 1
    # It is the sender that counts: another unit's workbook does not become that unit's report.
    assert sent(opened, f" {OTHER}", opened.workbook(THIRD), hours=1)["returned"] == 1
    assert official(opened, THIRD) is None


# Units and periods that are not (yet) in the window -------------------------------------------------------------------


def test_next_sweep_enrols_units_that_joined_later(tmp_path: Path) -> None:
    root = trimmed_root(tmp_path, COMMUNES[:2])
    early = Site(root, tmp_path / "var")
    early.load_baseline()
    early.open()
    early.place.store.close()
    other = trimmed_root(tmp_path / "later", COMMUNES[:3])
    name = f"include/regimes/{REGIME}/units.csv"
    shutil.copyfile(other / name, root / name)
    site = Site(root, tmp_path / "var")
    at = site.in_time - timedelta(days=3)
    site.collect(at)
    with site.place.store.read() as conn:
        (added,) = [o for o in windows.obligations(conn, REGIME, PERIOD) if o.added_at is not None]
    assert (added.unit, added.added_at, added.blank_sha256 is not None) == (COMMUNES[2], at, True)
    assert len(letters(site, f"__{COMMUNES[2]}__window_opened")) == 1
    (told,) = alarms(site)
    assert "được ghi thêm vào kỳ" in told and "baocao waive" in told
    site.collect(at + timedelta(minutes=15))
    assert len(alarms(site)) == 1
    # Steps of the ladder from before it was told are not owed.
    reminding.remind(site.place, at + timedelta(minutes=20))
    assert letters(site, f"__{COMMUNES[2]}__remind") == []
    assert sent(site, COMMUNES[2], site.workbook(COMMUNES[2]))["quarantined"] == 0
    site.place.store.close()


def test_early_file_is_told_when_window_opens(site: Site) -> None:
    site.load_baseline()
    data, early = site.workbook(UNIT), site.opens - timedelta(days=3)
    site.send(UNIT, data, early)
    assert site.collect(early)["quarantined"] == 1
    (letter,) = letters(site, f"__{UNIT}__quarantined")
    assert f"chưa mở (mở từ ngày {site.opens:%d/%m/%Y})" in letter and "không phải sửa gì" in letter
    site.open()
    assert sent(site, UNIT, data)["accepted"] == 1


# Several sweeps at once -----------------------------------------------------------------------------------------------

_SWEEP = """
import json, sys
from datetime import datetime
from baocao.workflow.sweeps import collecting
from baocao.workflow.installation import Installation
place = Installation.open()
place.pack({regime!r})
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(collecting.collect(place, datetime.fromisoformat({at!r})), default=str))
"""


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_simultaneous_sweeps_decide_each_file_once(
    database: str, opened: Site, trimmed: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    site = opened
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        site = Site(trimmed, tmp_path / "pg", server.new_database())
        site.place.store.migrate()
        site.load_baseline()
        site.open()
    site.send_all(but=[UNIT, OTHER])
    site.send(UNIT, wrong(site), site.in_time)
    site.send(OTHER, NO_WORKBOOK, site.in_time)
    code = _SWEEP.format(regime=REGIME, at=site.in_time.isoformat())
    env = {**os.environ, **site.env, "PYTHONPATH": os.pathsep.join([str(PROJECT / p) for p in ("src", "tests", "")])}
    sweeps = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )
        for _ in range(4)
    ]
    for sweep in sweeps:
        assert sweep.stdout is not None and sweep.stdout.readline() == "ready\n"
    for sweep in sweeps:
        assert sweep.stdin is not None
        sweep.stdin.write("\n")
        sweep.stdin.flush()
    answers = [json.loads(sweep.communicate(timeout=300)[0]) for sweep in sweeps]
    assert [sweep.returncode for sweep in sweeps] == [0] * 4
    total = {
        name: sum(a[name] for a in answers) for name in ("accepted", "returned", "quarantined", "duplicate", "failed")
    }
    expected = {"accepted": len(site.units) - 2, "returned": 1, "quarantined": 1, "duplicate": 0, "failed": 0}
    assert total == expected
    assert alarms(site) == []
    assert len(letters(site, "__accepted")) == len(site.units) - 2
    with site.place.store.read() as conn:
        assert events.verify(conn).ok
    assert site.collect(site.in_time + timedelta(minutes=15))["files"] == 0
    if database == "postgresql":
        site.place.store.close()


def test_letter_distinguishes_fault_list_from_marked_workbook(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent(opened, UNIT, wrong(opened))["returned"] == 1
    run = ReaderProcess.run

    def cannot_mark(reader: ReaderProcess, task: Task, data: bytes, **order: object) -> bytes:
        if task is mark_task:
            raise Unreadable("unreadable", "cannot be marked up")
        return run(reader, task, data, **order)

    monkeypatch.setattr(ReaderProcess, "run", cannot_mark)
    assert sent(opened, OTHER, wrong(opened, OTHER), hours=1)["returned"] == 1
    [own], [listed] = letters(opened, UNIT, "returned"), letters(opened, OTHER, "returned")
    assert "đó là tệp của quý đơn vị" in own and f"ket-qua_{UNIT}" in own
    assert "chỉ là danh sách các điểm, không phải tệp để sửa" in listed and f"danh-sach-diem_{OTHER}" in listed
    assert "đó là tệp của quý đơn vị" not in listed and "đánh dấu (đính kèm)" not in listed


def test_letter_names_the_sheet_of_a_form_left_blank(opened: Site) -> None:
    unit, form = opened.unit(UNIT), opened.pack.forms[0]
    assert sent(opened, UNIT, write_blank(opened.pack, unit, opened.period), hours=1)["returned"] == 1
    (letter,) = letters(opened, UNIT, "returned")
    assert f"{form.short}: cả trang | {form.title}" in letter


def test_collect_logs_one_line_for_each_file(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.send(UNIT, opened.workbook(UNIT), opened.in_time)
    opened.send(OTHER, wrong(opened, OTHER), opened.in_time)
    opened.send(THIRD, NO_WORKBOOK, opened.in_time)
    answer = Cli(opened, monkeypatch)("collect", "--json", "--as-of", opened.in_time.isoformat())
    assert answer.json["files"] == 3
    lines = [line for line in answer.err.splitlines() if line.startswith("Bài nộp số ")]
    assert len(lines) == 3
    names = {u: opened.unit(u).full_name for u in (UNIT, OTHER)}
    assert any(names[UNIT] in line and "tiếp nhận; 0 điểm phải sửa" in line for line in lines)
    assert any(re.search(rf"{names[OTHER]}.*trả lại; [1-9]\d* điểm phải sửa", line) for line in lines), lines
    assert any(THIRD in line and "cách ly" in line for line in lines)


def test_opening_says_how_far_it_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows_verb, "TOLD_EVERY", 5)
    answer = Cli(site, monkeypatch)("open", "--json", "--period", PERIOD, "--as-of", site.opens.isoformat())
    assert answer.json["opened"] is True
    assert f"đã lập 5/{len(site.units)} biểu trắng" in answer.err
