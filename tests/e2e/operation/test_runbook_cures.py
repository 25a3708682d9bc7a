"""Every cure of the runbook, tried as it is printed: each `baocao` command that stands there is run in the trouble its
section is about, and does what the section says. A command nobody tries here fails the last test."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from baocao.delivery import outbox as letters
from baocao.store.mail import outbox_rows
from baocao.store.submissions import receiving, submissions
from baocao.store.submissions.receiving import Arrived
from baocao.store.tables import metadata, outbox, report, submission
from baocao.workflow.lead_bodies import objecting
from builders.sites.cli import Answer, Cli
from builders.sites.correction import after_dispatch, resend
from builders.sites.register import PLAN
from builders.sites.site import COMMUNES, PERIOD, PROJECT, REGIME, Site

pytestmark = pytest.mark.usefixtures("without_renderings")
RUNBOOK = (PROJECT / "docs" / "runbook.md").read_text(encoding="utf-8")
UNIT, OTHER = COMMUNES[:2]
GIVEN = {
    "--by": "Cán bộ trực (diễn tập)",
    "--reason": "Theo đề nghị của đơn vị",
    "--text": "Đã đối chiếu với đơn vị",
    "--note": "Số liệu dự án 4 chưa khớp",
    "--period": PERIOD,
}
"""What stands for `…` behind an option, where a test says nothing else."""


def sections() -> dict[str, list[str]]:
    """Heading -> the commands printed under it, each on one line."""
    parts = re.split(r"^## (.+)$", RUNBOOK, flags=re.MULTILINE)
    return {
        heading: [" ".join(c.split()) for c in re.findall(r"`(baocao\s[^`]+)`", body)]
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
    }


PRINTED = sections()
Cure = Callable[..., Answer]


@pytest.fixture
def cure(monkeypatch: pytest.MonkeyPatch) -> Cure:
    """Runs a command as printed under a heading. `words` stand for the words in capitals, `options` for the `…` of an
    option, `more` is typed behind."""

    def run(
        site: Site, heading: str, command: str, *more: object, at: datetime | None = None, code: int = 0,
        words: dict[str, object] | None = None, options: dict[str, object] | None = None,
        shell: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        assert command in PRINTED[heading], (command, PRINTED[heading])
        typed, wanted = [], {**GIVEN, **(options or {})}
        for word, value in (shell or {}).items():
            command = command.replace(word, value)
        for part in shlex.split(command)[1:]:
            if part == "…":
                part = str(wanted[typed[-1]])
            for word, value in (words or {}).items():
                part = part.replace(word, str(value))
            typed.append(part)
        assert not [part for part in typed if "…" in part], typed
        when = ("--as-of", at.isoformat()) if at else ()
        answer = Cli(site, monkeypatch)(*typed, *more, *when)
        assert answer.code == code, (typed, answer.out, answer.err)
        return answer

    return run


def statuses(site: Site, *ids: int) -> list[str]:
    with site.place.store.read() as conn:
        return [submissions.submission_of(conn, id).status.value for id in ids]


def letter_of(site: Site, unit: str, **changes: Any) -> int:
    """A letter to that unit, as if it had not left."""
    with site.place.store.begin() as conn:
        id = next(m.id for m in outbox_rows.mails(conn, unit=unit))
        conn.execute(update(outbox).where(outbox.c.id == id).values(sent_at=None, **changes))
    return id


def test_runbook_cures_unattributed_and_lost_files(opened: Site, cure: Cure) -> None:
    site, at, nobody = opened, opened.in_time, "Tệp không rõ người gửi"
    for name, unit in (("a.xlsx", UNIT), ("b.xlsx", OTHER)):
        site.send("", site.workbook(unit), at, name)
    assert site.collect()["waiting"] == 2
    listed = cure(site, nobody, "baocao inbox waiting", at=at).out
    assert "a.xlsx" in listed and UNIT in listed
    with site.place.store.read() as conn:
        first, second = (r.id for r in conn.execute(select(submission.c.id).where(submission.c.status == "RECEIVED")))
    command = "baocao inbox attribute SỐ MÃ-ĐƠN-VỊ --by … --reason …"
    cure(site, nobody, command, at=at, words={"SỐ": first, "MÃ-ĐƠN-VỊ": UNIT})
    cure(site, nobody, "baocao inbox refuse SỐ --by … --reason …", at=at, words={"SỐ": second})
    assert statuses(site, first, second) == ["ACCEPTED", "QUARANTINED"]
    with site.place.store.begin() as conn:
        lost, _ = receiving.receive(
            conn,
            Arrived("folder", "mat.xlsx", "0" * 64, size=1, received_at=at, info={"sender_hint": OTHER}),
        )
    heading = "Tệp gốc mất, hỏng hoặc không lưu được"
    assert site.collect(at + timedelta(minutes=15))["failed"] == 1
    cure(site, heading, "baocao inbox refuse SỐ --by … --reason …", at=at, words={"SỐ": lost.id})
    assert site.collect(at + timedelta(minutes=30))["failed"] == 0


def test_runbook_cures_stuck_files_and_missed_deadlines(opened: Site, cure: Cure) -> None:
    site, due = opened, opened.period.unit.due_at
    file = site.send(UNIT, site.workbook(UNIT), site.in_time)
    assert "ĐẠT" in cure(site, "Bài nộp bị kẹt", "baocao check TỆP", words={"TỆP": file}).out
    site.collect(due + timedelta(hours=9))
    late = "Hạn đã qua trong lúc không thu bài"
    at = due + timedelta(hours=10)
    assert "trễ" in cure(site, late, "baocao status --period …", at=at).out.lower()
    until = {"NGÀY": (due + timedelta(days=4)).date()}
    words = {"MÃ": UNIT, **until}
    cure(site, late, "baocao waive MÃ --period … --until NGÀY --by … --reason …", at=at, words=words)
    site.send(UNIT, site.workbook(UNIT), at, "lai.xlsx")
    assert site.collect(at + timedelta(minutes=15))["accepted"] == 1, "the same bytes, judged by the new deadline"
    with site.place.store.read() as conn:
        kept = submissions.official(conn, REGIME, PERIOD, UNIT)
    assert kept is not None and kept.on_time
    joined = "Đơn vị được ghi thêm vào kỳ đang mở"
    command = "baocao waive MÃ --period … --until … --by … --reason …"
    cure(site, joined, command, at=at, words={"MÃ": OTHER}, options={"--until": until["NGÀY"]})
    cure(site, joined, "baocao waive MÃ --period … --withdraw --by … --reason …", at=at, words={"MÃ": OTHER})
    asked = "baocao waive MÃ --until … --by … --reason …"
    cure(site, "Trang nộp báo cáo", asked, at=at, words={"MÃ": OTHER}, options={"--until": until["NGÀY"]})


def test_runbook_enters_returns_and_withdraws_reports(opened: Site, cure: Cure, tmp_path: Path) -> None:
    site, at = opened, opened.in_time
    book, scan = tmp_path / "bao-cao.xlsx", tmp_path / "ban-ky.pdf"
    book.write_bytes(site.workbook(UNIT))
    scan.write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    words: dict[str, object] = {"MÃ": UNIT, "TỆP": book, "BẢN-QUÉT": scan, "NGÀY": at.date()}
    enter = "baocao submission enter MÃ TỆP --scan BẢN-QUÉT --arrived-on NGÀY --by … --reason …"
    cure(site, "Nhập hộ báo cáo giấy", enter, at=at, words=words)

    def official(unit: str) -> Any:
        with site.place.store.read() as conn:
            return submissions.official(conn, REGIME, PERIOD, unit)

    assert official(UNIT) is not None
    gone = "Trả lại hoặc rút báo cáo đã tiếp nhận"
    cure(site, gone, "baocao submission return MÃ --by … --reason …", at=at + timedelta(hours=1), words={"MÃ": UNIT})
    assert official(UNIT) is None
    site.send(OTHER, site.workbook(OTHER), at)
    site.collect(at + timedelta(hours=2))
    number = {"SỐ": official(OTHER).id}
    cure(site, gone, "baocao submission withdraw SỐ --by … --reason …", at=at + timedelta(hours=3), words=number)
    assert official(OTHER) is None


def test_runbook_cures_undelivered_letters(opened: Site, cure: Cure, tmp_path: Path) -> None:
    site, at = opened, opened.in_time
    root = tmp_path / "root"
    shutil.copytree(site.root, root, symlinks=False)
    own = Site(root, site.data)
    held = letter_of(own, UNIT, status="FAILED", recipient="", error=letters.NO_ADDRESS)
    mute = "Đơn vị chưa có địa chỉ thư"
    assert "(chưa có địa chỉ)" in cure(own, mute, "baocao mail list", at=at).out
    words = {"SỐ": held, "ĐỊA-CHỈ": "moi@xa.example"}
    assert "SENT" in cure(own, mute, "baocao mail readdress SỐ ĐỊA-CHỈ --by …", at=at, words=words).out
    address = "baocao regime address MÃ ĐỊA-CHỈ --regime … --by …"
    words = {"MÃ": UNIT, "ĐỊA-CHỈ": "chung@xa.example"}
    cure(own, "Đơn vị có nhiều địa chỉ", address, at=at, words=words, options={"--regime": REGIME})
    assert Site(root, site.data).unit(UNIT).email == "chung@xa.example"
    one, failed = "Một thư không gửi được", letter_of(own, OTHER, status="FAILED", error="550 no such user")
    assert "550 no such user" in cure(own, one, "baocao mail show SỐ", at=at, words={"SỐ": failed}).out
    cure(own, one, "baocao mail retry SỐ --by …", at=at, words={"SỐ": failed})
    failed = letter_of(own, OTHER, status="FAILED", error="550 no such user")
    words = {"SỐ": failed, "ĐỊA-CHỈ": "khac@xa.example"}
    cure(own, one, "baocao mail readdress SỐ ĐỊA-CHỈ --by …", at=at, words=words)
    server = "Không gửi được thư"
    letter_of(own, OTHER, status="PENDING", error=None)
    Site(root, site.data, more={"BAOCAO_SMTP_URL": "smtp://127.0.0.1:9"}).collect(at)
    assert "THƯ KHÔNG GỬI ĐƯỢC" in cure(own, server, "baocao status", at=at).out
    # The letter, and the alarm that could not go by mail.
    assert "mails_sent: 2" in cure(own, server, "baocao mail retry --by …", at=at).out
    assert "THƯ KHÔNG GỬI ĐƯỢC" not in cure(own, server, "baocao status", at=at).out


def test_runbook_cures_implausible_times_and_broken_packs(opened: Site, cure: Cure, tmp_path: Path) -> None:
    site, heading = opened, "Thời điểm không hợp lý"
    later = site.period.province.due_at + timedelta(days=70)
    for command in ("baocao collect --yes", "baocao remind --yes"):
        cure(site, heading, command, at=later)
    root = tmp_path / "root"
    shutil.copytree(site.root, root, symlinks=False)
    broken, file = Site(root, site.data), root / "include" / "regimes" / REGIME / "regime.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("time_zone:", "tme_zone:", 1) + "\nmo: 1\n", encoding="utf-8")
    check = "baocao regime check MÃ"
    said = cure(broken, "Gói chế độ báo cáo hỏng", check, words={"MÃ": REGIME}, code=1)
    assert "regime.yaml" in said.out + said.err
    file.write_text(good, encoding="utf-8")
    cure(broken, "Gói chế độ báo cáo hỏng", check, words={"MÃ": REGIME})
    refused = "Yêu cầu đột xuất không mở được"
    cure(site, refused, "baocao request", at=site.opens, code=64)
    assert "--asked-by" in cure(site, refused, "baocao request --help").out


def test_runbook_cures_returned_and_outdated_reports(collected: Site, cure: Cure) -> None:
    site, at, newer = collected, collected.report_day, "Báo cáo mới hơn bản đang trình"
    report = site.consolidate()
    site.send(UNIT, site.workbook(UNIT, reported_once_more(site)), at, "moi.xlsx")
    assert site.collect(at + timedelta(minutes=1))["accepted"] == 1
    at += timedelta(hours=1)
    assert site.unit(UNIT).name in cure(site, newer, "baocao status", at=at).out
    cure(site, newer, 'baocao approve --return --note "…" --by …', at=at)
    said = cure(site, "Báo cáo bị trả lại", "baocao status --json", at=at)
    assert "RETURNED" in said.out and GIVEN["--note"] in said.out
    cure(site, "Báo cáo mới hơn bản đang trình", "baocao consolidate", at=at)
    site.approve({**report, **newest(site)})
    cure(site, newer, 'baocao sign --return --note "…" --by …', at=at + timedelta(hours=1))
    site.consolidate(at + timedelta(hours=2))
    site.approve({**report, **newest(site)})
    two = "Hai người trả lời cùng lúc"
    cure(site, two, 'baocao approve --return --note "…" --by …', at=at + timedelta(hours=3), code=0)


def reported_once_more(site: Site) -> dict[Any, Any]:
    """Nothing changed but a sentence."""
    from builders.sites.correction import NARRATIVE, NEW_TEXT

    return {NARRATIVE: NEW_TEXT}


def newest(site: Site) -> dict[str, Any]:
    with site.place.store.read() as conn:
        row = conn.execute(select(report).order_by(report.c.id.desc()).limit(1)).one()
    return {"report_id": row.id, "content_sha256": row.content_sha256}


def test_a_signature_that_was_wrong(signed: tuple[Site, dict[str, Any]], cure: Cure) -> None:
    site, sent = signed
    at = site.report_day + timedelta(minutes=5)
    cure(site, "Không ghi được chữ ký", "baocao revoke --by … --reason …", at=at)
    site.sign(sent)
    cure(site, "Hai người trả lời cùng lúc", "baocao revoke --by … --reason …", at=at)
    site.sign(sent)
    site.dispatch(sent)
    day = after_dispatch(site)
    copy = Site(site.root, site.data.with_name("copy"))
    site.place.store.close()
    shutil.copytree(site.data, copy.data)
    cure(site, "Không ghi được chữ ký", "baocao correct --document --reason … --by …", at=day)
    cure(copy, "Hai người trả lời cùng lúc", "baocao correct --by … --reason …", at=day)


def test_a_dispatched_report_that_is_corrected(dispatched: Site, cure: Cure) -> None:
    site, at, heading = dispatched, after_dispatch(dispatched), "Đính chính báo cáo đã gửi"
    opened = 'baocao correct --period 2026-H1 --by "…" --reason "…"'
    until = (at + timedelta(days=7)).date()
    cure(site, heading, opened, "--unit", UNIT, "--until", until, at=at)
    waits = "Đính chính đang chờ"
    assert GIVEN["--reason"] in cure(site, waits, "baocao status", at=at).out
    more = {"--unit": OTHER, "--until": until}
    cure(site, waits, "baocao correct --by … --reason … --unit … --until …", at=at, options=more)
    assert resend(site)["accepted"] == 1
    cure(site, heading, "baocao consolidate", at=after_dispatch(site, 5))
    assert "identical: True" in cure(site, heading, "baocao replay --version 1", at=after_dispatch(site, 5)).out


def test_runbook_confirms_delivery_by_other_means(signed: tuple[Site, dict[str, Any]], cure: Cure) -> None:
    site, sent = signed
    site.dispatch(sent)
    at, heading = site.report_day + timedelta(hours=1), "Không gửi được báo cáo"
    with site.place.store.begin() as conn:
        to = conn.execute(select(metadata.tables["dispatch"].c.recipient)).scalars().first()
    assert str(to) in cure(site, heading, "baocao status", at=at).out
    file = site.data / "xac-nhan.pdf"
    file.write_bytes(b"%PDF-1.7 xac nhan")
    command = 'baocao confirm NƠI-NHẬN --receipt "số, ký hiệu" --on NGÀY --file TỆP --by …'
    words = {"NƠI-NHẬN": to, "NGÀY": at.date(), "TỆP": file, "số, ký hiệu": "12/X01"}
    cure(site, heading, command, at=at, words=words)
    assert "12/X01" in cure(site, heading, "baocao status", at=at).out


def test_lead_bodies_that_object(collected: Site, cure: Cure) -> None:
    site, at = collected, collected.period.unit.due_at + timedelta(hours=1)
    slices, holds = "Phần số liệu của đơn vị chủ trì", "Đơn vị chủ trì phản đối"
    assert "38-SYT" in cure(site, slices, "baocao lead share --period 2026-H1", at=at).out
    target = site.data / "phan.xlsx"
    cure(site, slices, "baocao lead slice 38-SYT --period 2026-H1", "--out", target, at=at)
    assert target.read_bytes().startswith(b"PK")
    command = "baocao lead comment 38-SYT --kind objection --unit 14797 --subject B06/B06.03b/TH --text … --by …"
    raised = cure(site, slices, command, "--json", at=at).json["id"]
    assert str(raised) in cure(site, holds, "baocao lead objections --period 2026-H1", at=at).out
    cure(site, holds, "baocao lead answer SỐ --by … --text …", at=at, words={"SỐ": raised})
    about = {"kind": "objection", "unit": UNIT, "subject": "B06/B06.03b/TH", "by": "38-SYT", "as_of": at}
    closing = ("baocao lead withdraw SỐ --by … --reason …", "baocao lead overrule SỐ --by … --reason …")
    for number, command in enumerate(closing):
        raised = objecting.comment(site.place, REGIME, PERIOD, "38-SYT", **about, text=f"Chưa rõ {number}")["id"]
        cure(site, holds, command, at=at, words={"SỐ": raised})
    assert site.consolidate()["status"] == "FROZEN"


def test_the_trail_the_keys_and_a_backup(dispatched: Site, cure: Cure, tmp_path: Path) -> None:
    site, at = dispatched, after_dispatch(dispatched)
    broken, keys, saved = "Sổ sự kiện bị đứt", "Mất khóa nhật ký", "Sao lưu và khôi phục"
    cure(site, broken, "baocao audit verify", at=at)
    with site.place.store.read() as conn:
        text = conn.execute(select(outbox.c.text).where(outbox.c.text.contains("Mốc nhật ký"))).scalars().first()
    seq, _, digest = str(text).rpartition("Mốc nhật ký để đối chiếu khi cần: ")[2].split()[0].partition(":")
    anchor = "baocao audit verify --anchor SỐ:MÃ"
    cure(site, broken, anchor, at=at, words={"SỐ": seq, "MÃ": digest})
    cure(site, broken, anchor, at=at, words={"SỐ": seq, "MÃ": "a" * 64}, code=1)
    key, kept = site.data / "audit.key", tmp_path / "khoa"
    key.rename(kept)
    cure(site, broken, "baocao audit verify", at=at, code=1)
    shutil.copy(kept, key)
    cure(site, broken, "baocao audit verify", at=at)
    cure(site, keys, "baocao audit rotate-key --by …", at=at)
    shutil.copy(key, kept)
    backup = "baocao backup /nơi-khác/sao-luu-$(date +%F).zip"
    file = tmp_path / "sao-luu-2026-07-01.zip"
    # As the shell hands it over.
    cure(site, saved, backup, at=at, shell={"/nơi-khác": str(tmp_path), "$(date +%F)": "2026-07-01"})
    assert file.exists()
    cure(site, saved, "baocao restore --check TỆP", at=at, words={"TỆP": file})
    site.place.store.close()
    empty = Site(site.root, tmp_path / "again")
    cure(empty, saved, "baocao restore TỆP --key-file KHÓA", at=at, words={"TỆP": file, "KHÓA": kept})
    assert "identical: True" in cure(empty, saved, "baocao replay --period …", at=at).out
    assert "identical: True" in cure(empty, "Dựng lại không trùng", "baocao replay", at=at).out


def test_the_register_of_inspections(site: Site, cure: Cure, tmp_path: Path) -> None:
    plan = "baocao inspection plan TỆP --year … --decision … --decided-on … --by …"
    file, no_plan = tmp_path / "ke-hoach.csv", "Kế hoạch kiểm tra không nạp được"
    given = {"--year": 2026, "--decision": "12/KH-UBND", "--decided-on": "2026-01-15"}
    day = site.opens.replace(month=1, day=20)
    file.write_text(PLAN.replace("2026-03-09", "2026-13-09"), encoding="utf-8")
    cure(site, no_plan, plan, at=day, words={"TỆP": file}, options=given, code=3)
    file.write_text(PLAN, encoding="utf-8")
    cure(site, no_plan, plan, at=day, words={"TỆP": file}, options=given)
    cure(site, no_plan, "baocao inspection cancel SỐ --reason … --by …", at=day, words={"SỐ": 3})
    draft, sends = tmp_path / "du-thao.docx", "Kiểm tra: chưa gửi thông báo"
    notify = "baocao inspection notify SỐ --draft TỆP"
    march = day.replace(month=3, day=3)
    cure(site, sends, notify, at=march, words={"SỐ": 1, "TỆP": draft})
    assert draft.exists()
    cli = Cli(site, pytest.MonkeyPatch())
    signed = ("--number", "31", "--signed-on", "2026-03-03", "--signer", "Người ký", "--signer-title", "Phó Giám đốc")
    at = ("--as-of", "2026-03-03", "--by", "văn thư")
    assert cli("inspection", "notify", 1, *signed, *at).code == 0
    assert cli("inspection", "start", 1, "--on", "2026-03-09", "--by", "đoàn", "--as-of", "2026-03-09").code == 0
    over, april = "Kiểm tra: quá 05 ngày làm việc", march.replace(day=20)
    finish = "baocao inspection finish SỐ --on … --by …"
    cure(site, over, finish, at=april, words={"SỐ": 1}, options={"--on": "2026-03-17"}, code=3)
    cure(site, over, finish, "--note", "Mưa lũ", at=april, words={"SỐ": 1}, options={"--on": "2026-03-17"})
    assert "QUÁ NGÀY" in cure(site, over, "baocao inspection list", at=april).out
    conclusion = tmp_path / "ket-luan.pdf"
    conclusion.write_bytes(b"%PDF-1.7 ket luan")
    conclude = "baocao inspection conclude SỐ TỆP --number … --on … --by …"
    given = {"--number": "44/KL-CAT", "--on": "2026-04-02"}
    words = {"SỐ": 1, "TỆP": conclusion}
    cure(site, "Kiểm tra: chưa có kết luận", conclude, at=april.replace(month=4), words=words, options=given)


def test_a_report_that_cannot_go_up_says_why(signed: tuple[Site, dict[str, Any]], cure: Cure) -> None:
    site, heading = signed[0], "Không chuyển được số liệu lên cấp trên"
    said = cure(
        site, heading, "baocao cascade --to …", at=site.report_day, options={"--to": "hai-phong-legal-aid"}, code=3
    )
    assert "Lỗi:" in said.err


ELSEWHERE = {
    "baocao mail unbounce ĐỊA-CHỈ --by …": ("integration/mailbox/test_mailbox.py", "unbounce"),
    "baocao issue --period … --out THƯ-MỤC": ("e2e/sign_off/test_signed_document.py", '"issue"'),
    'baocao attach-signed SỐ-BÁO-CÁO TỆP --by "…"': ("e2e/sign_off/test_signed_document.py", '"attach-signed"'),
    "baocao link show MÃ --period …": ("e2e/portal/test_links.py", '"show"'),
    "baocao link renew MÃ --by … --reason …": ("e2e/portal/test_links.py", '"renew"'),
    "baocao link revoke MÃ --by … --reason …": ("e2e/portal/test_links.py", '"revoke"'),
    "baocao extension list": ("e2e/portal/test_portal.py", '"extension"'),
    "baocao extension decline SỐ --by … --reason …": ("e2e/portal/test_portal.py", '"decline"'),
    "baocao dispatch": ("e2e/operation/test_cli.py", '"dispatch"'),
}
"""Command -> the test file that runs it with what it needs (a mailbox, a portal, a signed document), and its word
there."""


def test_no_command_of_the_runbook_is_left_untried() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    here = {n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    commands = {command for printed in PRINTED.values() for command in printed}
    assert len(commands) > 40
    # A command that is only named, without anything behind it, is tried where it is printed in full.
    untried = {c for c in commands - here if not any(t.startswith(f"{c} ") for t in here | ELSEWHERE.keys())}
    assert untried == set()
    for command, (file, word) in ELSEWHERE.items():
        assert command in commands
        assert word in (PROJECT / "tests" / file).read_text(encoding="utf-8"), command
