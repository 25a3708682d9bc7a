"""A text that comes back from an office, as Word or Markdown: read in the process that opens files from outside.

What is read is plain data (`Edited`); whether it may be taken is judged elsewhere (`judging`).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from baocao.documents.narrative.blocks import Section
from baocao.documents.narrative.marks import SIGNS
from baocao.forms.reading.raw import Unreadable
from baocao.text import nfc
from baocao.xlsx.limits import MEGABYTE, Limits
from baocao.xlsx.package import Encrypted, Oversized, ZipPackage
from baocao.xlsx.xml import Element, Forbidden, Malformed, parse

LIMITS = Limits(file_bytes=10 * MEGABYTE, part_bytes=20 * MEGABYTE, total_bytes=40 * MEGABYTE)
_MOST_PARAGRAPHS, _LONGEST = 5000, 20_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SECTION = re.compile(r"^# +(?P<title>.*?)\s*\{#(?P<code>[^{}]+)\}\s*$")
_HEADS = {"heading 1": "# ", "heading 2": "## ", "heading 3": "### "}
# A private character in a file from outside would be taken for one of our marks.
_STRAY = re.compile(f"[{SIGNS}]")
_BOOKMARK = "so_lieu_"
_SOURCE_TEXT = re.compile(r"^regime=[\w-]+; period=")
_OBJECT_TEXT = re.compile(r"^\[(Bảng|Hình): ([\w-]+)[^\]]*\]$")
BY_TITLE = "?"
"""Code of a section whose heading lost its tag: found by its title."""
SOURCE, SECTION = "nguon:", "muc:"
"""Tags of the controls that say which report a Word file is of, and which section a heading begins."""


@dataclass(frozen=True)
class EditedSection:
    """The text of one section as the office left it."""

    code: str
    title: str
    text: str
    """Markdown"""


@dataclass(frozen=True)
class Edited:
    """What stands in the file."""

    source: dict[str, str]
    """`regime`, `period`, `report`, `revision` as they were written at the export"""
    sections: tuple[EditedSection, ...]


def source_line(source: dict[str, str]) -> str:
    """`regime=…; period=…`: how a Word file carries which report it is of."""
    return "; ".join(f"{key}={value}" for key, value in source.items())


def tag_of(key: str) -> str:
    """The tag of a figure's control: Word keeps 64 letters of it."""
    return key if len(key) <= 64 else key[:64]


def bookmarks_of(sections: Iterable[Section]) -> dict[str, str]:
    """Figure -> the name of the bookmark around it: some office programs keep the controls and forget their tags."""
    keys = sorted({span.key for section in sections for span in section.figures})
    return {key: f"{_BOOKMARK}{number}" for number, key in enumerate(keys)}


def read_task(data: bytes, order: dict[str, Any]) -> bytes:
    """A task of the reader's process: the edited text as JSON. `order`: `filename`. Raises Unreadable."""
    if len(data) > LIMITS.file_bytes:
        raise Unreadable(
            "too_large", f"Tệp lớn hơn {LIMITS.file_bytes // MEGABYTE} MB, không phải tệp lời văn đã xuất."
        )
    # By the first bytes: people rename files, and mail programs do.
    is_word = data.startswith(b"PK\x03\x04")
    edited = _from_word(data) if is_word else _from_markdown(data, str(order["filename"]))
    return json.dumps(asdict(edited), ensure_ascii=False).encode()


def from_wire(data: bytes) -> Edited:
    """The edited text out of the JSON that `read_task` answered."""
    found = json.loads(data)
    return Edited(found["source"], tuple(EditedSection(**s) for s in found["sections"]))


# ------------------------------------------------------------------------------------------------------- Markdown


def _from_markdown(data: bytes, filename: str) -> Edited:
    try:
        text = _STRAY.sub("", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        ending = PurePath(filename).suffix or "không đuôi"
        said = f"Tệp ({ending}) không phải Word .docx hoặc văn bản UTF-8. Hãy lưu lại dạng .docx hoặc .md (UTF-8)."
        raise Unreadable("not_text", said) from None
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:20]):
        raise Unreadable("no_source", _NO_SOURCE)
    end = next(i for i, line in enumerate(lines[1:20], 1) if line.strip() == "---")
    source = {}
    for line in lines[1:end]:
        key, _, value = line.partition(":")
        source[key.strip()] = value.strip()
    return Edited(source, tuple(_sections(lines[end + 1 :])))


def _sections(lines: list[str]) -> Iterator[EditedSection]:
    """The text cut at its section headings; what stands before the first one are instructions."""
    code = title = ""
    body: list[str] = []
    for line in lines:
        found = _SECTION.match(nfc(line))
        if found is None and re.match(r"^# ", line):
            said = (
                f"Tiêu đề mục “{nfc(line)[2:80]}” đã mất mã {{#…}}. Hãy giữ nguyên dòng tiêu đề các mục như khi xuất."
            )
            raise Unreadable("no_section", said)
        if found is not None:
            if code:
                yield EditedSection(code, title, "\n".join(body).strip())
            code, title, body = found["code"], found["title"], []
        elif code:
            body.append(line)
    if code:
        yield EditedSection(code, title, "\n".join(body).strip())


_NO_SOURCE = (
    "Tệp không có thông tin báo cáo ở đầu (hoặc đã bị xóa). Hãy xuất lại bằng `baocao narrative export` rồi chép nội "
    "dung đã sửa vào tệp đó."
)


# ----------------------------------------------------------------------------------------------------------- Word


