"""Reminders written down and sent: the ledger row and the letter in one transaction, once."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from baocao.calendar.workdays import WorkingDays
from baocao.delivery.reminding.decisions import RunResult
from baocao.delivery.reminding.reminders import run
from baocao.delivery.sending import flush
from baocao.delivery.submit_ways import SubmitWay
from baocao.model.pack import Pack
from baocao.store import windows
from baocao.store.database import Store, open_store
from baocao.store.submissions import receiving
from baocao.store.tables import outbox, reminder
from baocao.store.waivers import WaiverKind, grant
from builders.mail.delivery import PERIOD, at, owed, pack, settings_in, unit
from builders.mail.outbox import Postman

DAYS = WorkingDays()
TWO = pack(unit("90001"), unit("90002"))


@pytest.fixture
def store(store: Store) -> Store:
    """A window that is open, for two units."""
    with store.begin() as conn:
        windows.open_window(conn, TWO.code, PERIOD.code, at=PERIOD.opens_at, pack_sha256=TWO.sha256)
        windows.add_obligations(conn, TWO.code, PERIOD.code, [owed("90001"), owed("90002")])
    return store


def remind(store: Store, as_of: datetime, of: Pack = TWO) -> RunResult:
    with store.begin() as conn:
        return run(conn, store.settings, of, PERIOD, DAYS, as_of)


def receive(store: Store, code: str, as_of: datetime) -> None:
    with store.begin() as conn:
        receiving.receive(
            conn,
            receiving.Arrived(
                regime=TWO.code,
                period=PERIOD.code,
                unit=code,
                channel="folder",
                filename=f"{code}.xlsx",
                sha256=code.rjust(64, "a"),
                size=1,
                received_at=as_of,
            ),
        )


def ledger(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as conn:
        rows = conn.execute(select(reminder).order_by(reminder.c.unit, reminder.c.id))
        return [(r.unit, r.step, r.outcome) for r in rows]


def mails(store: Store) -> list[tuple[str, str]]:
    with store.read() as conn:
        return [(r.unit, r.recipient) for r in conn.execute(select(outbox).order_by(outbox.c.id))]


def texts(store: Store) -> list[str]:
    with store.read() as conn:
        return [r.text for r in conn.execute(select(outbox).order_by(outbox.c.id))]


def test_a_period_not_yet_open_reminds_nobody(tmp_path: Path) -> None:
    with open_store(settings_in(tmp_path)).begin() as conn:
        assert run(conn, settings_in(tmp_path), TWO, PERIOD, DAYS, at(22)) == RunResult(0, 0, 0, 0)


def test_each_ledger_row_points_to_its_letter(store: Store) -> None:
    assert remind(store, at(4)) == RunResult(sent=2, mails=2, overtaken=0, no_address=0)
    assert ledger(store) == [("90001", "t-15", "SENT"), ("90002", "t-15", "SENT")]
    with store.read() as conn:
        joined = select(reminder.c.unit, outbox.c.unit, reminder.c.due_on).join(
            outbox, outbox.c.id == reminder.c.outbox_id
        )
        assert [tuple(r) for r in conn.execute(joined.order_by(reminder.c.id))] == [
            ("90001", "90001", "2026-06-04"),
            ("90002", "90002", "2026-06-04"),
        ]


def test_only_the_units_own_letters_carry_its_address_and_link(store: Store) -> None:
    for moment in (at(18), at(21)):
        with store.begin() as conn:
            run(
                conn,
                store.settings,
                TWO,
                PERIOD,
                DAYS,
                moment,
                ways=lambda unit: (SubmitWay("mở trang nộp", f"https://nop.example/{unit}"),),
                reply_to=lambda unit: f"nop+{unit}@tinh.example",
            )
    with store.read() as conn:
        letters = list(conn.execute(select(outbox).where(outbox.c.unit != "90002")))
    answered = {letter.step: letter.reply_to for letter in letters}
    assert answered.pop("remind:t-1") == "nop+90001@tinh.example"
    assert answered and set(answered.values()) == {None}
    # Whoever opens the unit's link is the unit: its head gets none.
    linked = {letter.step for letter in letters if "https://nop.example/" in letter.text}
    assert linked == {"remind:t-1"}


def test_steps_whose_time_is_past_are_counted_and_not_sent(store: Store) -> None:
    assert remind(store, at(4)).overtaken == 0
    result = remind(store, at(18), pack(unit("90001"), unit("90002", email="")))
    outcomes = [outcome for _, _, outcome in ledger(store)]
    assert result.overtaken == outcomes.count("OVERTAKEN") > 0
    assert (result.sent, result.no_address) == (outcomes.count("SENT") - 2, outcomes.count("NO_ADDRESS")) == (1, 1)


def test_running_again_sends_nothing(store: Store) -> None:
    remind(store, at(4))
    assert remind(store, at(4)) == remind(store, at(11)) == RunResult(0, 0, 0, 0)


def test_a_failed_run_leaves_neither_ledger_nor_letter(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as conn:
        run(conn, store.settings, TWO, PERIOD, DAYS, at(4))
        raise RuntimeError("the process dies before the commit")

    assert ledger(store) == []
    assert mails(store) == []
    assert remind(store, at(4)).sent == 2


def test_a_unit_that_sent_hears_its_files_status(store: Store) -> None:
    receive(store, "90001", at(15))
    remind(store, at(16))

    first, second = texts(store)
    assert "tệp của quý đơn vị đã nhận và đang được kiểm tra" in first
    assert "đến nay chưa nhận được báo cáo của quý đơn vị" in second


def test_letters_count_days_to_each_units_own_deadline(store: Store) -> None:
    with store.begin() as conn:
        grant(
            conn,
            regime=TWO.code,
            period=PERIOD.code,
            unit="90001",
            kind=WaiverKind.EXTENSION,
            until=at(26, 23, 59),
            reason="mưa lũ",
            granted_by="cơ quan thường trực",
            granted_at=at(17),
        )
    remind(store, at(19, 8))

    first, second = texts(store)
    assert "Còn 7 ngày" in first
    assert "hết ngày 26/06/2026" in first
    assert "Hôm nay là hạn cuối" in second
    assert ledger(store)[0] == ("90001", "t-7@2026-06-26", "SENT")


def test_a_waived_unit_is_left_alone(store: Store) -> None:
    with store.begin() as conn:
        grant(
            conn,
            regime=TWO.code,
            period=PERIOD.code,
            unit="90001",
            kind=WaiverKind.WAIVER,
            until=None,
            reason="giải thể",
            granted_by="cơ quan thường trực",
            granted_at=at(3),
        )
    remind(store, at(22))
    assert {u for u, _, _ in ledger(store)} == {"90002"}


def test_one_digest_mail_names_every_late_unit(store: Store) -> None:
    remind(store, at(21, 9))

    result = remind(store, at(22, 9))

    assert result == RunResult(sent=2, mails=1, overtaken=0, no_address=0)
    assert mails(store)[-1] == ("leadership", "lanh-dao@tinh.example")
    assert "90001 | Xã Thử Nghiệm 90001" in texts(store)[-1]
    assert "90002 | Xã Thử Nghiệm 90002" in texts(store)[-1]
    assert "có 2 trong số 2 đơn vị quá hạn" in texts(store)[-1]


def test_units_late_after_a_digest_cause_another_one(store: Store) -> None:
    with store.begin() as conn:
        grant(
            conn,
            regime=TWO.code,
            period=PERIOD.code,
            unit="90002",
            kind=WaiverKind.EXTENSION,
            until=at(23, 23, 59),
            reason="mưa lũ",
            granted_by="cơ quan thường trực",
            granted_at=at(19, 9),
        )
    remind(store, at(22, 9))
    remind(store, at(26, 9))

    digests = [text for text, (key, _) in zip(texts(store), mails(store), strict=True) if key == "leadership"]
    assert len(digests) == 2
    assert "90002" not in digests[0]
    assert "90001" not in digests[1]


def test_each_unit_without_address_raises_one_alarm(store: Store) -> None:
    half = pack(unit("90001"), unit("90002", email=""))
    for day in (4, 12, 16):
        remind(store, at(day, 9), half)

    assert [(s, o) for u, s, o in ledger(store) if u == "90002"] == [
        ("t-15", "NO_ADDRESS"),
        ("t-7", "NO_ADDRESS"),
        ("t-3", "NO_ADDRESS"),
    ]
    alarms = [text for text, (key, _) in zip(texts(store), mails(store), strict=True) if key == "operator"]
    assert len(alarms) == 1
    assert "90002" in alarms[0]
    assert "units.csv" in alarms[0]


def test_a_corrected_address_gets_the_next_step(store: Store) -> None:
    remind(store, at(4, 9), pack(unit("90001"), unit("90002", email="")))
    remind(store, at(12, 9), TWO)
    assert [(s, o) for u, s, o in ledger(store) if u == "90002"] == [("t-15", "NO_ADDRESS"), ("t-7", "SENT")]


def test_an_office_without_address_raises_a_single_alarm(store: Store) -> None:
    nobody = pack(unit("90001"), unit("90002"), leadership_email="")
    remind(store, at(22, 9), nobody)
    assert mails(store) == [("operator", store.settings.operator_email)]
    assert "leadership_email" in texts(store)[0]


def test_sweeps_that_race_remind_once(store: Store) -> None:
    results: list[RunResult] = []
    threads = [threading.Thread(target=lambda: results.append(remind(store, at(16, 9)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(r.sent for r in results) == [0, 0, 0, 2]
    assert len(mails(store)) == 2


def test_steps_another_process_recorded_are_not_sent(store: Store) -> None:
    """The plan was made on an older ledger: the unique row decides."""
    with store.begin() as conn:
        conn.execute(
            reminder.insert().values(
                regime=TWO.code,
                period=PERIOD.code,
                unit="90001",
                step="t-15",
                due_on="2026-06-04",
                decided_at=at(4),
                outcome="SENT",
            )
        )
        from baocao.store.mail import reminder_ledger

        stale = pytest.MonkeyPatch()
        stale.setattr(reminder_ledger, "decided", lambda *_: set())
        try:
            result = run(conn, store.settings, TWO, PERIOD, DAYS, at(4, 9))
        finally:
            stale.undo()
    assert result.sent == 1
    assert [key for key, _ in mails(store)] == ["90002"]


def test_reminders_leave_through_the_outbox(store: Store) -> None:
    postman = Postman()

    remind(store, at(4))
    assert flush(store, postman, at(4)).sent == 2
    assert [m["To"] for m in postman.taken] == ["xa-90001@xa.example", "xa-90002@xa.example"]


def test_steps_decided_under_a_fast_clock_are_withdrawn(store: Store) -> None:
    assert remind(store, at(28)).overtaken > 0, "the clock is ahead: everything is over"
    assert remind(store, at(4)) == RunResult(sent=2, mails=2, overtaken=0, no_address=0)
    assert ledger(store) == [("90001", "t-15", "SENT"), ("90002", "t-15", "SENT")]
    assert len(mails(store)) == 2, "the letters of the wrong time are withdrawn"


def test_letter_from_the_future_holds_no_step_back(store: Store) -> None:
    remind(store, at(28))
    with store.begin() as conn:
        conn.execute(outbox.update().values(status="SENT", sent_at=at(28)))
    assert remind(store, at(4)).sent == 2
    assert remind(store, at(4)).sent == 0
