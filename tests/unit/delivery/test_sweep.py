"""One sweep over the outbox: who goes first, how long a letter waits, and whose fault a failure is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from baocao.delivery.outbox import alarm
from baocao.delivery.sending import MAX_ATTEMPTS, MAX_COPIES, FlushResult, flush
from baocao.delivery.transport import ConnectionLost, DeliveryError
from baocao.store.database import Store
from baocao.store.tables import outbox
from builders.mail.delivery import at, letterhead
from builders.mail.outbox import PickyPostman, Postman, column, put, rows

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

NOW = at(16)
BUSY = DeliveryError("450 thử lại sau", permanent=False)
UNKNOWN = DeliveryError("550 không có hộp thư", permanent=True)
LOST = ConnectionLost("không trả lời", perhaps_sent=False)
PERHAPS_SENT = ConnectionLost("không trả lời", perhaps_sent=True)


def put_to(store: Store, *names: str) -> None:
    for name in names:
        put(store, name, to=f"{name}@xa.example")


def swept(store: Store, moment: datetime = NOW, **said: BaseException) -> FlushResult:
    return flush(store, PickyPostman(**said), moment)


def changed(store: Store, step: str, **values: Any) -> None:
    with store.begin() as conn:
        conn.execute(outbox.update().where(outbox.c.step == step).values(**values))


def test_alarms_then_new_letters_then_retries_leave(store: Store) -> None:
    put_to(store, "xa1", "xa2")
    swept(store, xa1=BUSY, xa2=BUSY)
    put_to(store, "xa3")
    with store.begin() as conn:
        alarm(conn, store.settings, letterhead(), regime="r", period="p", subject="Báo", text="a", key="k", at=at(16))
    postman = Postman()
    flush(store, postman, at(17))
    assert [m["Subject"].split()[-1] for m in postman.taken] == ["Báo", "xa3", "xa1", "xa2"]


def test_the_limit_counts_tries_that_fail(store: Store) -> None:
    put_to(store, "xa1", "xa2", "xa3")
    postman = PickyPostman(xa1=BUSY)
    result = flush(store, postman, at(16), limit=2)
    assert (result.sent, result.failed, result.left) == (1, 1, 2)


@pytest.mark.parametrize(("ahead", "leaves"), [(24, 0), (24.01, 1)])
def test_pauses_set_under_a_fast_clock_are_ignored(store: Store, ahead: float, leaves: int) -> None:
    put_to(store, "xa1")
    changed(store, "xa1", retry_at=at(16) + timedelta(hours=ahead))
    assert swept(store).sent == leaves


@pytest.mark.parametrize(("failure", "minutes"), [(LOST, 5), (BUSY, 5), (PERHAPS_SENT, 30)])
def test_a_letter_that_may_have_arrived_waits_longer(store: Store, failure: BaseException, minutes: int) -> None:
    put_to(store, "xa1", "xa2")
    swept(store, xa1=failure)
    assert column(store, "xa1", "retry_at") == at(16) + timedelta(minutes=minutes)
    assert column(store, "xa1", "perhaps_sent") == (failure is PERHAPS_SENT)


@pytest.mark.parametrize(("failure", "tries"), [(LOST, MAX_ATTEMPTS), (BUSY, MAX_ATTEMPTS), (PERHAPS_SENT, MAX_COPIES)])
def test_letters_are_given_up_after_their_own_tries(store: Store, failure: BaseException, tries: int) -> None:
    put_to(store, "xa1")
    for day in range(1, tries + 1):
        assert rows(store)["xa1"][0] == "PENDING"
        swept(store, at(day), xa1=failure)
    assert rows(store)["xa1"] == ("FAILED", tries)


@pytest.mark.parametrize(
    ("said", "failed", "ends"),
    [
        ({"xa1": LOST, "xa2": LOST, "xa3": LOST}, 3, True),
        ({"xa1": LOST, "xa2": LOST, "xa4": LOST, "xa5": LOST}, 4, False),
        ({"xa1": LOST, "xa2": LOST, "xa3": BUSY, "xa4": LOST, "xa5": LOST}, 5, False),
    ],
)
def test_three_lost_letters_in_succession_end_the_sweep(
    store: Store, said: dict[str, BaseException], failed: int, ends: bool
) -> None:
    put_to(store, "xa1", "xa2", "xa3", "xa4", "xa5", "xa6")
    result = swept(store, **said)
    assert (result.failed, bool(result.trouble)) == (failed, ends)
    assert (rows(store)["xa6"][0] == "SENT") is not ends


def test_refusals_of_every_recipient_blame_the_server(store: Store) -> None:
    put_to(store, "xa1", "xa2", "xa3")
    result = swept(store, xa1=UNKNOWN, xa2=UNKNOWN, xa3=UNKNOWN)
    assert "550" in result.trouble
    assert {step: rows(store)[step] for step in ("xa1", "xa2", "xa3")} == dict.fromkeys(
        ("xa1", "xa2", "xa3"), ("PENDING", 1)
    )
    assert column(store, "xa1", "refusals") == 0


def test_busy_recipients_are_no_fault_of_the_server(store: Store) -> None:
    put_to(store, "xa1", "xa2", "xa3")
    result = swept(store, xa1=BUSY, xa2=BUSY, xa3=BUSY)
    assert (result.trouble, result.failed, result.left) == ("", 3, 3)
    assert column(store, "xa1", "refusals") == 0


def test_what_few_recipients_are_refused_is_their_own(store: Store) -> None:
    put_to(store, "xa1", "xa2")
    for step in ("t-7", "t-3"):
        put(store, step, to="xa2@xa.example")
    result = swept(store, xa1=UNKNOWN, xa2=UNKNOWN)
    assert result.trouble == ""
    assert {step: rows(store)[step] for step in ("xa1", "xa2", "t-7", "t-3")} == dict.fromkeys(
        ("xa1", "xa2", "t-7", "t-3"), ("FAILED", 1)
    )


def test_one_letter_sent_proves_that_the_server_works(store: Store) -> None:
    put_to(store, "xa1", "xa2", "xa3", "xa4")
    swept(store, xa1=UNKNOWN, xa2=BUSY, xa3=UNKNOWN)
    assert [rows(store)[f"xa{n}"][0] for n in range(1, 5)] == ["FAILED", "PENDING", "FAILED", "SENT"]
    assert column(store, "xa2", "refusals") == 1


@pytest.mark.parametrize(
    ("today", "goes_to"),
    [("moi@xa.example", "moi@xa.example"), ("chưa có", "xa1@xa.example"), (None, "xa1@xa.example")],
)
def test_a_letter_goes_to_the_current_usable_address(store: Store, today: str | None, goes_to: str) -> None:
    put_to(store, "xa1")
    postman = Postman()
    flush(store, postman, at(16), address_of=lambda row: today)
    assert [m["To"] for m in postman.taken] == [goes_to]
    assert column(store, "xa1", "recipient") == goes_to
