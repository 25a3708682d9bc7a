"""The outbox: nothing sent before the commit, nothing lost after it, nothing twice but under the same Message-ID."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from baocao.delivery.outbox import NO_ADDRESS, Attachment, alarm, enqueue, hold, readdress, requeue
from baocao.delivery.sending import MAX_ATTEMPTS, backoff, flush
from baocao.delivery.transport import ConnectionLost, DeliveryError, EmlTransport, UnavailableError
from baocao.settings import Settings
from baocao.store.database import Store, StoreError, open_store
from baocao.store.mail.outbox_rows import id_of, mails
from baocao.store.tables import outbox
from builders.mail.delivery import at, letter, letterhead
from builders.mail.outbox import Postman, column, put, rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_a_letter_is_enqueued_once_for_its_keys(store: Store) -> None:
    assert put(store) is not None
    assert put(store, to="khac@xa.example") is None
    assert put(store, "t-1") is not None
    assert column(store, "t-3", "recipient") == "xa@xa.example"


def test_the_name_of_a_step_has_its_limit(store: Store) -> None:
    assert put(store, "x" * 64) is not None
    with pytest.raises(ValueError, match="longer than 64"):
        put(store, "x" * 65)


def test_an_answer_keeps_its_address_and_its_thread(store: Store) -> None:
    put(store, "t-3", reply_to="nop+90001@tinh.example", thread=("<a@xa.example>", "<b@xa.example>"))
    put(store, "t-1")
    postman = Postman()
    flush(store, postman, at(16))
    said = [(m["Reply-To"], m["References"], m["In-Reply-To"]) for m in postman.taken]
    assert said == [
        ("nop+90001@tinh.example", "<a@xa.example> <b@xa.example>", "<b@xa.example>"),
        (None, None, None),
    ]


def test_letters_are_found_by_regime_period_unit_status(store: Store) -> None:
    first, other = put(store, "t-3"), put(store, "t-1", unit="90002")
    flush(store, Postman(None, DeliveryError("550 không có", permanent=True)), at(16))
    with store.read() as conn:
        assert [m.step for m in mails(conn)][:2] == ["t-3", "t-1"]
        assert [m.id for m in mails(conn, unit="90002")] == [other]
        assert [m.id for m in mails(conn, statuses=["SENT"], unit="90001")] == [first]
        assert [m.error for m in mails(conn, statuses=["FAILED"])] == ["550 không có"]
        for elsewhere in ({"regime": "khac"}, {"period": "2027-H1"}):
            assert mails(conn, **elsewhere) == []
        assert len(mails(conn, regime="che-do-thu", period="2026-H1")) == 3, "and the alarm about the second"
        keys = {"regime": "che-do-thu", "period": "2026-H1", "unit": "90002", "step": "t-1"}
        assert id_of(conn, **keys) == other


def test_letters_of_a_failed_transaction_never_leave(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as conn:
        enqueue(
            conn,
            regime="r",
            period="p",
            unit="u",
            step="s",
            recipient="a@b.example",
            letter=letter(),
            created_at=at(16),
        )
        raise RuntimeError("the business transaction fails")
    postman = Postman()

    assert flush(store, postman, at(16)).sent == 0
    assert postman.taken == []


def test_an_unusable_address_is_refused_when_enqueued(store: Store) -> None:
    with pytest.raises(ValueError, match="không hợp lệ"):
        put(store, to="xã thử nghiệm")


def test_a_second_flush_sends_nothing_more(store: Store) -> None:
    for step in ("t-7", "t-3", "t-1"):
        put(store, step)
    postman = Postman()

    result = flush(store, postman, at(16))

    assert (result.sent, result.failed, result.left) == (3, 0, 0)
    assert [m["Subject"] for m in postman.taken] == ["Thư t-7", "Thư t-3", "Thư t-1"]
    assert flush(store, postman, at(17)).sent == 0
    assert column(store, "t-7", "sent_at") == at(16)


def test_flush_stops_at_its_limit_counting_the_rest(store: Store) -> None:
    for step in ("t-7", "t-3", "t-1"):
        put(store, step)
    result = flush(store, Postman(), at(16), limit=2)
    assert (result.sent, result.left) == (2, 1)


def test_a_crash_after_sending_repeats_the_same_message(store: Store) -> None:
    put(store)
    postman = Postman(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        flush(store, postman, at(16))
    assert rows(store) == {"t-3": ("PENDING", 0)}
    assert flush(store, postman, at(16)).sent == 1

    assert len(postman.taken) == 2
    assert len(set(postman.identities)) == 1
    assert postman.taken[0].as_bytes() == postman.taken[1].as_bytes()


def test_temporary_refusals_wait_longer_before_each_retry(store: Store) -> None:
    put(store)
    busy = DeliveryError("450 thử lại sau", permanent=False)
    now = at(16)
    for attempt in (1, 2, 3):
        result = flush(store, Postman(busy), now)
        assert (result.failed, result.left) == (1, 1)
        assert rows(store)["t-3"] == ("PENDING", attempt)
        early = Postman()
        assert flush(store, early, now + backoff(attempt) - timedelta(seconds=1)).sent == 0
        now += backoff(attempt)
    assert "450" in str(column(store, "t-3", "error"))
    assert flush(store, Postman(), now).sent == 1
    assert column(store, "t-3", "error") is None


def test_the_wait_doubles_up_to_four_hours() -> None:
    minutes = [backoff(n) / timedelta(minutes=1) for n in range(1, 9)]
    assert minutes == [5, 10, 20, 40, 80, 160, 240, 240]


def test_last_failed_attempt_tells_the_operator(store: Store) -> None:
    put(store)
    now = at(16)
    busy = DeliveryError("450 thử lại sau", permanent=False)
    for attempt in range(1, MAX_ATTEMPTS):
        flush(store, Postman(busy), now)
        now += backoff(attempt)
    postman = Postman(busy)

    result = flush(store, postman, now)

    assert rows(store)["t-3"] == ("FAILED", MAX_ATTEMPTS)
    assert (result.failed, result.sent, result.left) == (1, 1, 0)
    (told,) = postman.taken
    assert told["To"] == store.settings.operator_email
    assert "t-3" in told["Subject"]
    assert "90001" in told["Subject"]
    assert f"không gửi được sau {MAX_ATTEMPTS} lần" in told.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_an_unknown_mailbox_is_not_tried_again(store: Store) -> None:
    put(store)
    flush(store, Postman(DeliveryError("550 không có hộp thư", permanent=True)), at(16))
    assert rows(store)["t-3"] == ("FAILED", 1)


def test_one_refused_letter_does_not_delay_the_others(store: Store) -> None:
    put(store, "t-7")
    put(store, "t-3")
    postman = Postman(DeliveryError("550", permanent=True))

    result = flush(store, postman, at(16))

    assert rows(store)["t-3"] == ("SENT", 1)
    assert result.failed == 1


def test_an_undeliverable_alarm_raises_no_further_alarm(store: Store) -> None:
    with store.begin() as conn:
        alarm(
            conn, store.settings, letterhead(), regime="r", period="p", subject="Thử", text="Lỗi", key="thu", at=at(16)
        )
    result = flush(store, Postman(DeliveryError("550", permanent=True)), at(16))
    assert rows(store) == {"alarm:thu": ("FAILED", 1)}
    assert "báo động số" in result.trouble, "said where mail is not needed"


def test_a_failed_letter_can_be_sent_again(store: Store) -> None:
    id = put(store)
    assert id is not None
    flush(store, Postman(DeliveryError("550", permanent=True)), at(16))

    with store.begin() as conn:
        requeue(conn, id)
    flush(store, Postman(), at(16))
    assert rows(store)["t-3"] == ("SENT", 1)
    with pytest.raises(StoreError, match="không gửi lần hai"), store.begin() as conn:
        requeue(conn, id)
    with pytest.raises(StoreError, match="không có trong hộp thư đi"), store.begin() as conn:
        requeue(conn, 999)


def test_a_letter_without_an_address_waits_for_one(store: Store) -> None:
    said = {"regime": "che-do-thu", "period": "2026-H1", "unit": "90001", "step": "t-3"}
    with store.begin() as conn:
        id = hold(conn, address_of="unit/90001", letter=letter("Thư t-3"), created_at=at(16), **said)
    assert id is not None
    assert rows(store) == {"t-3": ("FAILED", 0)}
    assert column(store, "t-3", "error") == NO_ADDRESS
    with pytest.raises(StoreError, match="chưa có địa chỉ"), store.begin() as conn:
        requeue(conn, id)
    with pytest.raises(ValueError, match="không hợp lệ"), store.begin() as conn:
        readdress(conn, id, "xã thử")
    with store.begin() as conn:
        readdress(conn, id, "moi@xa.example")
    postman = Postman()
    assert flush(store, postman, at(16)).sent == 1
    assert postman.taken[0]["To"] == "moi@xa.example"


@pytest.mark.parametrize("how", ["requeue", "readdress"])
def test_a_restarted_letter_has_all_its_tries_again(store: Store, how: str) -> None:
    id, other = put(store), put(store, "t-1", to="khac@xa.example")
    assert id is not None
    lost = ConnectionLost("không trả lời", perhaps_sent=True)
    for day in (16, 17):
        flush(store, Postman(lost, lost), at(day))
    spent = ("attempts", "refusals", "perhaps_sent")
    assert [column(store, "t-3", name) for name in spent] == [2, 2, 2]
    with store.begin() as conn:
        requeue(conn, id) if how == "requeue" else readdress(conn, id, "moi@xa.example")
    assert [column(store, "t-3", name) for name in (*spent, "retry_at", "error")] == [0, 0, 0, None, None]
    assert [column(store, "t-1", name) for name in spent] == [2, 2, 2], f"letter {other} is left alone"


def test_a_sent_letter_can_go_to_another_address(store: Store) -> None:
    id = put(store)
    assert id is not None
    flush(store, Postman(), at(16))
    with store.begin() as conn:
        readdress(conn, id, "moi@xa.example", address_of="unit/90001")
    postman = Postman()
    flush(store, postman, at(17))
    assert [(m["To"], m["Message-ID"]) for m in postman.taken] == [
        ("moi@xa.example", column(store, "t-3", "message_id"))
    ]
    assert column(store, "t-3", "address_of") == "unit/90001"


def test_an_absent_server_costs_no_attempt_but_alarms(store: Store) -> None:
    for step in ("t-7", "t-3"):
        put(store, step)
    postman = Postman(UnavailableError("máy chủ thư 127.0.0.1:25: từ chối"))

    result = flush(store, postman, at(16))

    assert postman.taken == []
    assert (result.sent, result.failed, result.left) == (0, 1, 3)
    assert rows(store)["t-7"] == ("PENDING", 0)
    flush(store, Postman(UnavailableError("vẫn thế")), at(16, 9))
    back = Postman()
    assert flush(store, back, at(16, 10)).sent == 3
    assert sorted(m["Subject"] for m in back.taken if "Thư t" in m["Subject"]) == ["Thư t-3", "Thư t-7"]
    assert sum("máy chủ thư" in m["Subject"] for m in back.taken) == 1


def test_one_alarm_per_key_even_for_long_keys(store: Store) -> None:
    def raise_alarm(key: str) -> int | None:
        with store.begin() as conn:
            return alarm(
                conn,
                store.settings,
                letterhead(),
                regime="r",
                period="p",
                subject="Thử",
                text="a\n\nb",
                key=key,
                at=at(16),
            )

    assert raise_alarm("no-address/90001") is not None
    assert raise_alarm("no-address/90001") is None
    assert raise_alarm("x" * 90 + "1") is not None
    assert raise_alarm("x" * 90 + "2") is not None
    assert raise_alarm("x" * 90 + "1") is None


def test_attachments_come_from_the_file_store(store: Store) -> None:
    sha256 = store.files.put(b"PK workbook")
    put(store, attachments=[Attachment("Báo cáo xã Thử.xlsx", sha256, XLSX)])
    postman = Postman()
    flush(store, postman, at(16))

    (part,) = postman.taken[0].iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        "Báo cáo xã Thử.xlsx",
        XLSX,
        b"PK workbook",
    )


def test_a_lost_attachment_is_our_failure_and_retried(store: Store) -> None:
    put(store, attachments=[("a.xlsx", "0" * 64, XLSX)])
    result = flush(store, Postman(), at(16))

    assert (result.sent, result.failed, result.left) == (0, 1, 1)
    assert "tệp đính kèm" in str(column(store, "t-3", "error"))


def test_two_flushes_at_once_send_each_letter_once(store: Store) -> None:
    for n in range(20):
        put(store, f"t-{n}")
    postman = Postman()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            flush(store, postman, at(16))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(postman.identities) == len(set(postman.identities)) == 20


def test_eml_files_are_named_stably_by_message(store: Store, tmp_path: Path) -> None:
    put(store, "t+0")
    written: list[bytes] = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        flush(store, EmlTransport(folder, sender=Postman.sender), at(20))
        (file,) = folder.iterdir()
        assert file.name == "che-do-thu__2026-H1__90001__t+0.eml"
        written.append(file.read_bytes())
        with store.begin() as conn:
            conn.execute(outbox.update().values(status="PENDING", sent_at=None))
    assert written[0] == written[1]
    message = message_from_bytes(written[0], policy=default)
    assert message["Date"].datetime == at(16)
    assert message["Message-ID"] == column(store, "t+0", "message_id")


def test_an_unwritable_folder_is_an_outage_losing_nothing(store: Store, tmp_path: Path) -> None:
    put(store)
    (tmp_path / "file").write_text("in the way")
    result = flush(store, EmlTransport(tmp_path / "file" / "outbox", sender=Postman.sender), at(16))
    assert (result.sent, result.left) == (0, 2)


def test_a_flush_without_a_time_zone_is_refused(store: Store) -> None:
    put(store)
    with pytest.raises(Exception, match="time zone"):
        flush(store, Postman(), datetime(2026, 6, 16))


def test_only_alarms_leave_without_the_trail_key(
    settings: Settings,
) -> None:
    """What cannot be recorded would be handed over again at every sweep."""
    store = open_store(settings)
    assert put(store) is not None
    put(store, unit="operator", step="alarm:x")
    key = store.settings.data / "audit.key"
    kept = key.rename(key.with_name("away.key"))
    postman = Postman()
    result = flush(store, postman, at(17))
    assert (result.sent, len(postman.taken)) == (1, 1)
    assert "Mất khóa nhật ký" in result.trouble
    assert not key.exists(), "looking makes no new key"
    kept.rename(key)
    assert flush(store, postman, at(17)).sent == 1
    assert len(postman.taken) == 2
