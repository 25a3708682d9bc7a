"""The SMTP fault matrix: whatever a mail server does, every other letter leaves, none is lost, none floods anybody.

Every point is a server of its own on loopback that misbehaves at one stage, and is healthy afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from baocao.delivery.outbox import enqueue
from baocao.delivery.sending import MAX_ATTEMPTS, MAX_COPIES, FlushResult, flush
from baocao.delivery.transport import SmtpTransport
from baocao.settings import load_settings
from baocao.store.database import Store, open_store
from baocao.store.tables import outbox
from builders.mail.delivery import at, letter
from builders.mail.smtp import DROP, HANG, STAGES, Fault, PostOffice, serving
from builders.sites.site import PROJECT

SENDER = "Cơ quan thường trực <bao-cao@tinh.example>"
UNITS = tuple(f"xa{n}@xa.example" for n in range(1, 6))
PATIENCE = 0.3
"""Seconds until a server that is told to be silent is given up."""
LONG_ENOUGH = 30.0
"""Seconds within which a server that answers does so on any machine."""
POINTS = {"tried": 0}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One SQLite store for the whole matrix: the outbox is emptied before every point."""
    data = tmp_path_factory.mktemp("matrix") / "var"
    store = open_store(load_settings({"BAOCAO_ROOT": str(PROJECT), "BAOCAO_DATA": str(data)}))
    store.migrate()
    yield store
    store.close()


@pytest.fixture(autouse=True)
def empty_outbox(store: Store) -> None:
    POINTS["tried"] += 1
    with store.begin() as conn:
        conn.execute(delete(outbox))
    for unit in UNITS:
        put(store, unit)


@pytest.fixture(scope="module", autouse=True)
def tell_how_many(request: pytest.FixtureRequest) -> Iterator[None]:
    """Printed whether or not output is captured: how much the matrix covers is part of its result."""
    yield
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\nSMTP fault matrix: {POINTS['tried']} points tried", flush=True)


def put(store: Store, to: str) -> None:
    with store.begin() as conn:
        enqueue(
            conn,
            regime="che-do-thu",
            period="2026-H1",
            unit=to.partition("@")[0],
            step="t-3",
            recipient=to,
            letter=letter("Nhắc nộp báo cáo"),
            created_at=at(16),
        )


def sweep(store: Store, office: PostOffice, when: datetime) -> FlushResult:
    silent = any(fault.does == HANG for fault in office.faults)
    url = f"smtp://127.0.0.1:{office.port}/?timeout={PATIENCE if silent else LONG_ENOUGH}"
    return flush(store, SmtpTransport(url, sender=SENDER), when)


def status(store: Store) -> dict[str, tuple[str, int]]:
    with store.read() as conn:
        return {r.unit: (r.status, r.attempts) for r in conn.execute(select(outbox)) if r.unit.startswith("xa")}


def healed(store: Store, office: PostOffice, since: datetime) -> int:
    """Hourly sweeps of a healthy server for two days; how many were needed until nothing waited."""
    office.faults.clear()
    for hour in range(1, 49):
        if sweep(store, office, since + timedelta(hours=hour)).left == 0:
            return hour
    raise AssertionError(f"letters wait for ever: {status(store)}")


def assert_nobody_is_flooded(office: PostOffice) -> None:
    assert max(office.copies().values(), default=0) <= MAX_COPIES


# one letter --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS[::2])
@pytest.mark.parametrize("does", [DROP, HANG])
@pytest.mark.parametrize(
    ("stage", "takes_it"), [("RCPT", False), ("DATA", False), ("CONTENT", False), ("CONTENT", True)]
)
def test_one_letter_failing_the_connection_stops_no_other(
    store: Store, unit: str, does: str, stage: str, takes_it: bool
) -> None:
    office = PostOffice(faults=[Fault(stage, does, recipient=unit, takes_it=takes_it)])
    with serving(office):
        first = sweep(store, office, at(16))
        assert set(UNITS) - {unit} <= office.recipients()
        assert (first.sent, first.failed, first.trouble) == (4, 1, "")
        assert status(store)[unit.partition("@")[0]] == ("PENDING", 1)
        assert sweep(store, office, at(16)).failed == 0, "a pause after every failure"
        healed(store, office, at(16))
    assert office.recipients() >= set(UNITS)
    assert {s for s, _ in status(store).values()} == {"SENT"}
    assert_nobody_is_flooded(office)


