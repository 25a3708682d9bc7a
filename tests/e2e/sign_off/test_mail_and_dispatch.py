"""A signed report whose recipients cannot all be reached, and letters somebody has to help along."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from baocao.delivery.message import Message
from baocao.delivery.transport import DeliveryError
from baocao.model.report import ReportStatus
from baocao.settings import load_settings
from baocao.store.reports.deliveries import Confirmation
from baocao.store.tables import outbox
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail import mailing
from baocao.workflow.reports import dispatching
from baocao.workflow.status import overview
from baocao.workflow.status.status_text import status_text
from baocao.workflow.sweeps import reminding
from builders.files.outgoing import internal_words, sent_by_mail, words_of
from builders.mail.outbox import opened
from builders.sites.cli import Cli
from builders.sites.site import PERIOD, PROJECT, REGIME, Site

MINISTRY = "bo-cong-an"


class Postman:
    """Takes everything but what is addressed to somebody it does not know."""

    sender = "Cơ quan thường trực <bao-cao@tinh.example>"

    def __init__(self, *unknown: str) -> None:
        self.unknown = set(unknown)
        self.taken: list[EmailMessage] = []

    @contextmanager
    def session(self) -> Iterator[None]:
        yield

    def send(self, message: Message, recipient: str) -> None:
        if recipient in self.unknown:
            raise DeliveryError("550 5.1.1 không có hộp thư này", permanent=True)
        self.taken.append(opened(message))

    @property
    def recipients(self) -> list[str]:
        return [m["To"].addresses[0].addr_spec for m in self.taken]


def with_postman(place: Installation, postman: Postman) -> Installation:
    place.__dict__["transport"] = postman
    return place


def ministry(place: Installation) -> str:
    return next(r.email for r in place.pack(REGIME).regime.recipients if r.id == MINISTRY)


def status(place: Installation, site: Site) -> tuple[str, str]:
    data = overview.status(place, REGIME, PERIOD, site.report_day)
    return data["report"]["status"], status_text(data)


@pytest.fixture
def refused(
    signed: tuple[Site, dict[str, Any]], without_renderings: None
) -> tuple[Site, dict[str, Any], dict[str, Any]]:
    """The report was sent to everybody; the ministry's mailbox does not exist."""
    site, report = signed
    with_postman(site.place, Postman(ministry(site.place)))
    return site, report, site.dispatch(report)


def test_first_regimes_package_contains_nothing_internal(
    signed: tuple[Site, dict[str, Any]], without_renderings: None
) -> None:
    """Every part of every file: properties, names, comments, hidden sheets, headers and footers too."""
    site, report = signed
    answer = site.dispatch(report)
    files = sent_by_mail(site.place.settings.outbox, REGIME, answer["recipients"])
    assert {name.rsplit(".", 1)[1] for name in files} == {"eml", "docx", "xlsx", "xml"}
    parts = {part.partition("/")[2] for name, data in files.items() for part, _ in words_of(name, data)}
    assert {"docProps/core.xml", "docProps/app.xml", "xl/workbook.xml", "word/document.xml"} <= parts
    assert internal_words(files) == []


def test_refused_ministry_keeps_the_dispatch_open(
    refused: tuple[Site, dict[str, Any], dict[str, Any]],
) -> None:
    site, report, sent = refused
    assert sent["status"] == ReportStatus.SIGNED
    (line,) = sent["open"]
    assert MINISTRY in line and "550 5.1.1" in line
    stands, text = status(site.place, site)
    assert stands == "SIGNED"
    assert f"{MINISTRY}: CHƯA GỬI ĐƯỢC, bị từ chối" in text
    with site.place.store.read() as conn:
        actions = [e.action for e in events.events(conn, subject=f"report/{report['report_id']}")]
    assert "dispatch_started" in actions and "report_dispatched" not in actions
    # The alarms about the deadline go on, also after it.
    for days in (0, 1, 20):
        assert reminding.remind(site.place, site.period.province.due_at + timedelta(days=days, hours=1))["alarms"] >= 1


