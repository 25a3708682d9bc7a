"""Vietnamese that was typed or saved in an older character table and is no Vietnamese any more where it arrives.

A table is recognised by what it does to whole words: `x·` is no Vietnamese syllable, and read as TCVN3 it is one, `xã`.
A word that is a syllable already is no evidence, and one look-alike among many words proves nothing, so that good
Vietnamese, English, numbers and abbreviations are left alone. The tables are those of TCVN 5712:1993 (fonts `.VnTime`),
of the VNI fonts (`VNI-Times`), of VIQR (RFC 1456), and UTF-8 bytes that a program took for Windows-1252 or 1258.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from baocao.keystrokes import from_telex, from_vni_keys, telex_words, vni_words
from baocao.orthography import is_syllable

_TONES = "\u0300\u0301\u0309\u0303\u0323"
"""huyền, sắc, hỏi, ngã, nặng: the order of every table below."""


def _toned(base: str) -> list[str]:
    return [unicodedata.normalize("NFC", base + tone) for tone in _TONES]


def _tcvn3() -> dict[str, str]:
    """One character a letter; a large letter with a tone is the large letter and the small one with the tone."""
    table = dict(zip("¡¢£¤¥¦§¨©ª«¬\xad®", "ĂÂÊÔƠƯĐăâêôơưđ", strict=True))
    rows = {
        "a": "µ¸¶·¹", "ă": "»¾¼½Æ", "â": "ÇÊÈÉË", "e": "ÌÐÎÏÑ", "ê": "ÒÕÓÔÖ", "i": "×ÝØÜÞ", "o": "ßãáâä", "ô": "åèæçé",
        "ơ": "êíëìî", "u": "ïóñòô", "ư": "õøö÷ù", "y": "úýûüþ",
    }  # fmt: skip
    for base, codes in rows.items():
        table |= dict(zip(codes, _toned(base), strict=True))
        large = {"ă": "¡", "â": "¢", "ê": "£", "ô": "¤", "ơ": "¥", "ư": "¦"}.get(base, base.upper())
        table |= dict(zip((large + code for code in codes), _toned(base.upper()), strict=True))
    return table


def _vni() -> dict[str, str]:
    """Most letters are two: the vowel, and its accents as a second letter."""
    table = {"ö": "ư", "ô": "ơ", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ì": "ì", "í": "í", "î": "ỵ"}
    table |= {"aâ": "â", "eâ": "ê", "oâ": "ô", "aê": "ă"}
    tones, on_circumflex, on_breve = "øùûõï", "àáåãä", "èéúüë"
    rows = [(base, base, tones) for base in "aeouy"] + [("ö", "ư", tones), ("ô", "ơ", tones), ("a", "ă", on_breve)]
    rows += [("a", "â", on_circumflex), ("e", "ê", on_circumflex), ("o", "ô", on_circumflex)]
    for typed, base, marks in rows:
        table |= dict(zip((typed + mark for mark in marks), _toned(base), strict=True))
    mixed = {typed[0].upper() + typed[1:]: letter.upper() for typed, letter in table.items()}
    large = {typed.upper(): letter.upper() for typed, letter in table.items()}
    return table | mixed | large


def _viqr() -> dict[str, str]:
    """The accents as ASCII signs after their letter: `Vie^.t`, `ddu+o+'c`."""
    marked = {"a(": "ă", "a^": "â", "e^": "ê", "o^": "ô", "o+": "ơ", "u+": "ư"}
    table = {"dd": "đ", **marked}
    for typed, letter in {**{letter: letter for letter in "aeiouy"}, **marked}.items():
        table |= dict(zip((typed + sign for sign in "`'?~."), _toned(letter), strict=True))
    large = {typed.upper(): letter.upper() for typed, letter in table.items()}
    return {**table, **large, "Dd": "Đ"}


def _by_table(table: dict[str, str]) -> Callable[[str], str]:
    pattern = re.compile("|".join(map(re.escape, sorted(table, key=len, reverse=True))))
    return lambda text: pattern.sub(lambda match: table[match.group()], text)


def _from_viqr(text: str) -> str:
    """A full stop, question mark or apostrophe is an accent inside a sentence and not at its end."""
    body = text.rstrip(".?' ")
    return _VIQR_LETTERS.sub(lambda match: _VIQR[match.group()], body) + text[len(body) :]


_VIQR = _viqr()
_VIQR_LETTERS = re.compile(
    "|".join(
        re.escape(typed) + (r"(?=[A-Za-z]|\s+[a-z]|[,;:)]|\Z)" if typed[-1] in ".?'" else "")
        for typed in sorted(_VIQR, key=len, reverse=True)
    )
)


def _bytes_by_character() -> dict[str, int]:
    """What a program that expects Windows-1252 or 1258 shows for a byte; some bytes stand as they are."""
    found = {chr(byte): byte for byte in range(0x80, 0xA0)}
    for encoding in ("cp1258", "cp1252"):
        for byte in range(0x80, 0x100):
            try:
                found[bytes([byte]).decode(encoding)] = byte
            except UnicodeDecodeError:
                continue
    return found


_BYTES = _bytes_by_character()


def _among(first: int, last: int) -> str:
    return "[" + "".join(re.escape(c) for c, byte in _BYTES.items() if first <= byte <= last) + "]"


_MORE = _among(0x80, 0xBF)
_UTF8 = re.compile(f"{_among(0xC2, 0xC6)}{_MORE}|{_among(0xE1, 0xE2)}{_MORE}{{2}}")
_TORN = re.compile(rf"({_among(0xC2, 0xC6)}|{_among(0xE1, 0xE1)}{_MORE})(?: |$)")
"""A letter that ends with the byte of a no-break space or a line break: a blank by the time a text is looked at."""
_GAP = re.compile(r"([^\W\d_]*)([\ue000-\uf8ff])(?=([^\W\d_]*))")


def _utf8_letter(shown: str) -> str:
    try:
        return bytes(_BYTES[c] for c in shown).decode("utf-8")
    except UnicodeDecodeError:
        return shown


def _from_utf8(text: str) -> str:
    """Letters of UTF-8 put together again, as often as they were taken apart."""
    for _ in range(3):
        torn: list[str] = []

        def gap(match: re.Match[str], torn: list[str] = torn) -> str:
            torn.append(match.group(1))
            return chr(0xE000 + len(torn) - 1)

        def filled(match: re.Match[str], torn: list[str] = torn) -> str:
            before, mark, after = match.groups()
            return before + _torn_letter(before, torn[ord(mark) - 0xE000], after)

        mended, letters = _UTF8.subn(lambda match: _utf8_letter(match.group()), _TORN.sub(gap, text))
        if not letters:
            break
        text = _GAP.sub(filled, mended)
    return text


def _torn_letter(before: str, lead: str, after: str) -> str:
    """The letter, and the blank after it where a word ends there."""
    letters = [letter for byte in "\xa0\x85" if (letter := _utf8_letter(lead + byte)).isalpha()]
    joined = [letter for letter in letters if after and is_syllable(before + letter + after)]
    apart = [letter for letter in letters if _is_good(before + letter)]
    return joined[0] if joined else [*apart, *letters, lead][0] + " "


@dataclass(frozen=True, slots=True)
class Encoding:
    """An older way of writing Vietnamese."""

    name: str
    """as an official knows it"""
    cause: str
    """where such text comes from"""
    convert: Callable[[str], str]
    words: re.Pattern[str]
    """what is one word before it is converted"""
    letters: frozenset[str] = frozenset()
    """the characters it writes Vietnamese letters with; empty: nothing it converts can be anything else"""
    ascii: bool = False
    """written with ASCII signs only: an accident is likelier, so more of the text has to speak for it"""
    evidence: Callable[[str], list[str]] | None = None
    """the words of a line that speak for it, where that is judged by rules of its own"""


_WORDS = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’–—]+")
_VIQR_SIGN = re.compile(r"[AEOaeo]\^|[OUou]\+|[Aa]\([a-z.'`?~]|[AEIOUYaeiouy][`~]|[AEIOUYaeiouy]['?.][A-Za-z]|[Dd]d")

ENCODINGS = (
    Encoding("UTF-8 bị đọc nhầm", "lưu bằng UTF-8 nhưng được mở bằng bảng mã khác (Windows-1252, Windows-1258)",
             _from_utf8, re.compile(r"[^\s!-/:-@\[-`{-~]+")),
    Encoding("TCVN3 (ABC)", "phông chữ cũ như .VnTime, .VnArial", _by_table(_tcvn3()), _WORDS,
             frozenset("".join(_tcvn3()))),
    Encoding("VNI", "phông chữ cũ như VNI-Times", _by_table(_vni()), _WORDS, frozenset("".join(_vni()))),
    Encoding("VIQR", "bộ gõ đang đặt ở bảng mã VIQR", _from_viqr, re.compile(r"[A-Za-z][A-Za-z^(+~`'?.]*"),
             ascii=True),
    Encoding("phím Telex chưa thành chữ", "gõ kiểu Telex khi bộ gõ tiếng Việt đang tắt", from_telex, _WORDS,
             ascii=True, evidence=telex_words),
    Encoding("phím VNI chưa thành chữ", "gõ kiểu VNI khi bộ gõ tiếng Việt đang tắt", from_vni_keys, _WORDS,
             ascii=True, evidence=vni_words),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Legacy:
    """A text recognised as written in an older table."""

    encoding: Encoding
    sample: str
    """the first word that shows it, as it stands"""
    text: str
    """the whole text in Unicode, NFC"""


@lru_cache(maxsize=512)
def legacy_of(text: str) -> Legacy | None:
    """The older table `text` (NFC), or some lines of it, is written in; None when it is none.

    Lines are judged one by one: a paragraph pasted from an old document is found between good ones.
    """
    lines = text.split("\n")
    best: tuple[int, Encoding, list[str]] | None = None
    for encoding in ENCODINGS:
        spoken = [word for line in lines for word in _spoken_for(encoding, line)]
        if spoken and (best is None or len(spoken) > best[0]):
            best = len(spoken), encoding, spoken
    if best is None:
        return None
    _, encoding, spoken = best
    converted = [_converted(encoding, line).rstrip() if _spoken_for(encoding, line) else line for line in lines]
    return Legacy(encoding, spoken[0], unicodedata.normalize("NFC", "\n".join(converted)))


def _spoken_for(encoding: Encoding, line: str) -> list[str]:
    """Words of the line that are no Vietnamese and become it; none when as many speak against it."""
    if line.isascii() is not encoding.ascii:
        return []
    if encoding.evidence is not None:
        return encoding.evidence(line)
    if not _worth_a_look(line):
        return []
    words = encoding.words.findall(line)
    spoken, against = [], 0
    for word in words:
        if _speaks_for(encoding, word):
            spoken.append(word)
        elif _speaks_against(encoding, word):
            against += 1
    different = len(set(spoken))
    if encoding.ascii:
        return spoken if different > 2 and 2 * len(spoken) >= len(words) else []
    enough = different > 1 or (different == 1 and not against and len(words) <= 4)
    return spoken if enough and len(spoken) > against else []


def _worth_a_look(line: str) -> bool:
    """Nearly every line is not: all its words are ASCII, or Vietnamese as they stand."""
    if line.isascii():
        return len(_VIQR_SIGN.findall(line)) > 2
    return any(not (word.isascii() or _is_good(word)) for word in _WORDS.findall(line))


@lru_cache(maxsize=20_000)
def _is_good(word: str) -> bool:
    """A Vietnamese syllable with accents, and no large letter after a small one."""
    return not word.isascii() and is_syllable(word) and (word[1:].islower() or word.isupper() or len(word) == 1)


def _read(encoding: Encoding, word: str) -> str:
    return unicodedata.normalize("NFC", encoding.convert(word))


def _speaks_for(encoding: Encoding, word: str) -> bool:
    if encoding.ascii and not _VIQR_SIGN.search(word):
        return False
    return len(word) > 1 and not _is_good(word) and any(_is_vietnamese(w) for w in _readings(encoding, word))


def _readings(encoding: Encoding, word: str) -> tuple[str, ...]:
    """A sign at the end can be an accent or the end of the sentence."""
    if not encoding.ascii:
        return (_read(encoding, word),)
    return _read(encoding, word), _VIQR_LETTERS.sub(lambda match: _VIQR[match.group()], word)


def _speaks_against(encoding: Encoding, word: str) -> bool:
    """Good Vietnamese that the table would spoil or cannot write, and a foreign word that it would spoil."""
    if word.isascii() or (word.isupper() and not _is_good(word)):
        return False
    converted = _read(encoding, word)
    if converted == word:
        return _is_good(word) and any(not c.isascii() and c not in encoding.letters for c in word)
    return not _is_vietnamese(converted) and any(c.isalpha() for c in converted)


def _is_vietnamese(word: str) -> bool:
    return not word.isascii() and is_syllable(word)


def _converted(encoding: Encoding, line: str) -> str:
    """The line in Unicode. Where good Unicode stands beside it, only the words that are no Vietnamese are converted."""
    if not encoding.letters or not any(_speaks_against(encoding, word) for word in encoding.words.findall(line)):
        return encoding.convert(line)
    return encoding.words.sub(
        lambda match: encoding.convert(match.group()) if _speaks_for(encoding, match.group()) else match.group(), line
    )
