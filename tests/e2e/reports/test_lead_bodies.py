"""Lead bodies on the whole road: they get their slice, comment in it, and an objection holds the report."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.model.form import CellKey
from baocao.model.lead import CommentKind, CommentStatus
from baocao.store import lead_comments, lead_slices
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.trail import events
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import Refused
from baocao.workflow.intake.checking import check_file
from baocao.workflow.lead_bodies import objecting, sharing
from baocao.workflow.reports import building, issuing, replaying
from baocao.workflow.sign_off.summary import report_summary
from baocao.workflow.status import overview
from baocao.workflow.sweeps import reminding
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

LEAD, UNIT = "38-SYT", COMMUNES[0]
SUBJECT = "B06/B06.03b/TH"
WORDS = "Số lượt tập huấn 12345 chưa khớp hồ sơ của Sở"
REASON = "Đã đối chiếu hồ sơ gốc tại xã"


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF takes seconds and says nothing about objections."""
    for module in (building, issuing):
        monkeypatch.setattr(module, "pdf_available", lambda: False)


@pytest.fixture(scope="session")
def shared_template(collected_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything accepted, the slices sent the morning after the units' deadline, the gate passed.

    Made once, copied by the tests: the gate alone takes seconds.
    """
    data = tmp_path_factory.mktemp("shared") / "var"
    shutil.copytree(collected_template, data)
    site = Site(trimmed, data)
    sharing.share_slices(site.place, REGIME, PERIOD, after_deadline(site))
    drafting.gate(site.place, REGIME, PERIOD, site.report_day)
    site.place.store.close()
    return site.data


@pytest.fixture
def shared(shared_template: Path, trimmed: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(shared_template, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    yield site
    site.place.store.close()


def after_deadline(site: Site, hours: int = 8) -> Any:
    return site.period.unit.due_at + timedelta(hours=hours)


def letters(site: Site, mark: str) -> dict[str, Any]:
    """Recipient's file name -> message, of the mails whose name holds `mark`."""
    found = {p.name: p.read_bytes() for p in site.place.settings.outbox.glob("*.eml") if mark in p.name}
    return {name: message_from_bytes(data, policy=policy.default) for name, data in found.items()}


def body(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())


def object_to(site: Site, text: str = WORDS, **changes: Any) -> int:
    values: dict[str, Any] = {"kind": "objection", "unit": UNIT, "subject": SUBJECT, "text": text, "by": LEAD}
    values |= {"as_of": after_deadline(site)}
    return int(objecting.comment(site.place, REGIME, PERIOD, LEAD, **(values | changes))["id"])


def corrected(site: Site) -> bytes:
    """The unit's workbook with one more explanation: another file, the same figures."""
    cell = CellKey.parse(SUBJECT)
    return site.workbook(UNIT, {CellKey(cell.form, cell.row, "GT"): "Đã rà soát lại"})


def settle(site: Site, number: int, status: CommentStatus = CommentStatus.OVERRULED) -> None:
    objecting.close(site.place, number, status, by="PC04", text=REASON, as_of=site.report_day)


def draft(site: Site) -> dict[str, Any]:
    drafting.gate(site.place, REGIME, PERIOD, site.report_day)
    return drafting.consolidate(site.place, REGIME, PERIOD, site.report_day)


# Sharing -----------------------------------------------------------------------------------------------------------


def test_each_lead_body_gets_only_its_own_slice(shared: Site) -> None:
    mails = letters(shared, "__slice-")
    leads = {u.code: u for u in shared.units if u.is_lead_body}
    assert {name.split("__")[2] for name in mails} == set(leads)
    for name, message in mails.items():
        unit = leads[name.split("__")[2]]
        assert message["To"] == unit.email
        (attached,) = message.iter_attachments()
        assert attached.get_filename() == f"phan-so-lieu_{unit.code}_{PERIOD}.xlsx"
        book = load_workbook(io.BytesIO(attached.get_content()))
        assert unit.full_name in str(book["Tổng quan"]["A2"].value)


def test_slices_are_shared_once_after_the_deadline(collected: Site) -> None:
    with pytest.raises(Refused, match="sau hạn"):
        sharing.share_slices(collected.place, REGIME, PERIOD, collected.period.unit.due_at)
    assert reminding.remind(collected.place, collected.in_time)["slices"] == 0
    assert reminding.remind(collected.place, after_deadline(collected))["slices"] == 6
    for hours in (9, 40):
        assert reminding.remind(collected.place, after_deadline(collected, hours))["slices"] == 0
    assert sharing.share_slices(collected.place, REGIME, PERIOD, after_deadline(collected, 41))["shared"] == []


def test_late_report_resends_slices_the_next_day(shared: Site) -> None:
    site = shared
    site.send(UNIT, corrected(site), after_deadline(site, 9))
    assert site.collect(after_deadline(site, 10))["accepted"] == 1
    assert reminding.remind(site.place, after_deadline(site, 11))["slices"] == 0
    assert reminding.remind(site.place, after_deadline(site, 32))["slices"] == 6
    again = [m for m in letters(site, f"__{LEAD}__slice-").values() if "đã có thay đổi" in body(m)]
    assert len(again) == 1


# The hold ------------------------------------------------------------------------------------------------------------


def test_open_objection_holds_consolidation_and_says_why(
    shared: Site,
) -> None:
    number = object_to(shared)
    with pytest.raises(Refused) as caught:
        draft(shared)
    said = str(caught.value)
    unit = shared.unit(UNIT).full_name
    for part in ("Sở Y tế", unit, SUBJECT, "07:59 ngày 20/06/2026", f"answer {number}", f"overrule {number}"):
        assert part in said
    with shared.place.store.read() as conn:
        assert reports.latest(conn, REGIME, PERIOD) is None


@pytest.mark.parametrize("status", [CommentStatus.ANSWERED, CommentStatus.WITHDRAWN])
def test_settled_objection_releases_the_report_unchanged(shared: Site, status: CommentStatus) -> None:
    settle(shared, object_to(shared), status)
    report = draft(shared)
    with shared.place.store.read() as conn:
        assert lead_comments.of_report(conn, report["report_id"]) == []


def test_a_comment_holds_nothing(shared: Site) -> None:
    object_to(shared, kind="comment")
    assert draft(shared)["version"] == 1


def cover_of(site: Site, sealed: dict[str, Any], name: str) -> str:
    """The words on the first sheet of a workbook of the frozen report."""
    (sha256,) = (f["sha256"] for f in sealed["files"] if f["name"] == name)
    cover = load_workbook(io.BytesIO(site.place.store.files.get(sha256)))["Tổng quan"]
    return "\n".join(str(c.value) for row in cover.iter_rows() for c in row if c.value)


def test_overruled_objection_is_shown_to_whoever_signs(shared: Site) -> None:
    site = shared
    settle(site, object_to(site, "=Chưa khớp | hồ sơ"))
    report = site.consolidate()
    summary = report_summary(site.place, int(str(report["report_id"])))["body"]
    assert "đã bị bác (1)" in summary
    assert "«=Chưa khớp \\| hồ sơ»" in summary
    assert REASON in summary
    with site.place.store.read() as conn:
        sealed = reports.manifest(conn, int(str(report["report_id"])))
        names = building.Names.of(reports.report_of(conn, int(str(report["report_id"]))))
    assert [(o["lead"], o["unit"], o["subject"]) for o in sealed["overruled"]] == [(LEAD, UNIT, SUBJECT)]
    for_signers, for_recipients = (cover_of(site, sealed, name) for name in (names.workbook, names.outgoing))
    assert "PHẢN ĐỐI CỦA ĐƠN VỊ CHỦ TRÌ ĐÃ BỊ BÁC" in for_signers
    assert f"Lý do bác: {REASON}" in for_signers
    assert "PHẢN ĐỐI" not in for_recipients and REASON not in for_recipients
    site.approve(report)
    site.sign(report)
    # Raised and overruled after the signature: the signed report goes out as it was signed, and replays.
    settle(site, object_to(site, "Nêu sau khi ký", subject="DA6"))
    assert site.dispatch(report)["status"] == "DISPATCHED"
    assert replaying.replay(site.place, REGIME, PERIOD)["differences"] == []


def test_objection_after_freeze_needs_a_new_version(
    shared: Site,
) -> None:
    site = shared
    first = site.consolidate()
    number = object_to(site)
    assert "Đang bị giữ" in report_summary(site.place, int(str(first["report_id"])))["body"]
    with pytest.raises(Refused, match="Chưa thể duyệt"):
        site.approve(first)
    settle(site, number)
    with pytest.raises(Refused, match="bị bác sau khi chốt"):
        site.approve(first)
    second = site.consolidate()
    assert (second["version"], second["content_sha256"] != first["content_sha256"]) == (2, True)
    assert site.approve(second)["status"] == "APPROVED"


def test_held_report_can_still_be_returned(shared: Site) -> None:
    first = shared.consolidate()
    object_to(shared)
    assert shared.approve(first, "return", "Chờ Sở Y tế")["status"] == "RETURNED"


def test_late_objection_holds_the_signature_or_dispatch(shared: Site) -> None:
    site = shared
    report = site.consolidate()
    site.approve(report)
    first = object_to(site, "Nêu sau khi duyệt")
    with pytest.raises(Refused, match="Chưa thể ký"):
        site.sign(report)
    settle(site, first, CommentStatus.WITHDRAWN)
    site.sign(report)
    number = object_to(site)
    with pytest.raises(Refused, match="Chưa thể gửi báo cáo"):
        site.dispatch(report)
    assert overview.status(site.place, REGIME, PERIOD, site.report_day)["objections"]
    settle(site, number, CommentStatus.ANSWERED)
    assert site.dispatch(report)["status"] == "DISPATCHED"
    with pytest.raises(Refused, match="đã gửi"):
        object_to(site, "Nêu sau khi gửi")
    assert object_to(site, "Nêu sau khi gửi", kind="comment") > number
    site.dispatch(report)


def test_draft_is_not_built_during_an_objection(shared: Site) -> None:
    begun = draft(shared)
    object_to(shared)
    with pytest.raises(Refused, match="Chưa thể lập văn bản"):
        building.build(shared.place, begun["report_id"], shared.report_day)


def test_corrected_report_leaves_the_objection_open(shared: Site) -> None:
    site = shared
    number = object_to(site)
    site.send(UNIT, corrected(site), after_deadline(site, 9), "sua.xlsx")
    assert site.collect(after_deadline(site, 10))["accepted"] == 1
    (told,) = letters(site, f"__{LEAD}__mended-{number}").values()
    assert "vẫn đang mở" in body(told)
    with site.place.store.read() as conn:
        assert [c.id for c in lead_comments.open_objections(conn, REGIME, PERIOD)] == [number]


def test_objection_letters_name_cells_but_not_words(shared: Site) -> None:
    number = object_to(shared)
    settle(shared, number)
    raised, closed = letters(shared, f"__objection-{number}"), letters(shared, f"__comment-{number}-closed")
    authority = shared.pack.regime.authority
    assert {m["To"] for m in raised.values()} == {shared.unit(UNIT).email, authority.standing_email}
    assert {m["To"] for m in closed.values()} == {shared.unit(UNIT).email, shared.unit(LEAD).email}
    for message in (*raised.values(), *closed.values()):
        assert SUBJECT in body(message)
        assert WORDS not in body(message) and "12345" not in body(message) and REASON not in body(message)


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"subject": "B08/B08.06/TH"}, "không phải ô thuộc dự án"),
        ({"subject": "DA8"}, "không phải ô thuộc dự án"),
        ({"unit": "99999"}, "nghĩa vụ"),
        ({"subject": "B06/B06.06a/TH"}, "không nhập ô"),
        ({"text": "gọi 0912345678 để rõ"}, "định danh"),
        ({"text": "   "}, "nội dung"),
    ],
)
def test_what_a_body_may_not_say_is_refused(shared: Site, changes: dict[str, Any], match: str) -> None:
    from baocao.store.database import StepNotAllowed as StoreRefused

    with pytest.raises((Refused, StoreRefused), match=match):
        object_to(shared, **changes)


