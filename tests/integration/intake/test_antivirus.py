"""Files are scanned by a real clamd before anything of ours opens them; while it is away they wait."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from demo.dovecot_server import find_dovecot, running_dovecot
from sqlalchemy import select

from baocao.intake.antivirus import Scanner, ScannerAway
from baocao.settings import ConfigurationError, load_settings
from baocao.store.tables import submission, unit_copy
from baocao.workflow.intake import file_sweep
from baocao.workflow.intake.checking import read_file
from baocao.workflow.mailbox import taking
from builders.mail.mail import message, zipped
from builders.sites.mail_site import MailSite, open_office
from builders.sites.portal import Browser, link_of, portal_over
from builders.sites.site import COMMUNES, Site, trimmed_root
from servers.clamd import MARK, NAME, find_clamd, running_clamd
from servers.needed import present

pytestmark = pytest.mark.clamd


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    present(find_clamd(), "clamd")
    with running_clamd() as url:
        yield url


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[MailSite]:
    """Folder, mailbox and portal of one installation; its scanner is away."""
    present(find_dovecot(), "Dovecot")
    with socket.socket() as deaf, running_dovecot() as dovecot, open_office(dovecot) as (office, port):
        deaf.bind(("127.0.0.1", 0))  # held, so that nobody else listens there meanwhile
        away = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        site = MailSite(trimmed_root(tmp_path / "trimmed"), tmp_path / "var")
        site.office, site.smtp_port, site.more = office, port, {"BAOCAO_CLAMD": away}
        site.load_baseline()
        site.open()
        yield site
        site.place.store.close()


def rows(site: Site) -> dict[str, tuple[str, str | None]]:
    with site.place.store.read() as conn:
        found = conn.execute(select(submission.c.filename, submission.c.status, submission.c.reason))
        return {name: (status, reason) for name, status, reason in found if not name.startswith("baseline")}


def copies(site: Site) -> dict[str, str]:
    """File -> unit of the signed copies that were taken in."""
    with site.place.store.read() as conn:
        return {row.filename: row.unit for row in conn.execute(select(unit_copy.c.filename, unit_copy.c.unit))}


def subjects(site: MailSite, text: str) -> int:
    return sum(text in str(m["Subject"]) for m in site.office.sent)


def test_scanner_names_the_virus_even_inside_archives(clamd: str) -> None:
    scanner = Scanner(clamd)
    assert scanner.found_in(b"") == "" and scanner.found_in(bytes(300_000)) == ""
    assert NAME in scanner.found_in(b"a" + MARK)
    assert NAME in scanner.found_in(zipped({"xl/a.bin": MARK}))
    with pytest.raises(ScannerAway, match="size limit"):
        scanner.found_in(bytes(61 << 20))


def test_no_channel_opens_a_file_before_scanning(clamd: str, doors: MailSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the daemon is away everything waits and one alarm goes out; then what is clean is taken and what is not is
    answered, unopened."""
    opened: list[str] = []
    really = read_file

    def watched(reader: object, data: bytes, filename: str) -> object:
        opened.append(filename)
        return really(reader, data, filename)  # type: ignore[arg-type]

    monkeypatch.setattr(file_sweep, "read_file", watched)
    site, bad = doors, zipped({"[Content_Types].xml": b"<Types/>", "xl/a.bin": MARK})
    folder, other_folder, mail, other_mail, portal, other_portal = COMMUNES[:6]
    scan, bad_scan = (b"%PDF-1.7\n" + body * 200 + b"\n%%EOF\n" for body in (b"scan ", MARK))
    site.send(folder, site.workbook(folder), site.in_time, "thu-muc.xlsx")
    site.send(folder, scan, site.in_time, "ban-ky-thu-muc_2026-H1.pdf")
    site.send(other_folder, bad, site.in_time, "thu-muc-doc.xlsx")
    site.send(other_folder, bad_scan, site.in_time, "ban-ky-doc_2026-H1.pdf")
    for unit, name, data in ((mail, "thu.xlsx", site.workbook(mail)), (other_mail, "thu-doc.xlsx", bad)):
        site.write(message(site.unit(unit).email, files=[(name, data)], identity=f"<{unit}@xa.example>"))
    with portal_over(site) as http:
        for unit, name, data, copy in (
            (portal, "trang", site.workbook(portal), scan),
            (other_portal, "doc", bad, bad_scan),
        ):
            browser = Browser(http)
            browser.enter(link_of(site, unit))
            browser.upload((f"{name}.xlsx", data))
            assert browser.verdict.startswith("ĐÃ NHẬN lúc 23:59:59 ngày 17/06/2026"), browser.verdict
            browser.upload((f"ban-ky-{name}.pdf", copy))
            assert browser.verdict == "Đã nhận bản ký của báo cáo." and "đang chờ quét virus" in browser.words
            browser.upload((f"{name}.xlsx", data), mode="try")
            assert browser.status == 503 and "diệt virus tạm không trả lời" in browser.words
    for _ in range(2):
        site.collect()
    assert opened == [] and copies(site) == {}
    assert {status for status, _ in rows(site).values()} == {"RECEIVED"}
    assert len(site.office.dovecot.messages("INBOX")) == 2
    assert subjects(site, "Không quét được virus") == 1

    site.place.store.close()
    site.__dict__.pop("place")
    site.more["BAOCAO_CLAMD"] = clamd
    later = site.in_time + timedelta(minutes=15)
    site.collect(later)
    assert sorted(opened) == ["thu-muc.xlsx", "thu.xlsx", "trang.xlsx"]
    malware = ("QUARANTINED", "malware")
    assert rows(site) == {
        **dict.fromkeys(("thu-muc.xlsx", "thu.xlsx", "trang.xlsx"), ("ACCEPTED", None)),
        **dict.fromkeys(("thu-muc-doc.xlsx", "doc.xlsx", "ban-ky-doc_2026-H1.pdf", "ban-ky-doc.pdf"), malware),
    }
    assert copies(site) == {"ban-ky-thu-muc_2026-H1.pdf": folder, "ban-ky-trang.pdf": portal}
    assert [len(site.office.dovecot.messages(f)) for f in ("INBOX", taking.ASIDE, taking.DONE)] == [0, 1, 1]
    assert subjects(site, "Thư có mã độc") == 1
    for unit in (other_folder, other_mail, other_portal):
        assert any(
            "mã độc" in told.as_string() or "mã độc" in body_of(told) for told in site.office.to(site.unit(unit).email)
        )
    with site.place.store.read() as conn:
        moments = set(conn.execute(select(unit_copy.c.received_at).where(unit_copy.c.channel == "portal")).scalars())
    assert moments == {site.in_time.astimezone(UTC)}, "received when it came, not when it was scanned"


def body_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return "" if body is None else str(body.get_content())


@pytest.mark.parametrize("url", ["127.0.0.1:3310", "http://a:1", "unix://a", "tcp://", "tcp://a:x"])
def test_impossible_scanner_address_stops_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_CLAMD"):
        load_settings({"BAOCAO_DATA": str(tmp_path), "BAOCAO_CLAMD": url})
