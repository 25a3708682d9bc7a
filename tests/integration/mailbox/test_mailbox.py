"""Reports by mail, over a real SMTP and a real IMAP server: from the unit's message to the answer in its thread."""

from __future__ import annotations

import shutil
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from baocao.delivery.submit_ways import ways_of
from baocao.intake.mail.imap import OpenMailbox
from baocao.model.submission import Status
from baocao.store.mail import bounces, messages
from baocao.store.submissions import submissions
from baocao.store.tables import mail_message, submission
from baocao.workflow.installation import Refused
from baocao.workflow.intake import attributing, file_sweep
from baocao.workflow.mail.reply_addresses import reply_address
from baocao.workflow.mailbox import taking
from baocao.workflow.mailbox.bounced import unbounce
from baocao.workflow.sweeps import reminding
from builders.mail.mail import OURS, bounce, message, zipped
from builders.mail.tls import Certificates
from builders.sites.mail_site import MailSite
from builders.sites.site import COMMUNES, PERIOD, REGIME

pytestmark = pytest.mark.dovecot
UNIT, OTHER = COMMUNES[:2]


def address(site: MailSite, unit: str = UNIT) -> str:
    return site.unit(unit).email


def received(site: MailSite) -> list[Any]:
    with site.place.store.read() as conn:
        c = submission.c
        return list(
            conn.execute(
                select(c.id, c.unit, c.status, c.filename, c.received_at, c.info)
                .where(c.channel == "mail")
                .order_by(c.id)
            )
        )


def outcomes(site: MailSite) -> list[str]:
    with site.place.store.read() as conn:
        return list(conn.execute(select(mail_message.c.outcome).order_by(mail_message.c.id)).scalars())


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_reply_is_answered_with_receipt_in_its_thread(site: MailSite) -> None:
    reminding.remind(site.place, site.in_time - timedelta(hours=12))
    (asked,) = site.office.to(address(site))
    reply_to = str(asked["Reply-To"])
    assert reply_to == reply_address(site.place, REGIME, PERIOD, UNIT) and reply_to in text(asked)
    answer = message(
        address(site),
        to=reply_to,
        files=[("Báo cáo phường.xlsx", site.workbook(UNIT))],
        headers={"In-Reply-To": str(asked["Message-ID"]), "References": str(asked["Message-ID"])},
    )
    site.write(answer)
    counted = site.collect()

    assert (counted["accepted"], counted["mails"]) == (1, 1)
    ((_, unit, status, filename, at, _),) = received(site)
    assert (unit, status, filename) == (UNIT, "ACCEPTED", "Báo cáo phường.xlsx")
    assert at == site.in_time.astimezone(at.tzinfo), "never later than the time that is being played"
    receipt = site.office.to(address(site))[-1]
    assert "TH-2026H1-" in str(receipt["Subject"])
    assert receipt["In-Reply-To"] == answer["Message-ID"]
    assert str(receipt["References"]).split() == [asked["Message-ID"], answer["Message-ID"]]
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert site.office.dovecot.messages("INBOX") == []
    assert len(site.office.dovecot.messages(taking.DONE)) == 1
    assert site.collect()["mails"] == 0


def test_time_of_receipt_is_our_servers_own(site: MailSite) -> None:
    """Collected after the deadline, taken by the server before it: in time. The sender's own date says nothing."""
    due = site.period.unit.due_at
    sent = message(
        address(site), files=[("a.xlsx", site.workbook(UNIT))], headers={"Date": "1 Jan 2020 00:00:00 +0000"}
    )
    site.office.dovecot.put(sent.as_bytes(), due - timedelta(minutes=1))
    late = message(address(site, OTHER), files=[("b.xlsx", site.workbook(OTHER))], identity="<2@x.example>")
    site.office.dovecot.put(late.as_bytes(), due + timedelta(minutes=1))
    site.collect(due + timedelta(hours=8))
    with site.place.store.read() as conn:
        found = {s.unit: s.on_time for s in submissions.accepted(conn, REGIME, PERIOD)}
    assert found == {UNIT: True, OTHER: False}


