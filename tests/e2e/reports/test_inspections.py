"""Inspections over one installation, by the command line: the plan, the notice, the days, the conclusion, Biểu 09."""

from __future__ import annotations

import email
import io
import shutil
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from docx import Document

from baocao.store.trail import events
from baocao.workflow.inspections.inspecting import plan_inspections
from builders.sites.cli import Cli
from builders.sites.register import FIRST, HEADER, HEALTH, LEAD, PLAN, SIGNER, Register
from builders.sites.site import REGIME, Site


@pytest.fixture
def register(cli: Cli, tmp_path: Path, migrated_sqlite: Path) -> Register:
    cli.site.data.mkdir()
    shutil.copy(migrated_sqlite, cli.site.data / "baocao.db")
    return Register(cli, tmp_path)


def letters(site: Site, ending: str) -> list[EmailMessage]:
    found = sorted(site.place.settings.outbox.glob(f"*{ending}.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]  # type: ignore[misc]


def words(data: bytes) -> str:
    doc = Document(io.BytesIO(data))
    cells = [c.text for t in doc.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in doc.paragraphs), *cells])


def test_inspection_goes_from_plan_to_conclusion(register: Register) -> None:
    site = register.cli.site
    assert register.plan().json["new"] == 3
    assert len(letters(site, "planned")) == 3
    assert register.plan().json["new"] == 0  # the same file again
    assert register.notify(1, "2026-03-03").json["number"] == "31/TB-CAT"
    assert register.start(1, "2026-03-09").json["last_day"] == "2026-03-13"
    assert register.finish(1, "2026-03-13").json == {
        "id": 1,
        "status": "FINISHED",
        "working_days": 5,
        "over_run": False,
        "conclusion_due_on": "2026-04-03",
    }
    assert register.conclude(1, "2026-04-03").json["late"] is False
    listed = register.list("2026-05-05")
    assert (listed["by_status"], listed["overdue"]) == ({"CONCLUDED": 1, "PLANNED": 2}, 1)
    first, second, _ = listed["inspections"]
    assert (first["status"], first["notice"], first["conclusion"]) == ("CONCLUDED", "31/TB-CAT", "44/KL-CAT")
    assert (second["awaits"], second["due_on"], second["overdue"]) == (
        "notify",
        "2026-04-24",
        True,
    )  # 27/4, 30/4 and 1/5 are holidays
    with site.place.store.read() as conn:
        told = [e.action for e in events.events(conn, regime=REGIME)]
        assert events.verify(conn).ok
    assert told == [
        "inspections_planned",
        "inspection_notified",
        "inspection_started",
        "inspection_finished",
        "inspection_concluded",
    ]
    text = register.cli("inspection", "list", "--as-of", "2026-05-05").out
    assert "QUÁ HẠN gửi thông báo 24/04/2026" in text and "đã kết luận" in text


def test_notice_is_mailed_signed_without_naming_anybody(register: Register) -> None:
    register.plan()
    draft = register.folder / "du-thao.docx"
    assert register.cli("inspection", "notify", 1, "--draft", draft, "--as-of", "2026-03-02").code == 0
    assert register.list("2026-03-02")["inspections"][0]["status"] == "PLANNED"
    register.notify(1, "2026-03-03")
    (mail,) = letters(register.cli.site, "notice")
    (notice,) = mail.iter_attachments()
    said, drafted = words(notice.get_payload(decode=True)), words(draft.read_bytes())  # type: ignore[arg-type]
    for part in (
        "Việc thực hiện Dự án 4.",
        "Sổ theo dõi năm 2025.",
        "09/03/2026 đến hết ngày 13/03/2026",
        "05 ngày làm",
    ):
        assert part in said and part in drafted
    assert SIGNER in said and "Số: 31/TB-CAT" in said and "DỰ THẢO" not in said
    assert "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC" in said
    assert SIGNER not in drafted and "DỰ THẢO" in drafted and "31" not in drafted.split("THÔNG BÁO")[0]
    body = mail.get_body(("plain",))
    assert body is not None
    assert SIGNER not in body.get_content() and "Dự án 4" not in body.get_content()


