"""What only a pack can know stands in no line of the engine, not even as an example: codes of forms, rows and cells,
and the words of the programmes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from baocao.regimes.load import load_pack, regime_folders
from baocao.text import without_diacritics

ROOT = Path(__file__).resolve().parents[3]
PACKS = tuple(load_pack(folder) for folder in regime_folders(ROOT))
KEPT_WORDS = {
    "src/baocao/regimes/earlier_schema.py": {"police"},
    "sql/migrations/versions/0001_first_release.py": {"police"},
    "sql/migrations/versions/0026_standing_office.py": {"police"},
}
"""Where the words of kept packs and kept decisions are turned into those of today, and which these are."""
FOLDERS = ("src", "authoring/src", "include/templates", "include/docker", "plugins", "dags", "sql")
KINDS = {".py", ".sql", ".html", ".txt", ".j2", ".md", ".css", ".js", ".yaml"}
PACKS_OWN = "/templates/regime/"
"""Below it lies the pack to begin with: it has forms of its own, as examples, and none of a programme's words."""
WORDS = (
    "ma túy",
    "nghiện",
    "mua bán người",
    "tội phạm",
    "trợ giúp pháp lý",
    "HD 46",
    "HD46",
    "HD-BCA",
    "PC04",
    "police",
    "drug",
    "narcotic",
    "addict",
    "rehabilitat",
    "traffick",
    "legal aid",
    "legal_aid",
)
"""The programmes' own words, beside what the packs call their places and documents. Those of Vietnamese are found
without diacritics as well, as names in programs have them: `ma_tuy`, `cai-nghien`."""
_PLAIN = ("ma tuy", "cai nghien", "nguoi nghien", "mua ban nguoi", "toi pham", "tro giup phap ly", "cong an tinh")


@cache
def codes() -> frozenset[str]:
    """Codes of forms and rows that cannot be taken for a word: a letter and a digit, or a long name in capitals."""
    found = set()
    for pack in PACKS:
        for form in (*pack.forms, *pack.others):
            found |= {form.code, *(row.code for table in form.tables for row in table.rows)}
    return frozenset(c for c in found if len(c) >= 5 or (len(c) >= 3 and re.search(r"\d", c)))


@cache
def rules() -> frozenset[str]:
    """Ids of the packs' rules: no file of the engine is named after one."""
    return frozenset(rule.id for pack in PACKS for rule in pack.rules)


@cache
def names() -> frozenset[str]:
    """Places, offices and documents of the shipped regimes."""
    own = {p.regime.authority.province for p in PACKS} | {p.regime.authority.standing_office for p in PACKS}
    numbers = (re.findall(r"\d+/[\w-]*[A-ZĐ][\w-]+", b.document) for p in PACKS for b in p.regime.legal_basis)
    own |= {number for found in numbers for number in found if "NĐ-CP" not in number}  # decrees hold for everybody
    return frozenset(own)


@cache
def plain_names() -> frozenset[str]:
    """The same places without diacritics: `thanh hoa` of `thanh_hoa`, `Thanh Hoá`."""
    places = {p.regime.authority.province for p in PACKS}
    return frozenset({*_PLAIN, *(without_diacritics(place).casefold() for place in places)})


@cache
def units() -> frozenset[str]:
    return frozenset(unit.code for pack in PACKS for unit in pack.units)


def found_in(text: str, *, in_a_pack: bool = False) -> set[str]:
    told = {word for word in WORDS if word.casefold() in text.casefold()} | {n for n in names() if n in text}
    plain = re.sub(r"[\s_-]+", " ", without_diacritics(text).casefold())
    told |= {word for word in plain_names() if re.search(rf"(?<![a-z]){word}(?![a-z])", plain)}
    told |= units() & set(re.findall(r"(?<![\w.#-])\d[\dA-Z-]{4,}(?![\w-])", text))
    if in_a_pack:
        return told
    return told | {m.group() for m in re.finditer(r"(?<![\w.])[A-ZĐ][\w.]*\w(?!\w)", text) if m.group() in codes()}


def faults_below(root: Path, folder: str) -> dict[str, list[str]]:
    """File -> the words of packs in it, or in its name."""
    files = sorted(f for f in (root / folder).rglob("*") if f.suffix in KINDS)
    assert files, f"{folder}: nothing is searched"
    wrong = {}
    for file in files:
        name = file.relative_to(root).as_posix()
        in_a_pack = PACKS_OWN in file.as_posix()
        told = found_in(file.read_text(encoding="utf-8"), in_a_pack=in_a_pack)
        told |= found_in(re.sub(r"[_.]", " ", name), in_a_pack=in_a_pack) | ({file.stem} & rules())
        if told := told - KEPT_WORDS.get(name, set()):
            wrong[name] = sorted(told)
    return wrong


@pytest.mark.parametrize("folder", FOLDERS)
def test_engine_contains_no_words_of_any_pack(folder: str) -> None:
    assert faults_below(ROOT, folder) == {}


def test_words_in_every_kind_of_file_and_in_file_names_are_found(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    for name, text in {
        "sign_off.py": 'OFFICE = "police_office"', "V52.sql": "SELECT 1", "page.html": "<p>Biểu PL01</p>",
        "count_CT01.sql": "SELECT 1", "innocent.py": "FORM = 'FORM/ROW/COLUMN'",
    }.items():  # fmt: skip
        (tmp_path / "plugins" / name).write_text(text, encoding="utf-8")
    assert faults_below(tmp_path, "plugins") == {
        "plugins/V52.sql": ["V52"], "plugins/page.html": ["PL01"], "plugins/sign_off.py": ["police"],
        "plugins/count_CT01.sql": ["CT01"],
    }  # fmt: skip


def test_the_search_finds_what_it_is_there_for() -> None:
    assert {"PL01", "CT01", "B01.03b", "B04.24a", "PL04", "NGHIEN"} <= codes()
    assert found_in("cells like `PL01/CT01/TH`") == {"PL01", "CT01"}
    assert found_in("theo HD 46, Công an tỉnh Thanh Hóa") >= {"HD 46", "Thanh Hóa"}
    assert found_in("ma_tuy, Cai-nghien, THANH HOÁ, unit:14797, 38-CAT") == {
        "ma tuy", "cai nghien", "thanh hoa", "14797", "38-CAT",
    }  # fmt: skip
    assert found_in("form `PL01` of Hải Phòng", in_a_pack=True) == {"Hải Phòng", "hai phong"}
    assert found_in("nghiên cứu, số 12345, mã 00001, cá nhân hóa") == set()
    assert found_in("a form `FORM/ROW/COLUMN` of any regime") == set()
