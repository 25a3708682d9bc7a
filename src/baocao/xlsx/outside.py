"""Formulas whose value comes from outside the file. Its figure may be another tomorrow, and nobody can check it.

Taken for outside: what fetches over a network (WEBSERVICE, the IMPORT family and GOOGLEFINANCE of Google Sheets,
STOCKHISTORY, IMAGE), what asks another program or a database (RTD, DDE, CUBE..., SQL.REQUEST, CALL, REGISTER.ID), what
is computed elsewhere (PY), and a reference to another workbook, also inside INDIRECT.
Left alone: HYPERLINK (shows its own text, fetches nothing before somebody clicks), FILTERXML and ENCODEURL (work on a
text that is in the file; where it came from WEBSERVICE, that formula is refused).
"""

from __future__ import annotations

from functools import lru_cache

OUTSIDE = (
    "CALL",
    "CUBEKPIMEMBER",
    "CUBEMEMBER",
    "CUBEMEMBERPROPERTY",
    "CUBERANKEDMEMBER",
    "CUBESET",
    "CUBESETCOUNT",
    "CUBEVALUE",
    "DDE",
    "GOOGLEFINANCE",
    "IMAGE",
    "IMPORTDATA",
    "IMPORTFEED",
    "IMPORTHTML",
    "IMPORTRANGE",
    "IMPORTXML",
    "PY",
    "REGISTER.ID",
    "RTD",
    "SQL.REQUEST",
    "STOCKHISTORY",
    "WEBSERVICE",
)
_PLACEHOLDER = "DUMMYFUNCTION"
"""What Google Sheets writes for a function of its own; the real formula stands in a text inside."""

_JOINED = ("_", ".")
# Written in the file before functions younger than the format, and never shown to the officer.
_PREFIXES = ("_XLFN.", "_XLWS.", "_XLUDF.", "_XLL.")


_MOST_KEPT = 1 << 16


def may_be_outside(formulas: str) -> bool:
    """A quick look at many formulas at once: whether any of them could be one. Every unit's sheet holds the same."""
    # Large texts are not kept: 128 of a hostile file's would be more memory than the reader has.
    return (_may_be_outside if len(formulas) <= _MOST_KEPT else _may_be_outside.__wrapped__)(formulas)


@lru_cache(maxsize=128)
def _may_be_outside(formulas: str) -> bool:
    # `[` is another workbook, `|` a DDE call (`=cmd|'/c calc'!A0`), which has no function's name.
    if "[" in formulas or "|" in formulas:
        return True
    text = formulas.upper()
    return any(name in text for name in OUTSIDE)


@lru_cache(maxsize=4096)
def outside_source(formula: str) -> str:
    """What the formula calls outside the file: a function's name, or `[...]` for another workbook; else empty.

    Steps grow with the length of the formula.
    """
    if "(" not in formula and "[" not in formula and "|" not in formula:
        return ""
    text = formula.upper()
    # What stands between quotes is text; a doubled quote inside a text only adds an empty piece, so the parity holds.
    code = "".join(text.split('"')[::2])
    searched = text.replace('"', "") if _PLACEHOLDER in code else code
    if "(" in searched:
        for name in OUTSIDE:
            if _calls(searched, name):
                return name
    # Sheet names in apostrophes may hold `|`.
    unquoted = "".join(code.split("'")[::2])
    named = "INDIRECT" in code and any(_other_workbook(literal) for literal in text.split('"')[1::2])
    return "[...]" if named or "|" in unquoted or _other_workbook(code) else ""


def _calls(text: str, name: str) -> bool:
    """Whether `name` is called, with or without the prefix of newer functions (`_xlfn.`)."""
    at = text.find(name)
    while at >= 0:
        before = text[at - 1] if at else ""
        after = text[at + len(name) : at + len(name) + 8].lstrip()
        own_name = not (before.isalnum() or before in _JOINED) or text.endswith(_PREFIXES, 0, at)
        if own_name and after.startswith("("):
            return True
        at = text.find(name, at + len(name))
    return False


def _other_workbook(code: str) -> bool:
    """`[1]Sheet!A1`, `'[book.xlsx]Sheet'!A1`; not `Table[Column]`, nor `[0]!Name`, which is this workbook itself."""
    at, end = code.find("["), -1
    while at >= 0:
        # Looked for again only when passed: searching it for every bracket would take the square of the length.
        if end < at:
            end = code.find("]", at)
        if end < 0:
            return False
        before, after = code[at - 1 : at], code[end + 1 : end + 2]
        if (
            not (before.isalnum() or before in ("_", "]", "[", ","))
            and (after.isalnum() or after in ("_", "!", "'"))
            and code[at + 1 : end] != "0"
        ):
            return True
        at = code.find("[", at + 1)
    return False
