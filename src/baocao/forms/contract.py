"""The workbook contract: the few names that the writer, the reader, the mark-up and other programs share.

`docs/workbook.md` has it in full. A cell is found by the codes printed in the workbook, never by its address.
Imports nothing heavy: the reader's child process starts from here.
"""

from __future__ import annotations

from baocao.xlsx.a1 import address as address
from baocao.xlsx.a1 import column_name as column_name

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

FORM_KEY = "form."
FINGERPRINT_KEY = "fingerprint."
"""What the `_meta` keys of the forms' versions and fingerprints begin with."""

NIL_TABLE = "NIL"
"""Table, and its only row code, that answers for a whole form."""
NIL_COLUMN = "LD"
NIL_MARK = "NP"

# Recognised by its words, because columns without a code have nothing else to be recognised by.
COMPARED = "(để đối chiếu)"
"""Ends the heading over last period's figures: printed to compare with, never read."""

LIST_MARK = "*"
"""Ends the marker of a list (`§VB.DS*`): its rows carry no codes, each filled row is one case."""
LIST_NUMBER = "STT"
NOTES_HEAD = "Ghi chú:"
SIGNED_BY = "NGƯỜI LẬP BIỂU"
SIGNED_ON = "……………, ngày …… tháng …… năm ……"
"""What we print below the last row: no case of a list, should somebody have typed down to it."""

INFO_FORM = "TT"
INFO_COLUMN = "GTRI"
INFO_ROWS = ("DOC_NUMBER", "DOC_DATE", "SIGNING_FORM", "SIGNER_TITLE", "SIGNER_NAME", "REPORTER", "PHONE")
"""A workbook from before the first two were there is read as it is."""
OPTIONAL_INFO = ("DOC_NUMBER", "DOC_DATE", "REPORTER", "PHONE")

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
"""With a project's code in the cell column: the whole of that project."""

SIGNING_FORMS = ("TM.", "KT.", "TL.", "TUQ.", "Q.")
"""NĐ 30/2020/NĐ-CP, Phụ lục I: the forms of signing."""


def marker(form: str, table: str) -> str:
    """The cell over the `Mã` column of a table: `§FORM.TABLE`."""
    return f"{MARK}{form}.{table}"


def list_marker(form: str, code: str) -> str:
    """The cell over the `STT` column of a list: `§VB.DS*`."""
    return marker(form, code) + LIST_MARK


def list_nil(code: str) -> str:
    """The table that states a whole list empty."""
    return NIL_TABLE + code