def test_files_in_zips_and_forwarded_messages_are_taken(site: MailSite) -> None:
    broken = b"khong phai so lieu"
    inner = message("nguoi-khac@rieng.example", files=[("x.xlsx", site.workbook(OTHER))])
    outer = message(address(site, OTHER), identity="<chuyen@x.example>")
    outer.add_attachment(inner)
    site.write(outer)
    parcel = zipped({"bao-cao.xlsx": site.workbook(UNIT), "ghi-chu.txt": broken})
    site.write(message(address(site), files=[("tat-ca.zip", parcel)]))
    counted = site.collect()
    assert (counted["accepted"], counted["quarantined"], counted["mails"]) == (2, 1, 2)
    assert {(row.unit, row.status) for row in received(site)} == {
        (UNIT, "ACCEPTED"),
        (UNIT, "QUARANTINED"),
        (OTHER, "ACCEPTED"),
    }


def test_report_from_private_mailbox_waits_for_the_office(site: MailSite) -> None:
    private = "can-bo@rieng.example"
    to = reply_address(site.place, REGIME, PERIOD, UNIT).upper()
    site.write(message(private, to=to.lower(), files=[("bao-cao.xlsx", site.workbook(UNIT))]))
    assert site.collect()["waiting"] == 1
    (waits,) = attributing.waiting_files(site.place)
    assert waits["says"]["thư từ"] == private and UNIT in waits["says"]["trả lời thư gửi đơn vị"]
    (told,) = site.office.to(private)
    assert "chờ Công an tỉnh Thanh Hóa xác nhận người gửi" in text(told) and "TH-2026" not in text(told)
    assert len(site.office.dovecot.messages(taking.ASIDE)) == 1

    done = attributing.attribute(
        site.place, waits["id"], UNIT, reason="đã gọi hỏi", by="can-bo", as_of=site.in_time + timedelta(hours=1)
    )
    assert done["outcome"] == "accepted" and received(site)[0].status == "ACCEPTED"
    assert "TH-2026H1-" in str(site.office.to(address(site))[-1]["Subject"]), "the unit's own mailbox gets the receipt"


def test_forged_reply_address_attributes_to_no_unit(site: MailSite) -> None:
    right = reply_address(site.place, REGIME, PERIOD, UNIT)
    forged = right.replace("+", "+a")[: len(right.partition("@")[0])] + "@" + right.partition("@")[2]
    for number, to in enumerate((OURS, forged)):
        site.write(
            message("la@la.example", to=to, files=[("a.xlsx", site.workbook(UNIT))], identity=f"<{number}@la.example>")
        )
    assert site.collect()["waiting"] == 2
    for waits in attributing.waiting_files(site.place):
        assert "trả lời thư gửi đơn vị" not in waits["says"]
    assert all(row.unit == "" for row in received(site))


def test_mail_failing_spf_is_held_and_not_answered(site: MailSite) -> None:
    site.more = {"BAOCAO_MAIL_RELAY": "mx.tinh.example"}
    for number, said in enumerate(("spf=fail", "spf=pass")):
        unit = COMMUNES[number]
        site.write(
            message(
                address(site, unit),
                files=[("a.xlsx", site.workbook(unit))],
                identity=f"<{number}@x.example>",
                headers={"Authentication-Results": f"mx.tinh.example; {said} smtp.mailfrom=x"},
            )
        )
    counted = site.collect()
    assert (counted["waiting"], counted["accepted"]) == (1, 1)
    assert "SPF" in attributing.waiting_files(site.place)[0]["says"]["cảnh báo"]
    assert not [m for m in site.office.to(address(site, COMMUNES[0])) if m["In-Reply-To"]]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (message("{unit}", body="ở đây: https://drive.google.com/file/d/1"), "đính kèm chính tệp đó"),
        (message("{unit}"), "không có tệp đính kèm"),
        (message("{unit}", files=[("winmail.dat", b"\x78\x9f\x3e\x22")]), "winmail.dat"),
    ],
    ids=["drive", "nothing", "winmail"],
)
def test_message_without_file_is_answered_with_instructions(site: MailSite, sent: EmailMessage, says: str) -> None:
    sent.replace_header("From", address(site))
    site.write(sent)
    assert site.collect()["files"] == 0
    (letter,) = [m for m in site.office.to(address(site)) if m["In-Reply-To"] == sent["Message-ID"]]
    assert says in text(letter)
    assert outcomes(site) == ["answered"]


