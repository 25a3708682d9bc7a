"""Strangers' messages: what is taken from them, what is left, and what is not even opened."""

from __future__ import annotations

import random
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart

import pytest

from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import Unreadable
from baocao.intake.mail.authentication import why_not_authentic
from baocao.intake.mail.message_opening import MAX_FILES, open_message, opened
from baocao.intake.mail.opened import AttachmentRemark, MessageKind, from_wire, to_wire
from builders.mail.mail import bounce, message, raw_part, zipped

BOOK = zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"})


def names(data: bytes) -> list[str]:
    return [file.name for file in opened(data).files]


def test_an_attached_workbook_is_taken_with_its_sender() -> None:
    sent = message(
        '"UBND xã" <Xa@Xa.example>',
        files=[("báo cáo xã.xlsx", BOOK)],
        headers={"References": "<a@b.example> <c@d.example>", "In-Reply-To": "<c@d.example>"},
    )
    found = opened(sent.as_bytes())
    assert (found.kind, found.sender, found.message_id) == (MessageKind.REPORT, "xa@xa.example", "<thu-1@xa.example>")
    assert found.references == ("<a@b.example>", "<c@d.example>")
    assert [(f.name, f.data) for f in found.files] == [("báo cáo xã.xlsx", BOOK)]
    assert from_wire(to_wire(found)) == found


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment; filename*=UTF-8''b%C3%A1o%20c%C3%A1o.xlsx", "báo cáo.xlsx"),
        (b"attachment; filename*0*=UTF-8''b%C3%A1o;\r\n filename*1*=%20c%C3%A1o.xlsx", "báo cáo.xlsx"),
        (b'attachment; filename="=?utf-8?b?YsOhbyBjw6FvLnhsc3g=?="', "báo cáo.xlsx"),
        (b'attachment; filename="=?utf-8?q?b=C3=A1o?= =?utf-8?q?_c=C3=A1o=2Exlsx?="', "báo cáo.xlsx"),
        (b'attachment; filename="=?utf-8?q?b=C3=A1o?==?utf-8?q?_c=C3=A1o=2Exlsx?="', "báo cáo.xlsx"),
        ('attachment; filename="báo cáo.xlsx"'.encode(), "báo cáo.xlsx"),
        ('attachment; filename="Đơn vị.xlsx"'.encode("cp1258", "ignore"), "Đơn v.xlsx"),
        (b"attachment; filename=\"UTF-8''b%C3%A1o%20c%C3%A1o.xlsx\"", "báo cáo.xlsx"),
        (b'attachment; filename="=?khong-co?b?YQ==?=.xlsx"', "a.xlsx"),
        (b"attachment", "khong-ten"),
    ],
)
def test_vietnamese_names_in_every_way_programs_write_them(disposition: bytes, name: str) -> None:
    (found,) = names(raw_part(disposition, BOOK))
    assert found.replace(" .", ".") == name or found == name


def test_wrong_mime_types_and_names_change_nothing() -> None:
    assert names(raw_part(b'attachment; filename="bao-cao.dat"', BOOK, b"image/png")) == ["bao-cao.dat"]
    assert names(raw_part(b'inline; filename="bao-cao.xlsx"', BOOK, b"text/plain")) == ["bao-cao.xlsx"]


def test_zips_are_unpacked_but_workbooks_are_not() -> None:
    inside = {"thu mục/Biểu xã.xlsx": BOOK, "__MACOSX/._x": b"x", "Thumbs.db": b"x", "ky.pdf": b"%PDF-1.7"}
    assert names(message(files=[("tat-ca.zip", zipped(inside))]).as_bytes()) == ["Biểu xã.xlsx", "ky.pdf"]
    assert names(message(files=[("doi-ten.zip", BOOK)]).as_bytes()) == ["doi-ten.zip"]


def test_a_zip_bomb_is_kept_as_one_file() -> None:
    bomb = zipped({f"{n}.xlsx": bytes(60 << 20) for n in range(3)})
    with ReaderProcess(memory_bytes=600 << 20) as reader:
        found = from_wire(reader.run(open_message, message(files=[("bom.zip", bomb)]).as_bytes()))
    assert [(f.name, f.data) for f in found.files] == [("bom.zip", bomb)]


def test_signature_pictures_are_left_but_scans_are_taken() -> None:
    made = EmailMessage()
    made["From"] = "xa@xa.example"
    made.set_content("chao")
    made.add_alternative('<p>Chào</p><img src="cid:logo1">', subtype="html")
    body = made.get_payload()[1]  # type: ignore[index]
    body.add_related(b"\x89PNG" + bytes(90_000), maintype="image", subtype="png", cid="<logo1>", filename="logo.png")  # type: ignore[union-attr]
    made.add_attachment(
        b"\xff\xd8" + bytes(900), maintype="image", subtype="jpeg", filename="a.jpg", disposition="inline"
    )
    made.add_attachment(b"\xff\xd8" + bytes(90_000), maintype="image", subtype="jpeg", filename="ban-ky.jpg")
    found = opened(made.as_bytes())
    assert [(f.name, f.is_picture) for f in found.files] == [("ban-ky.jpg", True)]


