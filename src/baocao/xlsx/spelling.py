"""Whether a part is written in the spelling of XML that every office program uses, told from its bytes.

The fast reader and some short cuts of ours are right about that spelling only; everything else goes the long way.
"""

from __future__ import annotations

from baocao.xlsx.paths import count_cells, count_rows, is_worksheet
from baocao.xlsx.xml import Element


def is_usual(content: bytes, root: Element) -> bool:
    """UTF-8 without a mark in front, no CDATA, comment or instruction, no prefix; in a sheet each row and cell begins
    with its address and no character is written as a number.

    `<` cannot stand in a text, so without comments and CDATA the bytes hold `<c r="` as often as there are cells only
    when every cell is written so.
    """
    if not is_plain(content) or root.prefix is not None or (b"#" in content and b"&#" in content):
        return False
    if not is_worksheet(root):
        return True
    return content.count(b'<c r="') == count_cells(root) and content.count(b'<row r="') == count_rows(root)


def is_plain(content: bytes) -> bool:
    """UTF-8 without a mark in front; no CDATA, comment or instruction. One letter is looked for before two: faster."""
    if not content.startswith(b"<") or (b"!" in content and b"<!" in content):
        return False
    # The declaration lies within the first 200 bytes; behind them `?>` ends an instruction.
    if content.find(b"?", 200) >= 0 and content.find(b"?>", 200) >= 0:
        return False
    if not content.startswith(b"<?xml"):
        return True
    declaration, _, rest = content[:200].partition(b"?>")
    return b"?>" not in rest and (b"encoding" not in declaration or b"utf-8" in declaration.lower())


def has_plain_root(content: bytes, name: bytes) -> bool:
    """Whether a part that need not be parsed plainly begins with this element, without a prefix."""
    if not is_plain(content):
        return False
    start = content[:200]
    body = start.partition(b"?>")[2] if start.startswith(b"<?xml") else start
    return body.lstrip().startswith(b"<" + name + b" ")
