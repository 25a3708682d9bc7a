"""Headers in Vietnamese must survive every mail program: folded, encoded, and read back to the letter."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import SMTP, default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from baocao.delivery.letters import Letter
from baocao.delivery.mail_headers import address_header, encoded_words, header, subject_header
from baocao.delivery.message import AttachedFile, compose, message_id, named, parse_address
from builders.mail.delivery import at

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VIETNAMESE = st.text(
    alphabet=st.sampled_from(
        "ạảãàáâậầấẩẫăắằặẳẵóòọõỏôộổỗồốơờớợởỡéèẻẹẽêếềệểễúùụủũưựữửừứíìịỉĩýỳỷỵỹđĐABCxyz 0123456789,.-–()“”\"'"
    ),
    min_size=1,
    max_size=180,
).map(lambda s: " ".join(s.split()))


def composed(subject: str = "Chủ đề", *, to: str = "a@xa.example", files: tuple[AttachedFile, ...] = ()) -> bytes:
    return compose(
        Letter(subject, "Nội dung\n", "<p>Nội dung</p>\n"),
        files,
        sender="Cơ quan thường trực <bao-cao@tinh.example>",
        recipient=to,
        identity=message_id("che-do", "2026-H1", "90001", "t-3"),
        date=at(16),
    ).content


def decoded(raw: bytes, name: str) -> str:
    return str(make_header(decode_header(message_from_bytes(raw)[name])))


@given(VIETNAMESE.filter(bool))
def test_any_vietnamese_subject_reads_back_to_the_letter(subject: str) -> None:
    assert decoded(composed(subject), "Subject") == subject


@given(VIETNAMESE.filter(bool))
@example(" ".join(["Ủy ban nhân dân tỉnh"] * 8))
@example("Ộ" * 90)
def test_encoded_words_and_header_lines_stay_short(text: str) -> None:
    assert all(len(word) <= 75 for word in encoded_words(text))
    head = composed(text).split(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 78 for line in head.split("\r\n"))


@pytest.mark.parametrize(
    "name",
    [
        "Ủy ban nhân dân xã Thử Nghiệm",
        'Ủy ban nhân dân xã Thử Nghiệm, "Cũ" (qua Bộ phận tiếp nhận, cơ quan thường trực)',
        "Ban Quan ly, Phong 2 (tang 3)",
        "Đặc khu Đảo",
    ],
)
def test_a_display_name_never_changes_the_address(name: str) -> None:
    raw = composed(to=named(name, "xa-thu@xa.example"))

    header = re.search(rb"\r\nTo: (.*?)\r\n[A-Z]", raw, re.DOTALL)
    assert header is not None
    assert header[1].endswith(b"<xa-thu@xa.example>")
    shown = decoded(raw, "To").removesuffix("<xa-thu@xa.example>").strip()
    assert shown.strip('"').replace('\\"', '"') == name


def test_a_workbook_keeps_its_vietnamese_name_and_type() -> None:
    name = "Báo cáo đã sửa – xã Thử Nghiệm, 6 tháng đầu năm 2026 (bản thứ hai).xlsx"
    message = message_from_bytes(composed(files=(AttachedFile(name, XLSX, b"PK\x03\x04"),)), policy=default)

    (part,) = message.iter_attachments()
    assert part.get_filename() == name
    assert part.get_content_type() == XLSX
    assert part.get_content() == b"PK\x03\x04"


def test_text_precedes_html_and_attachments_come_last() -> None:
    message = message_from_bytes(composed(files=(AttachedFile("a.xlsx", XLSX, b"x"),)), policy=default)

    assert [p.get_content_type() for p in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        XLSX,
    ]
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("names", [(), ("a.xlsx", "Báo cáo đã sửa – xã Thử Nghiệm, bản 2.xlsx")])
def test_the_standard_library_writes_the_same_bytes(names: tuple[str, ...]) -> None:
    raw = composed(files=tuple(AttachedFile(name, XLSX, name.encode() * 30) for name in names))
    message = message_from_bytes(raw, policy=SMTP.clone(refold_source="none"))

    assert message.as_bytes() == raw
    assert [part.defects for part in message.walk()] == [[]] * (3 + (len(names) + 1 if names else 0))
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))  # type: ignore[attr-defined]
    assert (plain.get_content(), html.get_content()) == ("Nội dung\r\n", "<p>Nội dung</p>\r\n")
    found = [(p.get_filename(), p.get_content()) for p in message.iter_attachments()]  # type: ignore[attr-defined]
    assert found == [(name, name.encode() * 30) for name in names]


def test_the_same_letter_gives_the_same_bytes() -> None:
    files = (AttachedFile("a.xlsx", XLSX, b"x"),)
    assert composed(files=files) == composed(files=files)


def test_different_keys_give_different_message_ids() -> None:
    keys = [
        ("r", "2026-H1", "a", "b-c"),
        ("r", "2026-H1", "a-b", "c"),
        ("r", "2026-H1", "a/b", "c"),
        ("r", "2026-H1", "a.b", "c"),
    ]
    identities = [message_id(*k) for k in keys]

    assert len(set(identities)) == len(keys)
    assert message_id(*keys[0]) == identities[0]
    assert all(re.fullmatch(r"<[^\s<>@]+@[a-z0-9.-]+>", i) for i in identities)


def test_a_long_message_id_is_not_broken() -> None:
    identity = message_id("mot-che-do-bao-cao-co-ten-rat-dai", "2026-H1", "90001", "alarm:" + "x" * 58)
    raw = compose(
        Letter("a", "b", "c"), (), sender="a@b.example", recipient="c@d.example", identity=identity, date=at(16)
    ).content
    assert f"Message-ID: {identity}\r\n".encode() in raw


@pytest.mark.parametrize(
    "bad",
    ["", "xã Thử", "a@", "@b.example", "a b@c.example", "a@b.example, c@d.example", "á@b.example", "a@b..example",
     "a@b.example\r\nBcc: x@y.example", "Xã\r\nBcc: x@y.example <a@b.example>", "<a@b.example"[1:] + ">>"],
)  # fmt: skip
def test_an_undeliverable_address_is_refused_with_a_cure(bad: str) -> None:
    with pytest.raises(ValueError, match="không hợp lệ"):
        parse_address(bad)


def test_a_subject_line_break_cannot_add_a_header() -> None:
    with pytest.raises(ValueError, match="Subject: a header cannot hold a line break"):
        composed("Nhắc\r\nBcc: x@y.example")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a" * 39, ["a" * 39]),
        ("a" * 40, ["a" * 39, "a"]),
        ("a" * 38 + "đ", ["a" * 38, "đ"]),  # two bytes, never parted
        ("a" * 20 + " " + "b" * 18, ["a" * 20 + " " + "b" * 18]),
        ("a" * 20 + " " + "b" * 19, ["a" * 20 + " ", "b" * 19]),
        ("a" * 20 + " " + "b" * 45, ["a" * 20 + " ", "b" * 39, "b" * 6]),
    ],
)
def test_encoded_words_are_cut_behind_a_blank_where_there_is_one(text: str, words: list[str]) -> None:
    assert [str(make_header(decode_header(word))) for word in encoded_words(text)] == words


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a" * 65, True), ("a" * 66, False), ("=?utf-8?b?eA==?=", False), ("Bao cao", True), ("Báo cáo", False)],
)
def test_only_a_short_plain_subject_is_written_as_it_is(text: str, plain: bool) -> None:
    assert (subject_header(text) == f"Subject: {text}\r\n".encode()) is plain
    assert str(make_header(decode_header(subject_header(text).decode().removeprefix("Subject: ").strip()))) == text


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("", ""),
        ("Van thu", "Van thu\r\n "),
        ("a" * 60, "a" * 60 + "\r\n "),
        ("a" * 61, None),
        ("=?x?=", None),
        ("Văn thư", None),
        ("Van thu, phong (1)", '"Van thu, phong (1)"\r\n '),
        ('A "B" \\C', '"A \\"B\\" \\\\C"\r\n '),
    ],
)
def test_a_display_name_is_plain_quoted_or_encoded(name: str, phrase: str | None) -> None:
    line = address_header("To", Address(name, addr_spec="a@xa.example")).decode()
    said = line.removeprefix("To: ").removesuffix("\r\n")
    if phrase is None:
        words, _, address = said.rpartition("\r\n ")
        assert (words.startswith("=?utf-8?b?"), address) == (True, "<a@xa.example>")
    else:
        assert said == (f"{phrase}<a@xa.example>" if name else "a@xa.example")


@pytest.mark.parametrize("lines", [("a\nBcc: b@xa.example",), ("first", "a\r\nBcc: b@xa.example"), ("a\x0bb",)])
def test_no_line_of_a_header_begins_another(lines: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="To: a header cannot hold a line break"):
        header("To", *lines)
    assert header("To", "first", "second") == b"To: first\r\n second\r\n"
