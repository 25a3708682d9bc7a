"""Cells whose number format shows a percentage: 8 is seen as 800%, and what the officer saw is not what is stored."""

from __future__ import annotations

import re

from baocao.xlsx.book import Book
from baocao.xlsx.xml import namespace

# `&#` may spell a percent sign as a number, NUL bytes mean UTF-16.
_MAY_HOLD = re.compile(rb"%|&#|\x00|numFmtId\s*=\s*[\"'](?:9|10)[\"']")
"""Without any of these in its bytes a style sheet has no such format and is not parsed."""
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
    if name is None or not _MAY_HOLD.search(book.package.read(name)):
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
