"""Ý kiến của các đơn vị: the units' own words, gathered for the narrative sections, never rewritten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from baocao.documents.narrative.marks import SIGNS
from baocao.documents.word_report.numerals import two_digits
from baocao.text import fold, nfc

_NOTHING = re.compile(
    r"(chưa|không)( có| phát sinh)?"
    r"(( gì| ý kiến| kiến nghị| đề xuất| đề nghị| khó khăn| vướng mắc| tồn tại| hạn chế| nội dung| thêm| khác)"
    r"(,| và| hoặc|/)?)*"
)
_ILLEGAL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff{SIGNS}]")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_ALIKE = 0.75
"""Share of common pairs of neighbouring words from which two texts say the same."""
_TURNS = frozenset(
    {"không", "chưa", "chẳng", "hết", "thiếu", "thừa", "đủ", "chậm", "nhanh", "tăng", "giảm", "đạt", "vượt", "hơn"}
    | {"kém", "trừ", "ngoài", "cao", "thấp", "nhiều", "ít"}
)
"""Words that turn a sentence round: two texts that differ in one of them never say the same."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One text and everybody who sent it, or nearly it."""

    text: str
    units: tuple[str, ...]
    """names, in the order the texts came in"""
    alike: bool = False
    """not all of them in these very words"""

    def sent_by(self, at_most: int) -> str:
        """`Phường A, Xã B và 12 đơn vị khác (nội dung tương tự)`."""
        more = " (nội dung tương tự)" if self.alike else ""
        if len(self.units) <= at_most:
            return ", ".join(self.units) + more
        return f"{', '.join(self.units[:at_most])} và {two_digits(len(self.units) - at_most)} đơn vị khác{more}"


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was said under one heading."""

    opinions: tuple[Opinion, ...]
    nothing: tuple[str, ...]
    """names of units that answered `không có`"""

    @property
    def units(self) -> int:
        """How many units said something; those that answered `không có` are not among them."""
        return sum(len(o.units) for o in self.opinions)

    @property
    def by_weight(self) -> tuple[Opinion, ...]:
        """What most units say first; of the same weight in the order in which they came in."""
        return tuple(sorted(self.opinions, key=lambda o: -len(o.units)))


@dataclass
class _Group:
    text: str
    keys: set[str]
    pairs: Counter[tuple[str, str]]
    told: tuple[object, ...]
    names: list[str] = field(default_factory=list)


def gather(texts: Sequence[tuple[str, str]], name_of: Callable[[str], str]) -> Gathered:
    """Group texts that say the same: identical ones (apart from case, blanks, marks of a list and the final full stop),
    and ones that differ in a few words only, in the order they first came in.

    Texts with other numbers, or that differ in a word that turns the sentence round (không, chưa, tăng, giảm, …), are
    never put together. A unit's own name in its text does not part it from the others. `texts` are (unit code, text),
    provincial bodies first. The text shown of a group is the first that came in.
    """
    groups: list[_Group] = []
    by_key: dict[str, _Group] = {}
    nothing = []
    for code, raw in texts:
        # Marks of a list, and letters that a spreadsheet would take for a formula.
        text = nfc(_ILLEGAL.sub(" ", raw)).lstrip("-+=@•* ")
        key = fold(text).rstrip(" .;,")
        if not key:
            continue
        name = name_of(code)
        if _NOTHING.fullmatch(key):
            nothing.append(name)
            continue
        # The exact text first: comparing pairs of words with every group is what costs.
        group = by_key.get(key) or _join(groups, text, key, name)
        by_key[key] = group
        group.keys.add(key)
        group.names.append(name)
    opinions = (Opinion(g.text, tuple(g.names), len(g.keys) > 1) for g in groups)
    return Gathered(tuple(opinions), tuple(nothing))


def _join(groups: list[_Group], text: str, key: str, name: str) -> _Group:
    """The group whose first text says the same, else a new one."""
    bare = key.replace(fold(name), " ")
    words = _WORD.findall(bare)
    pairs = Counter(pairwise(words))
    told = (tuple(sorted(_NUMBER.findall(bare))), tuple(sorted(w for w in words if w in _TURNS)))
    for group in groups:
        # Pairs of neighbouring words, not words: the order carries the meaning ("cấp trên giao cấp dưới").
        if group.told == told and _common(group.pairs, pairs) >= _ALIKE:
            return group
    groups.append(_Group(text, set(), pairs, told))
    return groups[-1]


def _common(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> float:
    both, either = (one & other).total(), (one | other).total()
    return both / either if either else 0.0


def shortened(text: str, at_most: int) -> tuple[str, bool]:
    """The text cut after a whole word, and whether it was cut."""
    if len(text) <= at_most:
        return text, False
    cut = text[:at_most].rsplit(" ", 1)[0].rstrip(" ,;.:-")
    return f"{cut}…", True
