"""Older character tables: recognised by whole words, converted back, and never seen where there are none."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.legacy_text import legacy_of
from baocao.orthography import is_syllable

ROOT = Path(__file__).resolve().parents[2]
MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam; tổ chức, sử dụng, quản lý, bảo vệ, kỹ thuật, tỷ lệ, kỳ"
WRITTEN = {
    # Converted by tools of others: glibc's iconv (TCVN) and the tables of the VNI fonts and of RFC 1456.
    "TCVN3 (ABC)": "Céng hßa x· héi chñ nghÜa ViÖt Nam; tæ chøc, sö dông, qu¶n lý, b¶o vÖ, kü thuËt, tû lÖ, kú",
    "VNI": "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam; toå chöùc, söû duïng, quaûn lyù, baûo veä, kyõ thuaät, tyû leä, "
    "kyø",
    "VIQR": "Co^.ng ho`a xa~ ho^.i chu? nghi~a Vie^.t Nam; to^? chu+'c, su+? du.ng, qua?n ly', ba?o ve^., ky~ thua^.t, "
    "ty? le^., ky`",
}


def mojibake(text: str, encoding: str) -> str:
    """UTF-8 as a program shows it that expects `encoding`, and as a cell holds it afterwards: NFC, blanks collapsed."""
    shown = []
    for byte in text.encode():
        try:
            shown.append(bytes([byte]).decode(encoding))
        except UnicodeDecodeError:
            shown.append(chr(byte))
    return " ".join(unicodedata.normalize("NFC", "".join(shown)).split())


@lru_cache(maxsize=1)
def good_texts() -> tuple[str, ...]:
    """What the shipped packs, templates and documents say, line by line: Vietnamese, English, codes, abbreviations."""
    files = [
        path
        for folder, ends in (("include", (".yaml", ".csv", ".txt", ".html")), ("docs", (".md",)), ("demo", (".py",)))
        for path in (ROOT / folder).rglob("*")
        if path.suffix in ends
    ]
    lines = {line.strip() for path in files for line in path.read_text(encoding="utf-8").splitlines()}
    return tuple(sorted(unicodedata.normalize("NFC", line) for line in lines if line and not line.startswith("|")))


@lru_cache(maxsize=1)
def sentences() -> tuple[str, ...]:
    """Quoted Vietnamese of the packs: titles and names of indicators, at least three words of it."""
    quoted = {q for line in good_texts() for q in re.findall(r'"([^"{}\\«»“”§µ]{12,200})"', line)}
    return tuple(sorted(q for q in quoted if len([w for w in q.split() if not w.isascii() and is_syllable(w)]) > 2))


_KEYS = {
    # tone and letter marks: huyền, sắc, hỏi, ngã, nặng; mũ, trăng, móc; đ
    "Telex": dict(zip("\u0300\u0301\u0309\u0303\u0323", "fsrxj", strict=True)) | {"\u0306": "w", "\u031b": "w"},
    "VNI": dict(zip("\u0300\u0301\u0309\u0303\u0323\u0302\u0306\u031b", "21345687", strict=True)),
}


def keys_of(text: str, method: str) -> str:
    """The keys somebody strikes for a text, the tone at the end of each word."""
    struck = []
    for word in re.split(r"(\W+)", unicodedata.normalize("NFC", text)):
        tone, keys = "", ""
        for letter in word:
            if letter in "đĐ":
                d = "d" if letter == "đ" else "D"
                keys += d + ("9" if method == "VNI" else d if word.isupper() else "d")
                continue
            base, *marks = unicodedata.normalize("NFD", letter)
            keys += base
            for mark in marks:
                key = _KEYS[method].get(mark, base.lower())
                if mark in "\u0300\u0301\u0309\u0303\u0323":
                    tone = key
                else:
                    keys += key
        struck.append((keys + tone).upper() if word.isupper() and len(word) > 1 else keys + tone)
    return "".join(struck)


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


NAMES = (
    "Nguyễn Văn An", "Trần Thị Hòa", "Lê Đức Thọ", "Phạm Ngọc Lân", "Hoàng Văn Bình", "Đặng Quốc Việt", "Đỗ Mạnh Hùng",
    "Ngô Xuân Trường", "Hà Văn Thắng", "Cầm Bá Thước", "Lương Thị Tươi", "Phó Chủ tịch Ủy ban nhân dân xã",
)  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("Uyr ban nhaan daan", "Ủy ban nhân dân"),
        ("U3y ban nha6n da6n", "Ủy ban nhân dân"),
        ("UYR BAN NHAAN DAAN XAX HOAF BINHF", "ỦY BAN NHÂN DÂN XÃ HÒA BÌNH"),
        ("nguwowif dduwowcj tuw vaans, quar lys", "người được tư vấn, quả lý"),
        ("Nguwoif nghieenj ddang cai; thuowr, quoocs, giuwxa", "Người nghiện đang cai; thuở, quốc, giữa"),
        ("d9u7o75c ho64 tro75, ngu7o7i2 nghie65n", "được hỗ trợ, người nghiện"),
        ("Quyeets ddinhj soos 12/QDD-UBND ngayf 05/06/2026", "Quyết định số 12/QĐ-UBND ngày 05/06/2026"),
    ],
)
def test_keys_typed_without_the_input_method_are_read(keys: str, text: str) -> None:
    found = legacy_of(keys)
    assert found is not None and found.text == text
    assert found.encoding.name in {"phím Telex chưa thành chữ", "phím VNI chưa thành chữ"}


@pytest.mark.parametrize("method", ["Telex", "VNI"])
def test_sentences_of_the_packs_are_recognised_from_keys(method: str) -> None:
    texts = [s.strip() for s in sentences() if keys_of(s, method).isascii()]
    found = {text: legacy_of(keys_of(text, method)) for text in texts}
    missed = [text for text, legacy in found.items() if legacy is None or method not in legacy.encoding.name]
    assert len(texts) > 300 and 25 * len(missed) <= len(texts), missed
    # The tone may stand on the other vowel (hòa, hoà), and nothing else differs.
    wrong = [t for t, legacy in found.items() if legacy and without_accents(legacy.text) != without_accents(t)]
    assert 100 * len(wrong) <= len(texts), wrong
    for name in NAMES:
        legacy = legacy_of(keys_of(name, method))
        assert legacy is not None and legacy.text == name


def test_unaccented_vietnamese_and_english_are_no_typed_keys() -> None:
    plain = [without_accents(text) for text in (*good_texts(), *NAMES)]
    assert [text for text in plain if legacy_of(text) is not None] == []
    english = [
        "See how this has been", "Max Moon, box 12", "The list of roots and the last rows", "Kalashnikov, Fox News",
        "Cong an xa 113, to 1, to 2, khu 3; CT1, CT2, B3, H1, T1a, PL05", "m2, km2, co2, h2o", "Thon1 To2 Xa3",
        "Windows 10, Excel 2016, Word 2013, Office 365, MP3, MP4, A4, A3",
    ]  # fmt: skip
    assert [text for text in english if legacy_of(text) is not None] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_text_in_an_older_encoding_is_converted(name: str) -> None:
    found = legacy_of(WRITTEN[name])
    assert found is not None
    assert (found.encoding.name, found.text) == (name, MOTTO)


@pytest.mark.parametrize("encoding", ["cp1252", "cp1258", "latin-1"])
def test_misread_utf8_is_put_together_again(encoding: str) -> None:
    found = legacy_of(mojibake(MOTTO, encoding))
    assert found is not None and found.text == MOTTO
    twice = legacy_of(mojibake(mojibake(MOTTO, encoding), encoding))
    assert twice is not None and twice.encoding.name == "UTF-8 bị đọc nhầm"


@pytest.mark.parametrize("encoding", ["cp1252", "cp1258"])
def test_sentences_of_the_packs_survive_being_misread(encoding: str) -> None:
    """All but one in a hundred: of three words two can be spoilt beyond recognition by a lost no-break space."""
    wrong = []
    for text in sentences():
        found = legacy_of(mojibake(text, encoding))
        if found is None or found.text.replace(" ", "") != text.replace(" ", ""):
            wrong.append(text)
    assert len(sentences()) > 300 and 100 * len(wrong) <= len(sentences()), wrong


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("Lª V¨n ThÞnh", "Lê Văn Thịnh"),
        ("Uñ ban nh©n d©n", "Ủ ban nhân dân"),
        ("ÑAÕ BAN HAØNH KEÁ HOAÏCH", "ĐÃ BAN HÀNH KẾ HOẠCH"),
        ("Kh«ng", "Không"),
        ("Đã họp Ban Chỉ đạo.\n§· kiÓm tra 3 c¬ së.", "Đã họp Ban Chỉ đạo.\nĐã kiểm tra 3 cơ sở."),
    ],
)
def test_short_texts_names_and_pasted_paragraphs(text: str, converted: str) -> None:
    found = legacy_of(text)
    assert found is not None and found.text == converted


def test_good_text_is_never_taken_for_older_encodings() -> None:
    assert len(good_texts()) > 5000
    assert [text for text in good_texts() if legacy_of(text) is not None] == []


@pytest.mark.parametrize(
    "text",
    [
        "Diện tích 12 m², 0,5 µg, 38 °C, ±5 %, § 2, điểm «a», ½ số hộ, 3×4 m, Windows® ©",
        "Café, naïve, résumé, Côte d'Ivoire, São Paulo, Größe, señor, Đắk Lắk, Krông Pa",
        "I'm sure it's e.g. 5 a.m. (i.e. early); we'd go? Don't! C++ and x^2 + y^2",
        "UBND, HĐND, LĐLĐ, BCĐ, QĐ-UBND, NĐ-CP, THPT, CCCD",
        "Có! Đã làm… «má», “quá”, ‘là’ – rồi—xong",
        "12/QĐ-UBND ngày 05/06/2026",
        "1.234.567,5",
        "",
    ],
)
def test_signs_foreign_words_and_abbreviations_are_left_alone(text: str) -> None:
    assert legacy_of(text) is None


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    found = legacy_of(unicodedata.normalize("NFC", text))
    assert found is None or found.text != text


@pytest.mark.parametrize(
    "word",
    ["nghiêng", "quý", "giếng", "gì", "khuya", "ƯỚC", "hoà", "hòa", "thuỷ", "quốc", "người", "yêu", "xoong", "a"],
)
def test_vietnamese_syllables_are_recognised(word: str) -> None:
    assert is_syllable(word) and is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize(
    "word", ["cê", "kà", "ngà" + "c", "tnh", "Coâng", "hñ", "phầt", "xx", "", "nghiêngg", "đb", "ñôn"]
)
def test_what_vietnamese_does_not_write_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)