def test_the_notice_has_the_same_bytes_each_time(register: Register) -> None:
    register.plan()
    files = [register.folder / f"{n}.docx" for n in (1, 2)]
    for file in files:
        register.cli("inspection", "notify", 1, "--draft", file, "--as-of", "2026-03-02")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_sixth_working_day_of_inspection_needs_a_note(register: Register) -> None:
    register.plan()
    register.notify(1, "2026-03-03")
    register.start(1, "2026-03-09")
    refused = register.finish(1, "2026-03-16")
    assert refused.code == 3 and "6 ngày làm việc" in refused.json["error"] and "--note" in refused.json["error"]
    blank = register.finish(1, "2026-03-16", "--note", "  ")
    assert blank.code == 3
    taken = register.finish(1, "2026-03-16", "--note", "Mưa lũ chia cắt địa bàn").json
    assert (taken["working_days"], taken["over_run"]) == (6, True)
    assert "QUÁ NGÀY: 6 ngày làm việc (Mưa lũ" in register.cli("inspection", "list").out


def test_plan_with_a_fault_is_refused_whole(register: Register) -> None:
    bad = PLAN + f"99999,{LEAD},2026-03-09,2026-03-13,Việc,\n" + f"{FIRST},{LEAD},2026-03-13,2026-03-20,Việc,\n"
    answer = register.plan(bad)
    assert (answer.code, answer.json["kind"]) == (3, "PlanFaults")
    assert [line.split(":")[0] for line in answer.json["error"].splitlines()] == ["dòng 5", "dòng 6"]
    assert register.list("2026-02-01")["total"] == 0
    assert letters(register.cli.site, "planned") == []


def test_plan_changes_need_a_new_decision_number(register: Register) -> None:
    register.plan()
    more = HEADER + f"{FIRST},{LEAD},2026-10-05,2026-10-09,Việc bổ sung,\n"
    refused = register.plan(more)
    assert refused.code == 3 and "12/KH-UBND" in refused.json["error"]
    assert register.plan(more, number="40/KH-UBND").json["new"] == 1
    clash = register.plan(HEADER + f"{FIRST},{LEAD},2026-10-09,2026-10-12,Việc,\n", number="41/KH-UBND")
    assert clash.code == 3 and "cuộc số 4" in clash.json["error"]


def test_late_plan_announces_only_future_inspections(register: Register) -> None:
    register.plan(at="2026-04-01")
    assert len(letters(register.cli.site, "planned")) == 2


def test_steps_out_of_time_are_refused_with_cure(register: Register) -> None:
    register.plan()
    late = register.notify(1, "2026-03-05")
    assert late.code == 3 and "2026-03-10" in late.json["error"] and "--from" in late.json["error"]
    too_long = register.notify(1, "2026-03-03", "--from", "2026-03-09", "--to", "2026-03-16")
    assert too_long.code == 3 and "6 ngày làm việc" in too_long.json["error"]
    without = register.start(1, "2026-03-09")
    assert without.code == 3 and "inspection notify" in without.json["error"]
    assert "inspection start" in register.finish(1, "2026-03-13").json["error"]
    assert "inspection finish" in register.conclude(1, "2026-03-13").json["error"]
    assert register.notify(1, "2026-03-04").code == 0
    again = register.notify(1, "2026-03-04")
    assert again.code == 3 and "NOTIFIED" in again.json["error"]
    assert "không bắt đầu sớm hơn" in register.start(1, "2026-03-06").json["error"]
    assert "ở sau ngày ghi nhận" in register.start(1, "2026-03-10", at="2026-03-09").json["error"]
    assert register.start(1, "2026-03-10").json["last_day"] == "2026-03-16"
    assert "trước ngày bắt đầu" in register.finish(1, "2026-03-09").json["error"]
    assert register.finish(1, "2026-03-16").code == 0
    for data, name in ((b"MZ", "kl.exe"), (b"MZ", "kl.pdf"), (b"", "kl.docx")):
        assert "PDF hoặc DOCX" in register.conclude(1, "2026-03-20", data, name).json["error"]
    assert "trước ngày kết thúc" in register.conclude(1, "2026-03-13").json["error"]
    late = register.conclude(1, "2026-04-30")
    assert (late.code, late.json["late"]) == (0, True)
    assert register.cancel(1, "2026-05-01").code == 3


