"""One spelling everywhere: tone marks by the new placement, dates in figures as dd/mm/yyyy.

Held over what people read: letters, pages, packs, Word templates, and the sentences of the program itself.
"""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from baocao.text import fold

ROOT = Path(__file__).resolve().parents[2]
_TEXTS = ("*.yaml", "*.txt", "*.html", "*.csv", "*.md")
_DATE = re.compile(r"(?<![\d/.])([0-9]{1,2})/([0-9]{1,2})/(20[0-9]{2})(?![\d/])")
_WORD = re.compile(r"[^\W\d_]+")
_HOW_DATES_ARE_READ = {"src/baocao/forms/reading/dates.py"}
"""Lists the ways in which units write a date."""
_HOW_TONES_ARE_READ = {
    "src/baocao/text.py",
    "authoring/src/baocao_authoring/draft/around.py",
    "authoring/src/baocao_authoring/draft/words.py",
}
"""Know both placements, in what others wrote."""


def files() -> Iterator[Path]:
    for pattern in _TEXTS:
        yield from sorted((ROOT / "include").rglob(pattern))
        yield from sorted((ROOT / "authoring").rglob(pattern))
    yield from sorted((ROOT / "dags").rglob("*.md"))


def sentences(file: Path) -> Iterator[str]:
    """The string literals of a module, its docstrings included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts() -> Iterator[tuple[str, str]]:
    for file in files():
        yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
    for folder in ("src", "authoring", "dags", "plugins", "include/templates/word"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), "\n".join(sentences(file))
    for file in sorted((ROOT / "include").rglob("*.docx")):
        with zipfile.ZipFile(file) as package:
            parts = [
                package.read(n).decode() for n in package.namelist() if n.startswith("word/") and n.endswith("xml")
            ]
        yield file.relative_to(ROOT).as_posix(), re.sub(r"<[^>]+>", "", "\n".join(parts))


TEXTS = list(texts())


def test_there_is_something_to_read() -> None:
    assert {name.split("/")[0] for name, _ in TEXTS} == {"include", "authoring", "dags", "src", "plugins"}
    assert len(TEXTS) > 300


def old_tones(text: str) -> list[str]:
    return sorted({w for w in _WORD.findall(text) if fold(w) != w.casefold() and len(fold(w)) == len(w)})


def short_dates(text: str) -> list[str]:
    found = [m for m in _DATE.finditer(text) if int(m[1]) <= 31 and int(m[2]) <= 12]
    return [m[0] for m in found if len(m[1]) < 2 or len(m[2]) < 2]


def test_tone_marks_follow_the_new_placement_rule() -> None:
    wrong = {n: w for n, t in TEXTS if n not in _HOW_TONES_ARE_READ and (w := old_tones(t))}
    assert wrong == {}


def test_dates_have_two_digits_for_day_and_month() -> None:
    wrong = {n: w for n, t in TEXTS if n not in _HOW_DATES_ARE_READ and (w := short_dates(t))}
    assert wrong == {}


@pytest.mark.parametrize("text", ["Phường Thuỷ Nguyên", "Thanh Hoá", "uỷ ban"])
def test_the_linter_sees_an_old_tone(text: str) -> None:
    assert len(old_tones(text)) == 1 and old_tones("Ủy ban nhân dân quý đơn vị, hòa bình, lý do, khỏe") == []


@pytest.mark.parametrize("text", ["hết ngày 14/6/2026", "ngày 5/06/2026"])
def test_the_linter_sees_a_short_date(text: str) -> None:
    assert len(short_dates(text)) == 1 and short_dates("14/06/2026, Nghị định 30/2020/NĐ-CP, 01-05/2026") == []
