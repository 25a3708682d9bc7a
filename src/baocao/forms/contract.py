"""The workbook contract: the few names that the writer, the reader, the mark-up and a stranger's program share.

`docs/workbook.md` tells it in full. A cell is found by the codes printed in the workbook, never by its address.
Imports nothing heavy: the reader's child process starts from here.
"""

from __future__ import annotations

from functools import lru_cache

LAYOUT = "1"
"""Version of this contract, `_meta` key `layout`."""

MARK = "§"
"""Starts every cell of a hidden code row."""

END_MARK = "§HET"
"""Stands in the `Mã` column of a hidden row under a table: what follows is not data."""

GUIDE_SHEET = "Hướng dẫn"
INFO_SHEET = "Thông tin"
INDEX_SHEET = "Kết quả kiểm tra"
META_SHEET = "_meta"

META_KEYS = ("layout", "regime", "period", "unit", "unit_name")
FORM_KEY = "form."
FINGERPRINT_KEY = "fingerprint."

NIL_TABLE = "NIL"
"""Table, and its only row code, that answers for a whole form."""
NIL_COLUMN = "LD"
NIL_MARK = "NP"

INFO_FORM = "TT"
INFO_COLUMN = "GTRI"
INFO_ROWS = ("SIGNING_FORM", "SIGNER_TITLE", "SIGNER_NAME", "REPORTER", "PHONE")

INDEX_FORM = "KQ"
INDEX_KEY_COLUMN = "KHOA"
INDEX_EXPLANATION_COLUMN = "GT"

KIND_KEY = "kind"
"""`_meta` key of a workbook that is no report; a unit's workbook has none."""
SLICE_KIND = "lead_slice"
"""The slice of a lead body: comes back with its comments."""
SLICE_KEY = "slice_sha256"
COMMENT_SHEET = "Ý kiến"
COMMENT_FORM = "YK"
COMMENT_COLUMNS = ("DON_VI", "O", "LOAI", "ND")
"""Unit, cell or project, kind, words."""
COMMENT_ROWS = 60
PROJECT_SUBJECT = "DA"
"""`DA6` in the cell column: the whole of project 6."""

SIGNING_FORMS = ("TM.", "KT.", "TL.", "TUQ.", "Q.")
"""NĐ 30/2020/NĐ-CP, Phụ lục I: the forms of signing."""


def marker(form: str, table: str) -> str:
    """The cell over the `Mã` column of a table: `§B04.A`."""
    return f"{MARK}{form}.{table}"


@lru_cache(maxsize=1024)
def column_name(index: int) -> str:
    """Letters of a zero-based column: 0 is `A`, 26 is `AA`."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """A1 name of a zero-based row and column."""
    return f"{column_name(column)}{row + 1}"


def a1_position(a1: str) -> tuple[int, int] | None:
    """Zero-based row and column of an A1 name; None when it is none."""
    letters = a1.rstrip("0123456789")
    digits = a1[len(letters) :]
    if not digits or not letters.isalpha() or not letters.isascii():
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1