def test_advertising_and_automatic_replies_are_not_answered(site: MailSite) -> None:
    site.write(message("quang-cao@la.example"))
    site.write(message(address(site), subject="Out of office: nghỉ", identity="<vang@x.example>"))
    before = len(site.office.sent)
    site.collect()
    assert outcomes(site) == ["unknown", "auto_reply"]
    assert len([m for m in site.office.sent[before:] if m["In-Reply-To"]]) == 0
    assert len(site.office.dovecot.messages(taking.ASIDE)) == 1


@pytest.mark.parametrize("dies_at", ["finish", "move", "deliver"])
def test_killed_sweep_neither_loses_nor_repeats_a_file(
    site: MailSite, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    site.write(message(address(site), files=[("a.xlsx", site.workbook(UNIT)), ("b.txt", b"chu")]))
    with monkeypatch.context() as patched:

        def dies(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        holder = {"finish": messages, "move": OpenMailbox, "deliver": file_sweep.FileSweep}[dies_at]
        patched.setattr(holder, dies_at, dies)
        with pytest.raises(KeyboardInterrupt):
            site.collect()
    assert len(site.office.dovecot.messages("INBOX")) == 1
    site.collect()
    site.collect()
    assert [row.status for row in received(site)] == ["ACCEPTED", "QUARANTINED"]
    assert site.office.dovecot.messages("INBOX") == []
    assert len([m for m in site.office.to(address(site)) if m["In-Reply-To"]]) == 2


def test_renumbered_mailbox_gives_no_file_twice(site: MailSite) -> None:
    site.write(message(address(site), files=[("a.xlsx", site.workbook(UNIT))]))
    site.collect()
    (kept,) = site.office.dovecot.messages(taking.DONE)
    site.office.dovecot.put(kept)  # another UID, the same bytes: as a mailbox restored from a copy
    site.office.dovecot.renumber()
    site.collect(site.in_time + timedelta(hours=1))
    assert [row.status for row in received(site)] == ["ACCEPTED"]
    assert outcomes(site) == ["taken", "taken"]


def test_bounce_marks_address_and_stops_its_reminders(
    site: MailSite,
) -> None:
    week = site.in_time - timedelta(days=7)
    reminding.remind(site.place, week)
    (asked,) = site.office.to(address(site))
    site.office.dovecot.put(bounce("<khong/co@che-do.baocao.example>", address(site)))
    site.office.dovecot.put(bounce(str(asked["Message-ID"]), "khac@xa.example"))
    site.office.dovecot.put(bounce(str(asked["Message-ID"]), address(site), "4.2.2"))
    site.collect(week)
    with site.place.store.read() as conn:
        assert bounces.all_bounced(conn) == [], "no letter of ours, not its recipient, not for good"
    site.office.dovecot.put(bounce(str(asked["Message-ID"]), address(site)))
    site.collect(week)
    with site.place.store.read() as conn:
        (marked,) = bounces.all_bounced(conn)
    assert (marked.address, marked.status) == (address(site), "5.1.1")
    assert any("bị trả lại" in str(m["Subject"]) for m in site.office.sent)

    before = len(site.office.to(address(site)))
    reminding.remind(site.place, site.in_time - timedelta(days=1))
    assert len(site.office.to(address(site))) == before
    assert any("Nhắc nộp" in str(m["Subject"]) for m in site.office.to(address(site, OTHER)))
    unbounce(site.place, address(site).upper(), by="can-bo", as_of=site.in_time)
    with pytest.raises(Refused, match="không bị đánh dấu"):
        unbounce(site.place, address(site), by="can-bo", as_of=site.in_time)
    reminding.remind(site.place, site.in_time + timedelta(hours=12))
    assert len(site.office.to(address(site))) > before


def test_unreachable_mailbox_is_alarmed_once_a_day(site: MailSite) -> None:
    site.more = {"BAOCAO_IMAP_URL": site.office.dovecot.url.replace("@127", "x@127")}
    site.send(UNIT, site.workbook(UNIT), site.in_time)
    for _ in range(2):
        counted = site.collect()
        assert counted["mailbox_away"] == 1
    assert len([m for m in site.office.sent if "Không mở được hộp thư" in str(m["Subject"])]) == 1
    with site.place.store.read() as conn:
        assert [s.status for s in submissions.accepted(conn, REGIME, PERIOD)] == [Status.ACCEPTED]


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_untrusted_mail_certificate_gets_no_password(site: MailSite, certificates: Certificates, scheme: str) -> None:
    dovecot = site.office.dovecot
    before = dovecot.logins()
    for query in (f"?ca_file={certificates.stranger}", ""):
        site.reach_by(dovecot.address(scheme, query))
        assert site.collect()["mailbox_away"] == 1
    (told,) = [m for m in site.office.sent if "Không mở được hộp thư" in str(m["Subject"])]
    assert "chứng thư của máy chủ thư không được tin cậy" in text(told) and "ca_file=" in text(told)
    assert dovecot.logins() == before, "no password was given to it"

    site.reach_by(dovecot.address(scheme, f"?ca_file={certificates.authority}"))
    site.write(message(address(site), files=[("a.xlsx", site.workbook(UNIT))]))
    before = dovecot.logins()
    counted = site.collect()
    assert (counted["mailbox_away"], counted["accepted"]) == (0, 1)
    (login,) = dovecot.logins()[len(before) :]
    assert "TLS" in login
    assert dovecot.messages("INBOX") == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda d: d.url.replace("bao-cao:", "ai-do:"), "không nhận tên hoặc mật khẩu"),
        (lambda d: d.address("imaps").replace(str(d.tls_port), str(d.port)), "imaps dùng 993"),
    ],
    ids=["login", "port"],
)
def test_mailbox_fault_is_alarmed_with_its_cure(site: MailSite, wrong: Any, says: str) -> None:
    site.reach_by(wrong(site.office.dovecot))
    assert site.collect()["mailbox_away"] == 1
    (told,) = [m for m in site.office.sent if "Không mở được hộp thư" in str(m["Subject"])]
    assert says in text(told) and "BAOCAO_IMAP_URL" in text(told)


def test_senders_domain_in_units_csv_identifies_its_unit(site: MailSite) -> None:
    root = site.data.parent / "root"
    shutil.copytree(site.root, root, symlinks=True)
    file = root / "include" / "regimes" / REGIME / "units.csv"
    lines = file.read_text("utf-8").splitlines()
    new = [lines[0] + ",senders"] + [f"{x}," + ("@rong.example" if x.startswith(UNIT) else "") for x in lines[1:]]
    file.unlink()
    file.write_text("\n".join(new) + "\n", "utf-8")
    site.root = root
    site.write(message("ai-do@rong.example", files=[("a.xlsx", site.workbook(UNIT))]))
    site.collect()
    assert [(row.unit, row.status) for row in received(site)] == [(UNIT, "ACCEPTED")]


def test_letters_name_the_mailbox_among_the_ways(site: MailSite) -> None:
    (way, *_) = ways_of(site.place.settings, REGIME, UNIT, address="bao-cao+x@tinh.example")
    assert "bao-cao+x@tinh.example" in way.text
