"""Letters: every outcome renders, text and HTML say the same, the verdict comes first, nothing leaks."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import pytest

from baocao.delivery import contexts as c
from baocao.delivery.letters import deadline_text, instant_text, render
from baocao.model.submission import Screening
from baocao.model.unit import Unit, UnitKind
from baocao.settings import ConfigurationError
from baocao.text import day_text
from builders.mail.delivery import TEMPLATES, at, contexts, lead_letters, letterhead, regime, unit

LETTERS = contexts()
EACH = pytest.mark.parametrize("name", sorted(LETTERS))


class _Words(HTMLParser):
    """The words a reader of the HTML sees, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def words_of_html(html: str) -> list[str]:
    parser = _Words()
    parser.feed(html)
    return parser.words


def words_of_text(text: str) -> list[str]:
    """Without the marks that stand for table lines: the dash of a fact, the bar between columns."""
    return [word for line in text.splitlines() for word in line.removeprefix("- ").split() if word != "|"]


def rendered(name: str) -> tuple[str, str, str]:
    letter = render(TEMPLATES, name.split(":")[0], LETTERS[name])
    return letter.subject, letter.text, letter.html


def test_there_is_a_tried_context_for_every_letter() -> None:
    assert {name.split(":")[0] for name in LETTERS} == set(c.CONTEXTS)


def test_every_template_folder_is_complete_for_its_letter() -> None:
    folders = {f.name: {file.name for file in f.iterdir()} for f in (TEMPLATES / "email").iterdir()}
    layout = folders.pop("_layout")

    assert layout == {"base.txt", "base.html", "parts.txt", "parts.html"}
    assert folders == {outcome: {"subject.txt", "body.txt", "body.html"} for outcome in c.CONTEXTS}


@EACH
def test_text_and_html_carry_the_same_words(name: str) -> None:
    _, text, html = rendered(name)
    assert words_of_html(html) == words_of_text(text)


@EACH
def test_a_letter_greets_and_then_gives_its_verdict(name: str) -> None:
    _, text, _ = rendered(name)
    lines = text.splitlines()

    assert lines[0] == f"Kính gửi: {LETTERS[name].addressee}"
    assert lines[1] == ""
    assert len(lines[2]) > 20
    assert lines[3] == ""


@EACH
def test_no_letter_has_unfilled_or_stray_blanks(name: str) -> None:
    subject, text, html = rendered(name)

    assert "\n" not in subject
    assert subject == subject.strip()
    for content in (subject, text, html):
        assert "{{" not in content
        assert "{%" not in content
        assert "None" not in content
        assert "Undefined" not in content
    assert not re.search(r"[ \t]\n|\n{3}", text)
    assert not re.search(r" [,.;:]", text.replace("://", "")), "a blank before a punctuation mark"


@EACH
def test_html_loads_nothing_from_anywhere(name: str) -> None:
    _, _, html = rendered(name)
    assert not re.search(r"<(img|link|script|style|iframe|object|form)\b|url\(|src=", html)


def test_no_letter_has_fields_for_figures_or_people() -> None:
    # Counts of points, places and units, and the instants and names of files and offices, are all that may be said.
    allowed_numbers = {"to_explain", "blocking", "more_places", "days_left", "expected", "counted", "version", "size"}
    for context in c.CONTEXTS.values():
        for field in fields(context):
            assert "signer" not in field.name
            assert "granted_by" not in field.name
            if field.type in {"int", "Decimal", "float"}:
                assert field.name in allowed_numbers, f"{context.__name__}.{field.name}"


def test_outside_names_are_escaped_in_html_only() -> None:
    _, text, html = rendered("digest_overdue")

    assert "Phường Ví Dụ <Nam>" in text
    assert "Phường Ví Dụ &lt;Nam&gt;" in html
    assert "<Nam>" not in html


def test_a_hostile_file_name_stays_text() -> None:
    hostile = replace(LETTERS["quarantined"], filename="<script>alert(1)</script>\r\nBcc: x@y.example.xlsx")  # type: ignore[call-arg]
    letter = render(TEMPLATES, "quarantined", hostile)

    assert "<script>" not in letter.html
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject


def test_a_late_accepted_report_is_called_late() -> None:
    _, text, _ = rendered("accepted:late")
    assert "nộp quá hạn. Còn 4 điểm cần giải trình." in text
    assert "thay thế báo cáo cùng kỳ" in text


def test_a_returned_report_names_blocking_points_and_deadline() -> None:
    subject, text, _ = rendered("returned")
    assert text.index("9 điểm phải sửa") < text.index("3 điểm cần giải trình")
    assert "hết ngày 19/06/2026 (thứ Sáu)" in text
    assert "9 điểm phải sửa" in subject


