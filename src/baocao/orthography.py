"""Whether a word can be a Vietnamese syllable: an onset, a rime and at most one tone, as the spelling allows them.

Vietnamese writes some seven thousand syllables and no others, so a text whose words are none of them, and become some
when another character table is assumed, was written with that table.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ONSETS = {
    *("", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph"),
    *("q", "r", "s", "t", "th", "tr", "v", "x"),
}
_FRONT = ("i", "e", "ê", "y")
_ONLY_BEFORE_FRONT = {"k", "gh", "ngh"}
_NEVER_BEFORE_FRONT = {"c"}
_RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op
    ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uyn
    uynh uyp uyt ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y ych yên yêng yêm yêt yêu ynh yt
    """.split()  # noqa: SIM905 (150 quoted words are harder to read)
)
_AFTER_QU = "ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt e en eo et ên êt êu ia it iêu in ôc ơi ơn"
_AFTER_Q = _RIMES.union(f"u{rime}" for rime in _AFTER_QU.split())
_AFTER_GI = _RIMES | {"", "êc", "êm", "ên", "êng", "êp", "êt", "êu"}
_STOPS = ("c", "ch", "p", "t")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_TONES_BEFORE_STOP = {"\u0301", "\u0323"}
_LONGEST = 7


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Whether `word` (any case, any spelling of its accents) is spelled like one Vietnamese syllable."""
    if len(word) > 2 * _LONGEST:
        return False
    bare, tone = _without_tone(word)
    if bare is None or len(bare) > _LONGEST or not bare.isalpha():
        return False
    return any(_fits(bare[:cut], bare[cut:], tone) for cut in range(min(4, len(bare)) + 1) if bare[:cut] in _ONSETS)


def _without_tone(word: str) -> tuple[str | None, str]:
    """The word in small letters without its tone, and the tone; None when it carries two, or one on a consonant."""
    bare, tones = [], ""
    for letter in unicodedata.normalize("NFC", word.lower()):
        if letter.isascii():
            bare.append(letter)
            continue
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in _TONES)
        if tone and parts[0] not in "aeiouy":
            return None, ""
        tones += tone
        bare.append(unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES)))
    return ("".join(bare), tones) if len(tones) < 2 else (None, "")


def _fits(onset: str, rime: str, tone: str) -> bool:
    rimes = _AFTER_Q if onset == "q" else _AFTER_GI if onset == "gi" else _RIMES
    if rime not in rimes:
        return False
    if onset == "q" and not rime.startswith(("u", "o")):
        return False
    if rime and rime.startswith(_FRONT) and onset in _NEVER_BEFORE_FRONT:
        return False
    if onset in _ONLY_BEFORE_FRONT and not rime.startswith(_FRONT):
        return False
    return not tone or tone in _TONES_BEFORE_STOP or not rime.endswith(_STOPS)