def _from_word(data: bytes) -> Edited:
    body, styles = _document(data)
    # Which of the two readings is meant only the office can say.
    if any(True for _ in body.iter(f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo")):
        said = "Tệp còn thay đổi đang theo dõi (Track Changes). Hãy chấp nhận hoặc bỏ từng thay đổi rồi gửi lại."
        raise Unreadable("tracked", said)
    # Figures in a table of somebody's own would pass by every check of the sentences.
    if (table := next(body.iter(f"{_W}tbl"), None)) is not None:
        words = nfc("".join(t.text or "" for t in table.iter(f"{_W}t")))[:80]
        said = f"Tệp có bảng do người sửa thêm (“{words}”). Lời văn không nhận bảng: hãy viết thành câu."
        raise Unreadable("table", said)
    source: dict[str, str] = {}
    lines: list[str] = []
    # Of the whole tree: paragraphs also lie inside controls around them.
    for number, paragraph in enumerate(body.iter(f"{_W}p")):
        if number > _MOST_PARAGRAPHS:
            raise Unreadable("too_long", f"Tệp có hơn {_MOST_PARAGRAPHS} đoạn, không phải tệp lời văn đã xuất.")
        tags, text = _paragraph(paragraph)
        if _SOURCE_TEXT.match(text):
            source = dict(pair.split("=", 1) for pair in text.split("; ") if "=" in pair)
            continue
        lines += ["", _line(paragraph, styles, tags, text)]
    if not source:
        raise Unreadable("no_source", _NO_SOURCE)
    return Edited(source, tuple(_sections(lines)))


def _document(data: bytes) -> tuple[Element, dict[str, str]]:
    """The body, and style id -> name in small letters."""
    try:
        package = ZipPackage(data, LIMITS)
        name, sheet = package.find("word/document.xml"), package.find("word/styles.xml")
        if name is None:
            raise Unreadable("not_docx", "Tệp không phải văn bản Word .docx. Hãy lưu lại dạng .docx hoặc .md.")
        root = parse(package.read(name))
        styles = parse(package.read(sheet)) if sheet is not None else None
    except Encrypted:
        raise Unreadable("encrypted", "Tệp có mật khẩu. Hãy bỏ mật khẩu rồi gửi lại.") from None
    except (Oversized, zipfile.BadZipFile, Forbidden, Malformed):
        raise Unreadable(
            "broken", "Tệp Word hỏng hoặc có cấu trúc bất thường. Hãy mở bằng Word, lưu lại dạng .docx."
        ) from None
    body = root.find(f"{_W}body")
    if body is None:
        raise Unreadable("not_docx", "Tệp không phải văn bản Word .docx. Hãy lưu lại dạng .docx hoặc .md.")
    names = {}
    for style in styles.iter(f"{_W}style") if styles is not None else ():
        named = style.find(f"{_W}name")
        if named is not None:
            names[style.get(f"{_W}styleId", "")] = str(named.get(f"{_W}val", "")).casefold()
    return body, names


def _paragraph(paragraph: Element) -> tuple[list[str], str]:
    """The tags of its controls, and its text with each figure's control as `{{tag|value}}`."""
    tags: list[str] = []
    pieces: list[str] = []
    mark = ""
    for child in paragraph:
        # LibreOffice 7.4 drops the tags of controls when it saves, and keeps bookmarks (ADR 0033).
        if child.tag == f"{_W}bookmarkStart":
            mark = _bookmark(child) or mark
        elif child.tag == f"{_W}bookmarkEnd":
            mark = ""
        elif child.tag == f"{_W}sdt":
            found = child.find(f"{_W}sdtPr/{_W}tag")
            tag = "" if found is None else str(found.get(f"{_W}val", ""))
            inside = (_bookmark(b) for b in child.iter(f"{_W}bookmarkStart"))
            tag = tag or mark or next(filter(None, inside), "")
            tags.append(tag)
            inner = nfc(_text(child))
            plain = not tag or tag.startswith((SOURCE, SECTION))
            pieces.append(_text(child) if plain else f"{{{{{tag}|{inner}}}}}")
        else:
            pieces.append(_text(child))
    text = _STRAY.sub("", "".join(pieces))
    if len(text) > _LONGEST:
        raise Unreadable("too_long", f"Đoạn bắt đầu bằng “{text[:60]}” dài hơn {_LONGEST} ký tự. Hãy tách đoạn.")
    return tags, nfc(text)


def _bookmark(start: Element) -> str:
    """The name of a figure's bookmark without the number of its repetition; empty for any other bookmark."""
    name = str(start.get(f"{_W}name", ""))
    return name.partition("__")[0] if name.startswith(_BOOKMARK) else ""


def _text(element: Element) -> str:
    parts = []
    for node in element.iter():
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            parts.append(" ")
        elif node.tag == f"{_W}noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _line(paragraph: Element, styles: dict[str, str], tags: list[str], text: str) -> str:
    """The paragraph as a line of Markdown."""
    placed = next((t for t in tags if t.startswith(("bang:", "hinh:"))), None)
    if placed is None and (found := _OBJECT_TEXT.match(text)) is not None:
        placed = f"{'bang' if found[1] == 'Bảng' else 'hinh'}:{found[2]}"
    if placed is not None:
        return f"{{{{{placed}}}}}"
    code = next((t.removeprefix(SECTION) for t in tags if t.startswith(SECTION)), "")
    if code:
        return f"# {text} {{#{code}}}"
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    head = _HEADS.get(styles.get(str(style.get(f"{_W}val")), ""), "") if style is not None else ""
    if head == "# " and text:
        return f"# {text} {{#{BY_TITLE}}}"
    if head and text:
        return head + text
    listed = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
    return f"- {text}" if listed and not text.startswith("- ") else text
