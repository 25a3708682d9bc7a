"""Cells whose number format shows a percentage: 8 is seen as 800%, and what the officer saw is not what is stored."""

from __future__ import annotations

import re

from baocao.xlsx.book import Book
from baocao.xlsx.spelling import is_plain
from baocao.xlsx.xml import namespace

# `&#` may spell a percent sign as a number, NUL bytes mean UTF-16.
_SIGNS = (b"%", b"&#", b"\x00")
_WITHOUT_CODE = re.compile(rb"numFmtId\s*=\s*[\"'](?:9|10)[\"']")
_NAMED_STYLES = re.compile(rb'<cellStyleXfs count="[0-9]+">.*?</cellStyleXfs>', re.DOTALL)
# `0%` and `0.00%`: formats up to 163 belong to the program and have no code in the file.
_BUILT_IN = frozenset({"9", "10"})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""What a format code prints or does without meaning it: quoted and escaped signs, paddings, colours."""


def is_percent(code: str) -> bool:
    """Whether a number format code multiplies by a hundred."""
    # A percent sign in quotes is only printed: `0"%"` shows 8 as 8%, which is what the officer typed.
    return "%" in _LITERAL.sub("", code)


def percent_styles(book: Book) -> frozenset[str]:
    """The cell styles (`c/@s`) that show a percentage."""
    name = book.related(book.main, "styles")
    if name is None or not _may_hold_percent(book.package.read(name)):
        return frozenset()
    root = book.root(name)
    space = namespace(root)
    own = {
        item.get("numFmtId", "")
        for item in root.iterfind(f"{{{space}}}numFmts/{{{space}}}numFmt")
        if is_percent(item.get("formatCode", ""))
    }
    looks = root.iterfind(f"{{{space}}}cellXfs/{{{space}}}xf")
    return frozenset(str(i) for i, look in enumerate(looks) if look.get("numFmtId", "") in _BUILT_IN | own)


def _may_hold_percent(content: bytes) -> bool:
    """Whether a style sheet must be parsed to know."""
    # LibreOffice lists a percentage among the named styles of every workbook, whether a cell has it or not.
    looked_at = _NAMED_STYLES.sub(b"", content, count=1) if is_plain(content) else content
    return any(sign in looked_at for sign in _SIGNS) or _WITHOUT_CODE.search(looked_at) is not None