@pytest.mark.parametrize("does", [DROP, HANG])
@pytest.mark.parametrize("stage", ["RCPT", "CONTENT"])
def test_letter_that_always_fails_is_finally_given_up(store: Store, does: str, stage: str) -> None:
    bad = UNITS[0]
    office = PostOffice(faults=[Fault(stage, does, recipient=bad, takes_it=stage == "CONTENT")])
    with serving(office):
        for hour in range(0, 72, 2):
            sweep(store, office, at(16) + timedelta(hours=hour))
    assert status(store)["xa1"] == ("FAILED", MAX_COPIES if stage == "CONTENT" else MAX_ATTEMPTS)
    assert {s for u, (s, _) in status(store).items() if u != "xa1"} == {"SENT"}
    assert store.settings.operator_email in office.recipients()
    assert_nobody_is_flooded(office)


@pytest.mark.parametrize("unit", UNITS[::2])
@pytest.mark.parametrize("stage", ["RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize("answer", ["421 4.3.2 bận", "451 4.3.0 bận"])
def test_a_temporary_refusal_is_tried_again_later(store: Store, unit: str, stage: str, answer: str) -> None:
    office = PostOffice(faults=[Fault(stage, answer, recipient=unit)])
    with serving(office):
        first = sweep(store, office, at(16))
        assert (first.sent, first.failed) == (4, 1)
        healed(store, office, at(16))
    assert {s for s, _ in status(store).values()} == {"SENT"}
    assert set(office.copies().values()) == {1}


@pytest.mark.parametrize("unit", UNITS[::2])
@pytest.mark.parametrize("stage", ["RCPT", "CONTENT"])
@pytest.mark.parametrize("answer", ["550 5.1.1 không có", "552 5.2.2 đầy", "553 sai tên", "554 không nhận"])
def test_a_final_refusal_concerns_that_letter_alone(store: Store, unit: str, stage: str, answer: str) -> None:
    office = PostOffice(faults=[Fault(stage, answer, recipient=unit)])
    with serving(office):
        sweep(store, office, at(16))
    failed = {u for u, (s, _) in status(store).items() if s == "FAILED"}
    assert failed == {unit.partition("@")[0]}
    assert office.recipients() >= set(UNITS) - {unit}
    assert store.settings.operator_email in office.recipients(), "told in the same sweep"


# the server --------------------------------------------------------------------------------------------------------


def test_refused_connection_uses_up_no_attempt(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    office = PostOffice()
    with serving(office):
        pass
    result = sweep(store, office, at(16))
    assert "127.0.0.1" in result.trouble
    assert set(status(store).values()) == {("PENDING", 0)}
    assert any(r.levelno == logging.ERROR and "mail does not leave" in r.message for r in caplog.records)
    with serving(office, office.port):
        assert sweep(store, office, at(16, 9)).left == 0
    assert office.recipients() >= set(UNITS)


@pytest.mark.parametrize(
    "answer", ["553 5.7.1 sender not owned", "550 blocked", "530 5.7.0 login", "451 quota", "421 4.7.0 x"]
)
def test_refused_sender_keeps_every_letter_pending(store: Store, answer: str) -> None:
    office = PostOffice(faults=[Fault("MAIL", answer)])
    with serving(office):
        for hour in range(20):
            result = sweep(store, office, at(16) + timedelta(hours=hour))
            assert answer[:3] in result.trouble
        assert set(status(store).values()) == {("PENDING", 0)}
        assert healed(store, office, at(17)) == 1
    assert {s for s, _ in status(store).values()} == {"SENT"}


@pytest.mark.parametrize("stage", ["RCPT", "CONTENT"])
@pytest.mark.parametrize("answer", ["550 5.7.1 policy", "554 5.7.1 relay denied", "550 no more mail today", "554 spam"])
def test_letters_are_retried_after_the_server_refused_all(store: Store, stage: str, answer: str) -> None:
    office = PostOffice(faults=[Fault(stage, answer)])
    with serving(office):
        for hour in range(0, 30, 3):
            sweep(store, office, at(16) + timedelta(hours=hour))
        assert {s for s, _ in status(store).values()} == {"PENDING"}, "nobody is given up"
        healed(store, office, at(18))
    assert {s for s, _ in status(store).values()} == {"SENT"}
    assert set(office.copies().values()) == {1}


@pytest.mark.parametrize("once", ["451 busy", DROP])
def test_server_trouble_leaves_each_letter_its_own_attempts(store: Store, once: str) -> None:
    office = PostOffice(faults=[Fault("RCPT", "550 5.7.1 policy")])
    with serving(office):
        for hour in range(0, 48, 4):
            sweep(store, office, at(16) + timedelta(hours=hour))
        assert min(tries for _, tries in status(store).values()) >= MAX_ATTEMPTS
        office.faults[:] = [Fault("CONTENT", once, recipient=UNITS[0], times=1)]
        sweep(store, office, at(18, 12))
        assert status(store)["xa1"][0] == "PENDING", "one failure of its own, whatever happened to all before"
        healed(store, office, at(18, 12))
    assert {s for s, _ in status(store).values()} == {"SENT"}


@pytest.mark.parametrize("does", [DROP, HANG])
@pytest.mark.parametrize("stage", STAGES)
def test_repeated_hang_ups_end_the_sweep_early(store: Store, stage: str, does: str) -> None:
    office = PostOffice(faults=[Fault(stage, does)])
    with serving(office):
        for hour in range(0, 24, 6):
            result = sweep(store, office, at(16) + timedelta(hours=hour))
            assert result.trouble
            assert result.failed <= 4
        assert {s for s, _ in status(store).values()} == {"PENDING"}
        healed(store, office, at(17))
    assert {s for s, _ in status(store).values()} == {"SENT"}
    assert_nobody_is_flooded(office)


@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.parametrize("stage", STAGES)
def test_dropped_connection_is_reopened_for_the_next_letter(store: Store, stage: str, n: int) -> None:
    office = PostOffice(faults=[Fault(stage, DROP, recipient="" if stage == "MAIL" else UNITS[n - 1], times=1)])
    with serving(office):
        result = sweep(store, office, at(16))
        assert (result.sent, result.failed, result.trouble) == (4, 1, "")
        assert office.connections == (1 if n == 5 and stage != "MAIL" else 2)
        healed(store, office, at(16))
    assert {s for s, _ in status(store).values()} == {"SENT"}


@pytest.mark.parametrize("outcome", ["sent", "failed"])
def test_failed_alarm_raises_no_alarm_of_its_own(store: Store, outcome: str) -> None:
    office = PostOffice(faults=[Fault("RCPT", "550 5.1.1 không có", recipient=UNITS[0])])
    operator = store.settings.operator_email
    if outcome == "failed":
        office.faults.append(Fault("RCPT", "550 5.1.1 không có", recipient=operator))
    with serving(office):
        result = sweep(store, office, at(16))
        assert (operator in result.trouble) == (outcome == "failed")
        with store.begin() as conn:
            waiting = conn.execute(select(outbox.c.step, outbox.c.status).where(outbox.c.unit == "operator")).all()
        assert [s for _, s in waiting] == ["SENT" if outcome == "sent" else "FAILED"]
