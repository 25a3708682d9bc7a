"""Ý kiến của các đơn vị: the units' own words, gathered for the narrative sections, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from baocao.documents.word_report.numerals import two_digits
from baocao.text import fold, nfc

_NOTHING = re.compile(
    r"(chưa|không)( có| phát sinh)?"
    r"(( gì| ý kiến| kiến nghị| đề xuất| đề nghị| khó khăn| vướng mắc| tồn tại| hạn chế| nội dung| thêm| khác)"
    r"(,| và| hoặc|/)?)*"
)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Opinion:
    """One text and everybody who sent it."""

    text: str
    units: tuple[str, ...]
    """names, in the order the texts came in"""

    def sent_by(self, at_most: int) -> str:
        """`Phường A, Xã B và 12 đơn vị khác`."""
        if len(self.units) <= at_most:
            return ", ".join(self.units)
        return f"{', '.join(self.units[:at_most])} và {two_digits(len(self.units) - at_most)} đơn vị khác"


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was said under one heading."""

    opinions: tuple[Opinion, ...]
    nothing: tuple[str, ...]
    """names of units that answered `không có`"""

    @property
    def units(self) -> int:
        return sum(len(o.units) for o in self.opinions)


def gather(texts: Sequence[tuple[str, str]], name_of: Callable[[str], str]) -> Gathered:
    """Group identical texts (apart from case, blanks and the final full stop), in the order they first came in.

    `texts` are (unit code, text), provincial bodies first.
    """
    groups: dict[str, tuple[str, list[str]]] = {}
    nothing = []
    for code, raw in texts:
        text = nfc(_ILLEGAL.sub(" ", raw)).lstrip("-+=@•* ")
        key = fold(text).rstrip(" .;,")
        if not key:
            continue
        if _NOTHING.fullmatch(key):
            nothing.append(name_of(code))
            continue
        groups.setdefault(key, (text, []))[1].append(name_of(code))
    return Gathered(tuple(Opinion(text, tuple(names)) for text, names in groups.values()), tuple(nothing))


def shortened(text: str, at_most: int) -> tuple[str, bool]:
    """The text cut after a whole word, and whether it was cut."""
    if len(text) <= at_most:
        return text, False
    cut = text[:at_most].rsplit(" ", 1)[0].rstrip(" ,;.:-")
    return f"{cut}…", True
