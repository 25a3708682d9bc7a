"""Vietnamese text: one spelling for comparison, one spelling for printing."""

from __future__ import annotations

import re
import unicodedata

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


def nfc(text: str) -> str:
    """The text in composed form (NFC), outer blanks gone, inner runs of blanks one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """A comparison key: NFC, lower case, one tone placement. Diacritics stay: they tell names apart."""
    return _TONE.sub(lambda m: _TONE_PAIRS[m.group(1)], nfc(text).casefold())


def without_diacritics(text: str) -> str:
    """ASCII letters for file names; never a key, because two communes can fold to the same letters."""
    text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in text if not unicodedata.combining(c))