@pytest.mark.parametrize("reason", list(Screening))
def test_every_quarantine_reason_tells_what_to_do(reason: Screening) -> None:
    letter = render(TEMPLATES, "quarantined", replace(LETTERS["quarantined"], reason=reason.value))  # type: ignore[call-arg]
    (cure,) = [line for line in letter.text.splitlines() if line.startswith("Đề nghị quý đơn vị:")]
    assert "gửi lại" in cure or "liên hệ" in cure or "dùng đúng biểu mẫu" in cure


@pytest.mark.parametrize(
    ("days_left", "words"), [(3, "Còn 3 ngày"), (0, "Hôm nay là hạn cuối"), (-1, "Đã quá hạn nộp")]
)
def test_a_late_reminder_does_not_claim_time_left(days_left: int, words: str) -> None:
    letter = render(TEMPLATES, "reminder_before", replace(LETTERS["reminder_before"], days_left=days_left))  # type: ignore[call-arg]
    assert words in letter.text.splitlines()[2]


def test_the_signer_is_not_named_to_anybody() -> None:
    _, text, _ = rendered("signed")
    assert "05/BC-UBND" in text
    assert "24/06/2026" in text


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 6, 19, 16, 59, 59, tzinfo=UTC), "hết ngày 19/06/2026 (thứ Sáu)"),
        (datetime(2026, 2, 1, 10, 0, tzinfo=UTC), "17 giờ 00 phút ngày 01/02/2026 (Chủ nhật)"),
    ],
)
def test_deadlines_are_told_on_the_local_clock(moment: datetime, words: str) -> None:
    from zoneinfo import ZoneInfo

    assert deadline_text(moment, ZoneInfo("Asia/Ho_Chi_Minh")) == words


def test_dates_and_times_follow_the_decree_on_documents() -> None:
    from zoneinfo import ZoneInfo

    assert day_text(at(5, month=2).date()) == "05/02/2026"
    assert day_text(at(19).date()) == "19/06/2026"
    assert instant_text(datetime(2026, 6, 17, 7, 5, tzinfo=UTC), ZoneInfo("Asia/Ho_Chi_Minh")) == (
        "14 giờ 05 phút ngày 17/06/2026"
    )


def test_communes_and_offices_are_addressed_by_their_names() -> None:
    office = Unit(code="SO", name="Sở Thử nghiệm", kind=UnitKind.DEPARTMENT, email="")

    assert c.addressee_of(unit("1")) == "Ủy ban nhân dân xã Thử Nghiệm 1"
    assert c.addressee_of(unit("1"), head=True) == "Lãnh đạo Ủy ban nhân dân xã Thử Nghiệm 1"
    assert c.addressee_of(office) == "Sở Thử nghiệm"


def test_the_issuer_is_lower_case_within_a_sentence() -> None:
    assert regime().authority.issuer_in_sentence == "Ủy ban nhân dân tỉnh Thử Nghiệm"
    assert regime(issuer="Sở Thử nghiệm").authority.issuer_in_sentence == "Sở Thử nghiệm"


def test_an_unknown_letter_is_refused_with_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"reminder_last.*reminder_before"):
        render(TEMPLATES, "reminder_last", LETTERS["reminder_before"])


def test_a_context_of_another_letter_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Accepted"):
        render(TEMPLATES, "accepted", LETTERS["returned"])


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("body.txt", "{{ receipt }}", "receipt"),
        ("body.html", "{{ head.fax }}", "fax"),
        ("subject.txt", "{% if %}", "subject.txt:1"),
        # A template reads what it is given and reaches nothing else of the machine.
        ("body.txt", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("body.html", "{{ head.of.__globals__ }}", "unsafe"),
        ("body.html", "{{ head.__class__ }}", "unsafe"),
    ],
)
def test_a_template_error_names_file_and_reason(tmp_path: Path, file: str, content: str, words: str) -> None:
    copytree(TEMPLATES / "email", tmp_path / "email")
    (tmp_path / "email" / "accepted" / file).write_text(content)

    with pytest.raises(ConfigurationError, match=words) as caught:
        render(tmp_path, "accepted", LETTERS["accepted"])
    assert f"accepted/{file}" in str(caught.value)