def test_readdressed_letter_completes_the_dispatch(
    refused: tuple[Site, dict[str, Any], dict[str, Any]],
) -> None:
    site, report, _ = refused
    place = site.place
    (waiting,) = mailing.list_mails(place, REGIME, PERIOD, unit=MINISTRY, statuses=[])
    with pytest.raises(Refused, match="không hợp lệ"):
        mailing.readdress_mail(place, waiting["id"], "khong phai dia chi", by="van-thu", as_of=site.report_day)
    answer = mailing.readdress_mail(place, waiting["id"], "moi@bca.example", by="van-thu", as_of=site.report_day)
    assert answer["status"] == "SENT"
    assert "moi@bca.example" in place.transport.recipients  # type: ignore[attr-defined]
    stands, text = status(place, site)
    assert stands == "DISPATCHED" and "CHƯA GỬI" not in text
    with place.store.read() as conn:
        trail = events.events(conn, regime=REGIME, period=PERIOD)
    (moved,) = [e for e in trail if e.action == "mail_readdressed"]
    assert (moved.actor, moved.payload["to"]) == ("van-thu", "moi@bca.example")
    with pytest.raises(Refused, match=r"đã gửi tới moi@bca\.example .*--again"):
        mailing.readdress_mail(place, waiting["id"], "ba@bca.example", by="van-thu", as_of=site.report_day)
    again = mailing.readdress_mail(
        place, waiting["id"], "ba@bca.example", by="van-thu", as_of=site.report_day, again=True
    )
    assert (again["status"], place.transport.recipients[-1]) == ("SENT", "ba@bca.example")  # type: ignore[attr-defined]
    (done,) = [e for e in trail if e.action == "report_dispatched"]
    assert done.payload["content_sha256"] == report["content_sha256"]
    alarms = reminding.remind(place, site.period.province.due_at + timedelta(hours=1))
    assert alarms["alarms"] == 0


def test_address_corrected_in_the_pack_is_used(
    refused: tuple[Site, dict[str, Any], dict[str, Any]], trimmed: Path, tmp_path: Path
) -> None:
    site, _, _ = refused
    root = tmp_path / "root"
    shutil.copytree(trimmed, root, symlinks=False)
    file = root / "include" / "regimes" / REGIME / "regime.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace(ministry(site.place), "dung@bca.example"), encoding="utf-8"
    )
    settings = load_settings({**site.env, "BAOCAO_ROOT": str(root)})
    place = with_postman(Installation(settings), Postman())
    mailing.flush(place, site.report_day + timedelta(minutes=1))
    assert place.transport.recipients == ["dung@bca.example"]  # type: ignore[attr-defined]
    assert status(place, site)[0] == "DISPATCHED"
    place.store.close()


def test_a_ministry_that_confirms_otherwise_has_the_report(
    refused: tuple[Site, dict[str, Any], dict[str, Any]],
) -> None:
    site, _, _ = refused
    place, at = site.place, site.report_day + timedelta(days=1)
    day = place.day(REGIME, at)

    def confirm(said: Confirmation) -> dict[str, Any]:
        return dispatching.acknowledge(place, REGIME, PERIOD, MINISTRY, said, at, accepted=True, file=b"%PDF scan")

    for wrong, words in (
        (Confirmation("", day, "van-thu"), "--receipt"),
        (Confirmation("12/X01", day + timedelta(days=9), "van-thu"), "tương lai"),
        (Confirmation("12/X01", date(2026, 1, 1), "van-thu"), "trước ngày ký"),
    ):
        with pytest.raises(Refused, match=words):
            confirm(wrong)
    done = confirm(Confirmation("12/X01", day, "van-thu", "xac-nhan.pdf"))
    assert done["status"] == "DISPATCHED"
    assert f"đã xác nhận: 12/X01 ngày {day:%d/%m/%Y}" in status(place, site)[1]
    assert mailing.retry_mails(place, REGIME, PERIOD, [], by="van-thu", as_of=at)["retried"] == []


