"""Vietnamese text: one spelling for comparison, one spelling for printing."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

# Old and new tone placement on oa, oe, uy (hoà/hòa, thuỷ/thủy) are the same word: fold to the new one.
_TONE_PAIRS = {
    old: new
    for olds, news in (
        ("oà oá oả oã oạ", "òa óa ỏa õa ọa"),
        ("oè oé oẻ oẽ oẹ", "òe óe ỏe õe ọe"),
        ("uỳ uý uỷ uỹ uỵ", "ùy úy ủy ũy ụy"),
    )
    for old, new in zip(olds.split(), news.split(), strict=True)
}
# After q, `u` belongs to the consonant: quý is one spelling only.
_TONE = re.compile(r"(?<![qQ])(" + "|".join(_TONE_PAIRS) + r")(?!\w)", re.IGNORECASE)


_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Signs that take no room: soft hyphen, zero-width blanks and joiners, byte-order mark, writing directions."""
_NOTHING_SAID = {
    *(
        "x",
        "xx",
        "xxx",
        "abc",
        "test",
        "thử",
        "n/a",
        "na",
        "nil",
        "none",
        "null",
        "nội dung",
        "ghi rõ",
        "ghi rõ nội dung",
    ),
    *("điền vào đây", "ghi vào đây", "nhập nội dung", "lorem ipsum"),
}


def without_unseen(text: str) -> str:
    """The text without the signs that nobody sees."""
    return text if text.isascii() else _UNSEEN.sub("", text)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def halfwidth(text: str) -> str:
    """Letters, digits and signs that an East Asian keyboard made twice as wide, as everybody types them."""
    return text if text.isascii() else text.translate(_HALF_WIDTH)


def says_something(text: str) -> bool:
    """Whether anything is told: not `-`, `.....`, `___`, `x`, `(ghi rõ nội dung)`, which only fill a place."""
    if not any(map(str.isalnum, text)):
        return False
    return len(text) > 40 or fold(text).strip(" .…_-:;,()[]<>/*«»") not in _NOTHING_SAID


def canonical_json(data: object) -> str:
    """One spelling for one content: what is hashed. Raises ValueError for NaN: unequal to itself, and no JSON."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def nfc(text: str) -> str:
    """The text in composed form (NFC), outer blanks gone, inner runs of blanks one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """A comparison key: NFC, lower case, one tone placement, no unseen signs. Diacritics stay: they part names."""
    return _TONE.sub(lambda m: _TONE_PAIRS[m.group(1)], nfc(without_unseen(text)).casefold())


def without_diacritics(text: str) -> str:
    """ASCII letters for file names; never a key, because two communes can fold to the same letters."""
    # Đ is a letter of its own in Unicode and does not come apart in NFD.
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))


def search_key(text: str) -> str:
    """What a search looks in: ASCII letters in lower case, so that `xa an nong` finds `Xã An Nông`. Never a key."""
    return without_diacritics(fold(text))


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS = {letter: f"{place:02}" for place, letter in enumerate(_ALPHABET, start=40)}
_LETTERS |= {digit: f"{place:02}" for place, digit in enumerate("0123456789", start=20)}
_MARKS = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
"""Huyền, hỏi, ngã, sắc, nặng: the order of the tones, after none."""
_SHAPES = {"\u0306", "\u0302", "\u031b"}
"""Breve, circumflex and horn make another letter of the alphabet, not another tone."""


def vietnamese_order(text: str) -> str:
    """A key whose order as text is that of a Vietnamese dictionary, in any database: letters first (a ă â b …), then
    tones. Digits only, so that no collation orders it otherwise."""
    letters, tones = [], []
    for syllable in fold(text).split():
        tone = "0"
        for char in syllable:
            parts = unicodedata.normalize("NFD", char)
            shape = unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m in _SHAPES))
            tone = next((_MARKS[m] for m in parts[1:] if m in _MARKS), tone)
            letters.append(_LETTERS.get(shape, "10"))
        letters.append("01")
        tones.append(tone)
    return "".join(letters) + "00" + "".join(tones)


def yes_or_no(value: object) -> str:
    """`Có` or `Không`, as forms print it and workbooks offer it."""
    return "Có" if value else "Không"


def as_answered(value: object) -> str:
    """A choice or yes/no as the form prints it."""
    return yes_or_no(value) if isinstance(value, bool) else str(value)


def day_text(day: date) -> str:
    """`05/02/2026`, `19/06/2026`: one way wherever a date is printed in figures."""
    return f"{day:%d/%m/%Y}"


def moment_text(moment: datetime) -> str:
    """`08:30 ngày 19/12/2026`, in the zone the moment has."""
    return f"{moment:%H:%M} ngày {day_text(moment)}"


def second_text(moment: datetime) -> str:
    """`08:30:41 ngày 19/12/2026`: the same where the second matters."""
    return f"{moment:%H:%M:%S} ngày {day_text(moment)}"


def short_moment_text(moment: datetime) -> str:
    """`08:30 19/12/2026`: the same in a table."""
    return f"{moment:%H:%M} {day_text(moment)}"


_SWAPPED = str.maketrans(",.", ".,")


def vietnamese_number(english: str) -> str:
    """`1,234.5` as it is written here: `1.234,5`."""
    # Both signs change places at once; two `replace` would turn one into the other.
    return english.translate(_SWAPPED)


def first_few(names: Iterable[str], most: int, rest: str, between: str = ", ") -> str:
    """The first `most` names, then how many more there are: `… và 12 đơn vị khác` for `rest` `đơn vị`."""
    known = list(names)
    more = f" và {vietnamese_number(f'{len(known) - most:,}')} {rest} khác" if len(known) > most else ""
    return between.join(known[:most]) + more


def capitalised(text: str) -> str:
    """The first letter large, the rest as it is."""
    # Not `capitalize`, which makes the rest small: `UBND` would become `ubnd`.
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The first letter small, as in the middle of a sentence."""
    return text[:1].lower() + text[1:]