def test_a_missing_template_names_the_file(tmp_path: Path) -> None:
    copytree(TEMPLATES / "email", tmp_path / "email")
    (tmp_path / "email" / "accepted" / "body.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"accepted/body\.txt"):
        render(tmp_path, "accepted", LETTERS["accepted"])


def test_the_letterhead_comes_from_the_regime() -> None:
    head = c.Letterhead.of(regime(), None)
    assert (head.office, head.period_code) == ("Cơ quan thường trực Chương trình", "")
    assert letterhead().period_code == "2026-H1"


@pytest.mark.parametrize(
    ("top", "approver"), [("tỉnh", "cơ quan thường trực"), ("phường", "Công an phường"), ("Sở", "Phòng Tổng hợp")]
)
def test_lead_body_letters_use_the_packs_own_titles(top: str, approver: str) -> None:
    asked = regime()
    words = asked.wording.model_copy(update={"top_short": top, "approver": approver})
    letters = lead_letters(c.Letterhead.of(asked.model_copy(update={"wording": words}), None))
    said = {name: render(TEMPLATES, name.split(":")[0], letter).text for name, letter in letters.items()}
    assert f"giữ việc tổng hợp báo cáo của {top} cho đến khi được trả lời" in said["slice_shared"]
    assert f"hoặc bị {approver} bác có nêu lý do" in said["slice_shared"]
    assert f"việc tổng hợp báo cáo của {top} dừng lại" in said["objection_raised:office"]
    assert f"bị {approver} bác, có nêu lý do" in said["objection_closed"]
    assert f"trước khi báo cáo của {top} được gửi" in said["objection_closed"]


def test_a_correction_letter_names_the_report_it_replaces() -> None:
    subject, text, _ = rendered("dispatch_correction")
    assert "đính chính, thay thế Báo cáo số 03/BC-UBND" in subject
    assert "thay thế Báo cáo số 03/BC-UBND ngày 22/06/2026" in text.splitlines()[2]
    assert "không sử dụng báo cáo đã được thay thế" in text


def test_returned_unit_is_told_until_when_to_resend() -> None:
    _, text, _ = rendered("correction_opened")
    assert "hết ngày 30/06/2026" in text.splitlines()[2]
    assert "vẫn có hiệu lực cho tới khi báo cáo nộp lại được tiếp nhận" in text


@pytest.mark.parametrize(
    ("state", "says", "never"),
    [
        ("window_opened", "hạn nộp: ", "được mở sau"),
        ("window_opened:late", "được mở sau hạn nộp", "kịp sửa trước hạn"),
        ("window_opened:locked", "liên hệ Cơ quan thường trực Chương trình để được gia hạn", "kịp sửa trước hạn"),
    ],
)
def test_letters_of_late_windows_ask_no_earlier_sending(state: str, says: str, never: str) -> None:
    letter = render(TEMPLATES, "window_opened", contexts()[state])
    for text in (letter.text, letter.html):
        assert says in " ".join(text.split()) and never not in text
    assert ("đã quá hạn nộp" in letter.subject) == (state != "window_opened")


ASKING = {
    "window_opened", "returned", "returned:again", "reminder_before", "misaddressed", "quarantined", 
    "correction_opened", "waiver_granted", "duplicate:returned", "slice_shared",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASKING))
def test_request_for_a_file_says_where_and_whom(name: str) -> None:
    _, text, html = rendered(name)
    assert "Nơi nộp (chọn một cách):\n\n1. Mở trang nộp báo cáo của riêng đơn vị: https://nop.example/a?b=1&c=2" in text
    assert 'href="https://nop.example/a?b=1&amp;c=2"' in html
    assert "Điện thoại: 0900.000.000 (số ví dụ); thư điện tử: tiep-nhan@tinh.example" in text.splitlines()[-1]


@pytest.mark.parametrize("name", ["accepted", "duplicate", "waiver_granted:waiver"])
def test_a_letter_asking_for_nothing_names_no_place(name: str) -> None:
    assert "Nơi nộp" not in rendered(name)[1]


@pytest.mark.parametrize("name", ["window_opened", "returned", "reminder_before", "reminder_before:today"])
def test_before_the_deadline_no_later_day_is_named(name: str) -> None:
    _, text, _ = rendered(name)
    assert "19/06/2026 (thứ Sáu)" in text and "24/06/2026" not in text


def test_deadline_is_explained_only_on_days_off() -> None:
    _, text, _ = rendered("reminder_before")
    assert text.count("19/06/2026") == 1
    sunday = replace(LETTERS["reminder_before"], due_at=at(21, 23, 59))  # type: ignore[call-arg]
    said = render(TEMPLATES, "reminder_before", sunday).text
    assert "hết ngày 21/06/2026 (Chủ nhật); ngày làm việc cuối cùng trước hạn là 19/06/2026 (thứ Sáu)" in said


def test_a_receipt_shows_what_was_received() -> None:
    _, text, _ = rendered("accepted")
    assert "Tệp đã nhận: 90001_2026-H1.xlsx (42 KB)" in text
    assert "Phụ lục số 01 | Chỉ số, khung kết quả | 58 ô" in text
    assert "(2,3 MB)" in rendered("accepted:late")[1] and "không phát sinh" in rendered("accepted:late")[1]


def test_the_leaders_get_what_they_decide_about() -> None:
    assert "Gửi kèm thư này: to-trinh.docx; bao-cao.pdf" in rendered("approval_requested:committee")[1]