def test_objection_needs_an_accepted_report(site: Site) -> None:
    site.open()
    with pytest.raises(Refused, match="chưa có báo cáo"):
        object_to(site)


# Through the inbox ---------------------------------------------------------------------------------------------------


def commented(site: Site, *lines: tuple[str, str, str, str], lead: str = LEAD) -> bytes:
    _, data = sharing.slice_for(site.place, REGIME, PERIOD, lead, after_deadline(site))
    book = load_workbook(io.BytesIO(data))
    sheet = book["Ý kiến"]
    start = next(cell.row for cell in sheet["A"] if cell.value == "§YK.A")
    for line, words in enumerate(lines, 1):
        for column, word in enumerate(words, 2):
            sheet.cell(start + line, column).value = word
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_comments_from_the_inbox_are_no_report(shared: Site) -> None:
    site, at = shared, after_deadline(shared, 9)
    lines = ((UNIT, SUBJECT, "phản đối", WORDS), (UNIT, "DA6", "nhận xét", "Chậm"), (UNIT, "DA8", "phản đối", "x"))
    data = commented(site, *lines)
    with site.place.store.read() as conn:
        before = submissions.official(conn, REGIME, PERIOD, LEAD)
    site.send(LEAD, data, at, "y-kien.xlsx")
    done = site.collect(at)
    assert (done["comments"], done["accepted"], done["quarantined"]) == (1, 0, 0)
    (answer,) = letters(site, f"__{LEAD}__comments-").values()
    assert "Ý kiến!C10" in body(answer) and "Phản đối số" in body(answer) and WORDS not in body(answer)
    with site.place.store.read() as conn:
        said = lead_comments.of_period(conn, REGIME, PERIOD)
        assert [(c.kind, c.subject, c.raised_by) for c in said] == [
            (CommentKind.OBJECTION, SUBJECT, LEAD),
            (CommentKind.COMMENT, "dự án 6", LEAD),
        ]
        assert said[0].slice_sha256 == lead_slices.latest(conn, REGIME, PERIOD)[LEAD].content_sha256
        assert submissions.official(conn, REGIME, PERIOD, LEAD) == before
        assert events.verify(conn).ok
    # Sent again it is answered again, with what stands; nothing is written down twice.
    site.send(LEAD, data, at, "y-kien.xlsx")
    assert site.collect(at)["comments"] == 1
    answers = [body(letter) for letter in letters(site, f"__{LEAD}__comments-").values()]
    assert len(answers) == 2 and all("Phản đối số" in text for text in answers)
    with site.place.store.read() as conn:
        assert len(lead_comments.of_period(conn, REGIME, PERIOD)) == 2
    more = commented(site, *lines, (UNIT, SUBJECT, "nhận xét", "Thêm một dòng"))
    site.send(LEAD, more, at, "y-kien-2.xlsx")
    assert site.collect(at)["comments"] == 1
    with site.place.store.read() as conn:
        assert len(lead_comments.of_period(conn, REGIME, PERIOD)) == 3