def test_a_forwarded_message_is_looked_into() -> None:
    inner = message("khac@xa.example", files=[("trong.xlsx", BOOK)])
    outer = message(identity="<ngoai@xa.example>")
    outer.add_attachment(inner)
    found = opened(outer.as_bytes())
    assert ([f.name for f in found.files], found.sender) == (["trong.xlsx"], "xa@xa.example")


def test_what_cannot_be_taken_is_named() -> None:
    outlook = raw_part(b'attachment; filename="winmail.dat"', b"\x78\x9f\x3e\x22", b"application/ms-tnef")
    assert opened(outlook).remarks == (AttachmentRemark.WINMAIL,)
    linked = opened(message(body="Tệp ở https://drive.google.com/file/d/abc/view").as_bytes())
    assert (linked.remarks, linked.files) == ((AttachmentRemark.DRIVE_LINK,), ())
    many = opened(message(files=[(f"{n}.xlsx", BOOK) for n in range(MAX_FILES + 3)]).as_bytes())
    assert len(many.files) == MAX_FILES and many.remarks == (AttachmentRemark.TOO_MANY,)


def test_bounces_and_automatic_replies_are_no_submissions() -> None:
    found = opened(bounce("<2026-H1/1/t+0@che-do.baocao.example>", "xa@xa.example"))
    assert found.kind is MessageKind.BOUNCE and found.original_id == "<2026-H1/1/t+0@che-do.baocao.example>"
    (failure,) = found.failures
    assert (failure.recipient, failure.status) == ("xa@xa.example", "5.1.1") and "User unknown" in failure.diagnostic
    assert opened(bounce("<a@b.example>", "xa@xa.example", "4.4.1", "delayed")).failures == ()
    for headers, subject in (
        ({"Auto-Submitted": "auto-replied (vacation)"}, "Re: nhắc"),
        ({"X-Autoreply": "yes"}, "Re: nhắc"),
        ({}, "Trả lời tự động: vắng mặt"),
    ):
        away = opened(message(subject=subject, files=[("bao-cao.xlsx", BOOK)], headers=headers).as_bytes())
        assert (away.kind, away.files) == (MessageKind.AUTO_REPLY, ())


def test_deeply_nested_or_split_messages_stay_unopened() -> None:
    deep = message(files=[("a.xlsx", BOOK)])
    for n in range(12):
        outer = message(identity=f"<{n}@xa.example>")
        outer.add_attachment(deep)
        deep = outer
    split = MIMEMultipart()
    for _ in range(300):
        split.attach(MIMEMultipart())
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(5000))
    with ReaderProcess() as reader:
        for hostile in (deep.as_bytes(), split.as_bytes(), nested):
            with pytest.raises(Unreadable) as refused:
                reader.run(open_message, hostile)
            assert refused.value.reason_code == "mail_structure"


def test_ambiguous_senders_and_broken_headers_are_not_trusted() -> None:
    assert opened(message("a@x.example, b@x.example").as_bytes()).sender == ""
    odd = (
        b"From: xa@xa.example\r\nSubject: =?utf-8?q?a=0D=0ABcc=3A_x?=\r\nMessage-ID: <a b>\r\n"
        b"References: <ok@x> bad\x00 <\xff@y>\r\n\r\nx"
    )
    found = opened(odd)
    assert "\n" not in found.subject and found.message_id == "" and found.references == ("<ok@x>",)


def test_damaged_messages_are_read_as_far_as_possible() -> None:
    """Bytes changed, cut and doubled at random places: an answer or a refusal, never another error."""
    draw, whole = random.Random(2026), message(files=[("a.xlsx", BOOK), ("b.zip", zipped({"c.xlsx": BOOK}))]).as_bytes()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 12)):
            at = draw.randrange(len(data))
            data[at : at + draw.choice([0, 1, 40])] = bytes(draw.randrange(256) for _ in range(draw.choice([0, 1, 5])))
        try:
            from_wire(open_message(bytes(data), {}))
        except Unreadable:
            continue


RELAY = "mx.tinh.example"


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ((), "không mang kết quả"),
        (("khac.example; spf=pass",), "không mang kết quả"),
        ((f"{RELAY}; spf=pass smtp.mailfrom=xa.example",), ""),
        ((f"{RELAY}; spf=none; dkim=none",), ""),
        ((f"{RELAY}; spf=fail (mx: 1.2.3.4; not allowed) smtp.mailfrom=xa.example",), "SPF"),
        ((f"{RELAY} 1; spf=softfail",), "SPF"),
        ((f"{RELAY}; spf=fail; dkim=pass header.d=xa.example",), ""),
        ((f"{RELAY}; dkim=fail; spf=none",), "DKIM"),
        ((f"{RELAY}; spf=fail; dmarc=pass",), ""),
        ((f"{RELAY}; spf=pass; dmarc=fail",), "DMARC"),
        # Whoever writes it below our relay's own line wrote it themselves.
        ((f"{RELAY}; spf=fail", f"{RELAY}; spf=pass"), "SPF"),
    ],
)
def test_only_our_own_relay_is_trusted_about_senders(headers: tuple[str, ...], doubt: str) -> None:
    said = why_not_authentic(headers, RELAY)
    assert said.find(doubt) >= 0 and bool(said) == bool(doubt)