def test_broken_pack_is_alarmed_without_stopping_others(tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(PROJECT / "include", root / "include")
    (root / "sql").symlink_to(PROJECT / "sql")
    broken = root / "include" / "regimes" / "hai-phong-legal-aid" / "regime.yaml"
    broken.write_text("code: [", encoding="utf-8")
    place = Installation(load_settings({"BAOCAO_ROOT": str(root), "BAOCAO_DATA": str(tmp_path / "var")}))
    with_postman(place, Postman())
    at = place.period("hai-phong-anti-trafficking", "2026-H1").opens_at + timedelta(days=1)
    answer = reminding.remind(place, at)
    assert answer["failed"] == ["hai-phong-legal-aid"]
    (told,) = [m for m in place.transport.taken if "hai-phong-legal-aid" in m["Subject"]]  # type: ignore[attr-defined]
    assert told["To"].addresses[0].addr_spec == place.settings.operator_email
    assert reminding.remind(place, at)["failed"] == ["hai-phong-legal-aid"]
    assert sum("hai-phong-legal-aid" in m["Subject"] for m in place.transport.taken) == 1  # type: ignore[attr-defined]
    # Whoever looks at another regime sees it as well.
    said = status_text(overview.status(place, "hai-phong-anti-trafficking", "2026-H1", at))
    assert "GÓI CHẾ ĐỘ HỎNG: hai-phong-legal-aid" in said and "hai-phong-legal-aid/regime.yaml:" in said
    place.store.close()


@pytest.mark.parametrize("command", ["remind", "collect"])
def test_sweep_with_broken_pack_still_sends_mail(
    opened: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """As `BAOCAO_REGIME` in a crontab names it: the letters of before wait for no pack."""
    root = tmp_path / "broken"
    shutil.copytree(opened.root, root, symlinks=False)
    (root / "include" / "regimes" / REGIME / "regime.yaml").write_text("code: [", encoding="utf-8")
    with opened.place.store.begin() as conn:
        waiting = conn.execute(select(outbox.c.id).where(outbox.c.unit == "14797")).scalars().first()
        conn.execute(update(outbox).where(outbox.c.id == waiting).values(status="PENDING", sent_at=None))
    cli = Cli(Site(root, opened.data), monkeypatch)
    answer = cli(command, "--json", "--as-of", "2026-06-10T08:00")
    assert answer.code == (3 if command == "remind" else 0)
    assert answer.json["mails_sent"] >= 1
    if command == "remind":
        assert answer.json["failed"] == [REGIME]
        assert any("Không đôn đốc được" in subject for subject in subjects(opened))
    unknown = cli(command, "--json", "--regime", "khong-co", "--as-of", "2026-06-10T08:00")
    assert unknown.code == 3 and "khong-co" in unknown.json["error"]


def subjects(site: Site) -> list[str]:
    with site.place.store.read() as conn:
        return list(conn.execute(select(outbox.c.subject)).scalars())


def test_letter_leaves_once_the_unit_has_an_address(site: Site, trimmed: Path, tmp_path: Path) -> None:
    def root_with(email: str, name: str) -> Installation:
        root = tmp_path / name
        shutil.copytree(trimmed, root, symlinks=False)
        file = root / "include" / "regimes" / REGIME / "units.csv"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(site.unit("14797").email, email), encoding="utf-8")
        place = Installation(load_settings({**site.env, "BAOCAO_ROOT": str(root)}))
        return with_postman(place, Postman())

    from baocao.workflow.periods import windows

    silent = root_with("", "without")
    windows.open_window(silent, REGIME, PERIOD, site.opens)
    (held,) = mailing.list_mails(silent, REGIME, PERIOD, unit="14797", statuses=[])
    assert (held["status"], held["recipient"]) == ("FAILED", "")
    with pytest.raises(Exception, match="chưa có địa chỉ"):
        mailing.retry_mails(silent, REGIME, PERIOD, [held["id"]], by="ai", as_of=site.opens)
    silent.store.close()
    mended = root_with("moi-14797@xa.example", "with")
    mailing.flush(mended, site.opens + timedelta(hours=1))
    assert mended.transport.recipients == ["moi-14797@xa.example"]  # type: ignore[attr-defined]
    assert not mailing.list_mails(mended, REGIME, PERIOD, unit="14797", statuses=[])
    mended.store.close()