def test_slice_from_another_unit_records_no_comment(shared: Site) -> None:
    at = after_deadline(shared, 9)
    shared.send(UNIT, commented(shared, (UNIT, SUBJECT, "phản đối", WORDS)), at)
    assert shared.collect(at)["quarantined"] == 1
    with shared.place.store.read() as conn:
        assert lead_comments.of_period(conn, REGIME, PERIOD) == []
    assert letters(shared, f"__{UNIT}__quarantined")


def test_checking_a_slice_says_it_is_no_report(shared: Site) -> None:
    data = commented(shared, (UNIT, SUBJECT, "phản đối", WORDS))
    found = check_file(shared.place, data, "x.xlsx", received_at=None, period=None, marked=False)
    assert "không phải báo cáo" in found.message


# The command ---------------------------------------------------------------------------------------------------------


def test_the_command_raises_lists_and_settles(shared: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    cli = Cli(shared, monkeypatch)
    common = ("--period", PERIOD, "--as-of", "2026-06-21T08:00", "--json")
    out = tmp_path / "slice.xlsx"
    assert cli("lead", "slice", LEAD, "--out", out, *common).json["bytes"] == out.stat().st_size
    assert cli("lead", "share", *common).json["shared"] == []
    about = ("--kind", "objection", "--unit", UNIT, "--subject", SUBJECT, "--text", WORDS, "--by", "Sở Y tế")
    number = cli("lead", "comment", LEAD, *about, *common).json["id"]
    assert cli("lead", "comment", LEAD, *about, *common).json["repeated"] is True
    assert cli("lead", "objections", *common).json["open"] == 1
    assert WORDS in cli("lead", "objections", *common[:-1]).out
    held = cli("consolidate", *common)
    assert (held.code, held.json["kind"]) == (3, "Refused")
    wrong = cli("lead", "answer", number, "--by", "x", "--text", "y", "--period", "2026-Y", "--json")
    assert wrong.code == 3
    done = cli("lead", "overrule", number, "--by", "PC04", "--reason", REASON, *common)
    assert done.json["status"] == "OVERRULED"
    assert cli("lead", "withdraw", number, "--by", "x", "--reason", "y", *common).code == 3
    assert cli("lead", "objections", *common).json["open"] == 0
    assert cli("lead", "slice", UNIT, *common).code == 3
