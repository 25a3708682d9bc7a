"""Vietnamese of which only the key strokes arrived: Telex (`Uyr ban nhaan daan`) or VNI (`U3y ban nha6n da6n`) typed
while the input method was off.

Vietnamese without accents (`Uy ban nhan dan`) is no such text: none of its syllables holds a key that only an input
method reads (an `s`, `f`, `r`, `x`, `j` or `w` after the vowel, a double vowel, `dd`, a digit inside a word); what is a
syllable as it stands is no evidence. English is known by the words that become no syllable, and a list of common ones
that would.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from baocao.orthography import is_syllable

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_VOWELS = "aeiouyăâêôơư"
_MARKED = "ăâêôơư"
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = (("uo", "ươ"), ("uo", "uơ"), ("uu", "ưu"), ("ua", "ưa"), ("u", "ư"), ("o", "ơ"))
"""What a horn may mean, the likeliest first; the first that makes a syllable is taken."""
_ENGLISH = frozenset(
    """
    as bar bee been boo boom boss box buff bus car dawn deep door er eye far few fax fix for free from gas get good had
    has her here hers his how if in is its keep law less low mass max meet mix moon more moss mr mrs near new noon now
    of off on or order our per pro room saw see seem seen show six so sox star tax tee teen ten this three thus to too
    toss tree try us use user usb view was way week were who yes you your
    """.split()  # noqa: SIM905 (as above)
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_FEW = 4
"""Words of a name or a title: two that speak are enough there, when nothing speaks against."""


def from_telex(text: str) -> str:
    """The text in Unicode as far as its words are Telex."""
    return _WORD.sub(lambda match: _cased(match.group(), _telex, "DD"), text)


def from_vni_keys(text: str) -> str:
    """The text in Unicode as far as its words are VNI key strokes."""
    return _WORD.sub(lambda match: _cased(match.group(), _vni, "D9"), text)


def telex_words(line: str) -> list[str]:
    """The words of an ASCII line that show it to be Telex; none when that is not sure."""
    return _evidence(line, _telex, _TELEX_SIGN, _strong_telex)


def vni_words(line: str) -> list[str]:
    """The words of an ASCII line that show it to be VNI key strokes; none when that is not sure."""
    return _evidence(line, _vni, _VNI_SIGN, _strong_vni)


_TELEX_SIGN = re.compile(r"(?i)aa|ee|oo|dd|[aouwy]w|[aeiouywmnpthgc][sfrxj]\b|[aeiouyw][sfrxj][a-z]")
_VNI_SIGN = re.compile(r"(?i)[a-z][1-9]")


_NOT_ENGLISH = re.compile(
    r"aa|^dd[aeiouyw]|[aeiouyw]j|(?:n|ng|nh|m)[fxj]|(?:ch|c|p|t)[jx]\b|[aeiouyw][fxj](?:c|ch|m|n|ng|nh|p|t)$"
)
_TWO_KEYS = re.compile(r"(?:aa|ee|oo|[aou]w)[a-z]*[fxj]")


def _strong_telex(word: str) -> bool:
    """Keys where no English word has these letters."""
    low = word.lower()
    return _NOT_ENGLISH.search(low) is not None or _TWO_KEYS.search(low) is not None


def _strong_vni(word: str) -> bool:
    return bool(re.search(r"[1-9][a-zA-Z]|[1-9]{2}", word))


def _evidence(
    line: str, read: Callable[[str], str | None], sign: re.Pattern[str], strong: Callable[[str], bool]
) -> list[str]:
    if len(sign.findall(line)) < 2:
        return []
    words = [word for word in _WORD.findall(line) if not (word.isdigit() or len(word) == 1)]
    spoken, against = [], 0
    for word in words:
        low = word.lower()
        if is_syllable(low) or low in _ENGLISH:
            continue
        if read(low) is not None:
            spoken.append(word)
        elif not (word.isupper() or any(c.isdigit() for c in word)):
            against += 1
    different = len({word.lower() for word in spoken})
    if not any(map(strong, spoken)) and not (read is _telex and 2 < different == len(words)):
        return []
    if len(words) <= _FEW:
        return spoken if different > 1 and not against else []
    return spoken if different > 2 and 2 * len(spoken) >= len(words) and 4 * against <= len(spoken) else []


@lru_cache(maxsize=20_000)
def _telex(word: str) -> str | None:
    """The syllable with accents that these keys (small letters) give; None when they give none."""
    if not word.isalpha():
        return None
    start = next((i for i, c in enumerate(word) if c in _VOWELS or c == "w"), None)
    if start is None:
        return None
    keys = [c for c in word[start:] if c in _TELEX_TONES]
    if len(keys) > 1:
        return None
    onset, rest = word[:start], "".join(c for c in word[start:] if c not in _TELEX_TONES)
    if onset == "dd":
        onset = "đ"
    elif onset == "d" and rest.endswith("d"):
        onset, rest = "đ", rest[:-1]
    for typed, letter in (("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("aw", "ă")):
        rest = rest.replace(typed, letter)
    if rest.startswith("w"):
        rest = "ư" + rest[1:]
    return _first_syllable(onset, _with_horns(rest.replace("w", ""), "w" in rest), _tone(keys, _TELEX_TONES), word)


@lru_cache(maxsize=20_000)
def _vni(word: str) -> str | None:
    """The same of VNI keys: a digit after the letter it belongs to, or at the end."""
    if word.isalpha() or "0" in word:
        return None
    first = next((i for i, c in enumerate(word) if c in _VOWELS), None)
    digits = [c for c in word if c.isdigit()]
    if first is None or any(c.isdigit() and c != "9" for c in word[:first]):
        return None
    keys = [c for c in digits if c in _VNI_TONES]
    if len(keys) > 1 or digits.count("6") > 1 or digits.count("8") > 1 or digits.count("9") > 1:
        return None
    letters = "".join(c for c in word if c.isalpha())
    start = next(i for i, c in enumerate(letters) if c in _VOWELS)
    onset, rest = letters[:start], letters[start:]
    if "9" in digits:
        if onset != "d":
            return None
        onset = "đ"
    if "8" in digits:
        rest = rest.replace("a", "ă")
    if "6" in digits:
        at = max((rest.rfind(c) for c in "aeo"), default=-1)
        if at < 0:
            return None
        rest = rest[:at] + _CIRCUMFLEX[rest[at]] + rest[at + 1 :]
    return _first_syllable(onset, _with_horns(rest, "7" in digits), _tone(keys, _VNI_TONES), word)


def _tone(keys: list[str], tones: dict[str, str]) -> str:
    return tones[keys[0]] if keys else ""


def _with_horns(rest: str, horned: bool) -> Iterator[str]:
    if not horned:
        yield rest
        return
    for plain, horn in _HORNS:
        if plain in rest:
            yield rest.replace(plain, horn, 1)
    if "a" in rest:
        yield rest.replace("a", "ă", 1)
    if "ư" in rest:
        yield rest.replace("o", "ơ")


def _first_syllable(onset: str, rests: Iterator[str], tone: str, typed: str) -> str | None:
    for rest in rests:
        found = _toned(onset, rest, tone)
        if found != typed and not found.isascii() and is_syllable(found):
            return found
    return None


def _toned(onset: str, rest: str, tone: str) -> str:
    """The tone on its vowel, as offices write it: `hòa`, `thủy`, `toán`, `được`."""
    if not tone:
        return onset + rest
    glide = 1 if (onset == "q" and rest[:1] == "u") or (onset == "g" and rest[:1] == "i" and len(rest) > 1) else 0
    end = next((i for i, c in enumerate(rest) if i >= glide and c not in _VOWELS), len(rest))
    vowels = rest[glide:end]
    if not vowels:
        glide, vowels = 0, rest[:end]
    marked = [i for i, c in enumerate(vowels) if c in _MARKED]
    if marked:
        at = marked[-1]
    elif end < len(rest) or len(vowels) == 3:
        at = len(vowels) - 1 if end < len(rest) else 1
    else:
        at = 0
    at += glide
    return unicodedata.normalize("NFC", onset + rest[: at + 1] + tone + rest[at + 1 :])


def _cased(word: str, read: Callable[[str], str | None], stroked: str) -> str:
    """In the case of the keys. An abbreviation (`QDD`) is no syllable, but its letter Đ is known."""
    found = read(word.lower())
    if found is None:
        return word.replace(stroked, "Đ") if word.isupper() else word
    if word.isupper() and len(found) > 1:
        return found.upper()
    return found[0].upper() + found[1:] if word[0].isupper() else found