@pytest.mark.parametrize("missing", ["--number", "--signer", "--signer-title", "--by"])
def test_an_unsigned_notice_is_not_sent(register: Register, missing: str) -> None:
    register.plan()
    answer = register.notify(1, "2026-03-03", missing, " ")
    assert answer.code == 3 and "Thiếu" in answer.json["error"]
    assert letters(register.cli.site, "notice") == []
    assert register.list("2026-03-03")["inspections"][0]["status"] == "PLANNED"


def test_body_is_inspected_by_one_at_a_time(register: Register) -> None:
    register.plan(
        HEADER
        + f"{FIRST},{LEAD},2026-03-09,2026-03-13,Việc,\n"
        + f"{FIRST},{HEALTH},2026-03-16,2026-03-20,Việc khác,\n"
    )
    taken = register.notify(2, "2026-03-03", "--from", "2026-03-13", "--to", "2026-03-17")
    assert taken.code == 3 and "cuộc kiểm tra số 1" in taken.json["error"]
    register.notify(1, "2026-03-03")
    assert register.notify(2, "2026-03-03").code == 0
    register.start(1, "2026-03-09")
    assert "đang được kiểm tra" in register.start(2, "2026-03-16").json["error"]
    assert register.finish(1, "2026-03-17", "--note", "Hồ sơ nhiều").code == 0
    overlaps = register.start(2, "2026-03-17")
    assert overlaps.code == 3 and "hai lần cùng lúc" in overlaps.json["error"]
    assert register.start(2, "2026-03-18").code == 0


def test_cancelled_inspection_is_announced_and_can_be_replanned(register: Register) -> None:
    register.plan()
    assert register.cancel(1, "2026-03-02").json["status"] == "CANCELLED"
    assert len(letters(register.cli.site, "cancelled")) == 1
    anew = HEADER + f"{FIRST},{LEAD},2026-03-09,2026-03-13,Việc,\n"
    assert register.plan(anew, number="13/KH-UBND").json["new"] == 1


def test_inspection_reminders_need_no_open_period(register: Register) -> None:
    register.plan()
    sweep = lambda at: register.cli("remind", "--as-of", at, "--json").json  # noqa: E731
    assert sweep("2026-02-26T09:00")["reminders"] == 0
    assert sweep("2026-02-27T09:00")["reminders"] == 1
    assert sweep("2026-02-27T10:00")["reminders"] == 0
    (mail,) = letters(register.cli.site, "notify-3")
    assert mail["To"] == register.cli.site.unit(LEAD).email
    register.road(1, "2026-03-03", "2026-03-09", "2026-03-13", "2026-03-20")
    assert sweep("2026-04-20T09:00")["reminders"] == 0


def test_the_plan_is_one_event_and_one_transaction(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure after the rows are written leaves no row, no letter, no event."""

    def broken(*_args: object, **_more: object) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr(events, "append", broken)
    with pytest.raises(OSError, match="disk"):
        plan_inspections(
            site.place,
            REGIME,
            PLAN.encode(),
            "a.csv",
            year=2026,
            decision="12/KH-UBND",
            decided_on=date(2026, 1, 15),
            by="thường trực",
            as_of=datetime(2026, 1, 20, 9, tzinfo=site.opens.tzinfo),
        )
    from baocao.store import inspection_register as stored

    with site.place.store.read() as conn:
        assert stored.inspections(conn, REGIME) == []
        assert events.events(conn) == []
    assert letters(site, "planned") == []
