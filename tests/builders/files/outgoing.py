"""What is sent out, read as whoever receives it could: every part of every file, and what must not stand there."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pypdfium2

INTERNAL = (
    "trình ký",
    "ký duyệt",
    "bản chốt",
    "chưa chốt",
    "dự thảo",
    "điểm cần lưu ý",
    "phải xử lý",
    "đề nghị giải trình",
    "chưa có giải trình",
    "chưa có quyết định chọn nguồn",
    "phản đối",
    "lý do bác",
    "ký, ghi rõ họ tên",
    "ký, đóng dấu",
    "người lập biểu",
    "bố cục biểu",
    "giả định",
    "dấu vân",
    "sổ tay vận hành",
    "biên nhận",
    "hãy ",
    "baocao ",
    "include/",
    "_values",
    "frozen",
    "trang ẩn",
    "tử số",
    "mẫu số",
)
"""Words of those who prepare, check and sign, and of those who fill a form in."""
HIDDEN = "trang ẩn"
"""What a hidden sheet is told as, other than `_meta`, by which a program knows the layout (docs/consolidated.md)."""
_RULE = re.compile(r"\bV[0-6][0-9]\b")
_TAG = re.compile(r"<[^>]+>")


def words_of(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """(part, its words): of a package every XML part, text and attributes; of a letter both bodies; else the text."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for part in package.namelist():
                if part.endswith((".xml", ".rels", ".vml")):
                    xml = package.read(part).decode("utf-8")
                    said = " ".join(re.findall(r'(?:name|descr|title|display)="([^"]*)"', xml))
                    # A run ends in the middle of a word: runs are joined, cells and paragraphs are parted.
                    text = _TAG.sub("", re.sub(r"</(?:w:p|t|c|si|row|w:tc)>", " ", xml))
                    yield f"{name}/{part}", html.unescape(f"{text} {said}")
                    if set(re.findall(r'<sheet name="([^"]*)"[^>]*state="(?:very)?[hH]idden"', xml)) - {"_meta"}:
                        yield f"{name}/{part}", HIDDEN
    elif name.endswith(".eml"):
        message = message_from_bytes(data, policy=policy.default)
        yield f"{name}/subject", str(message["Subject"])
        for piece in message.walk():
            if piece.get_content_maintype() == "text":
                yield f"{name}/{piece.get_content_type()}", html.unescape(_TAG.sub(" ", piece.get_content()))
    elif data.startswith(b"%PDF"):
        # Letters with marks come out of a page in an order of their own: a PDF is read by what it says of itself.
        yield f"{name}/properties", " ".join(pypdfium2.PdfDocument(data).get_metadata_dict().values())
    else:
        yield name, html.unescape(_TAG.sub(" ", data.decode("utf-8")))


def internal_words(files: dict[str, bytes]) -> list[str]:
    """`part: phrase … where` for every internal phrase in these files."""
    found = []
    for name, data in files.items():
        for part, text in words_of(name, data):
            plain = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
            lower = plain.casefold()
            for phrase in INTERNAL:
                at = lower.find(phrase)
                if at >= 0:
                    found.append(f"{part}: {phrase!r} in …{plain[max(0, at - 40) : at + 60]}…")
            found += [
                f"{part}: rule {m.group()} in …{plain[m.start() - 40 : m.end() + 20]}…" for m in _RULE.finditer(plain)
            ]
    return found


def sent_by_mail(outbox: Path, regime: str, recipients: list[str]) -> dict[str, bytes]:
    """The letters to these recipients of a regime, and everything attached to them."""
    found: dict[str, bytes] = {}
    for recipient in recipients:
        (letter,) = sorted(outbox.glob(f"{regime}__*__{recipient}__dispatch*.eml"))
        data = letter.read_bytes()
        found[letter.name] = data
        for part in message_from_bytes(data, policy=policy.default).iter_attachments():
            content = part.get_content()
            found[str(part.get_filename())] = content.encode() if isinstance(content, str) else content
    return found
