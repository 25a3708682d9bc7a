"""Names in the inbox: which are nobody's report, and how a name is written where people read it."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

PROCESSED = "_processed"
_PARTIAL = (
    *(".part", ".partial", ".tmp", ".temp", ".crdownload", ".opdownload", ".download", ".filepart", ".aria2"),
    *(".!ut", ".bc!", ".lock", ".swp", ".swo", ".laccdb", ".ldb"),
)
"""Files that a program is still writing, or uses while a document is open."""
_NO_DOCUMENTS = ("~", ".lnk", ".url", ".webloc")
"""Backup copies of editors, and pointers to a file that lies elsewhere."""
_OF_THE_SYSTEM = {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"}
_SYSTEM_FOLDERS = {"__macosx", "$recycle.bin", "system volume information", "lost+found", "@eadir"}
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_NAME_BYTES = 180


def is_junk(name: str) -> bool:
    """A file of a program or of the system, not something that somebody sends."""
    lower = name.lower()
    return (
        # `~$` is what Excel leaves beside an open workbook, with the same ending.
        lower.startswith(("~$", ".", "~wrl")) or lower.endswith((*_PARTIAL, *_NO_DOCUMENTS)) or lower in _OF_THE_SYSTEM
    )


def is_passed_over(folder: str, *, at_top: bool) -> bool:
    """A folder whose content nobody sent: hidden, of the system, or (at the top) set aside by `_`."""
    return folder.startswith(".") or folder.lower() in _SYSTEM_FOLDERS or (at_top and folder.startswith("_"))


def printable(name: str) -> str:
    """The name as people may read it: NFC; what is not UTF-8, breaks a line or turns the direction becomes `\ufffd`."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    return "".join("\ufffd" if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def is_utf8(name: str) -> bool:
    """Whether the name can be kept and printed: no byte of it stands for itself (surrogates)."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shortened(filename: str) -> str:
    """The name with room for what is put before it: a file system allows 255 bytes, a Vietnamese letter takes three."""
    if len(filename.encode()) <= _NAME_BYTES:
        return filename
    suffix = Path(filename).suffix[:10]
    # Cut by bytes; a letter that the cut goes through is dropped.
    return filename.encode()[: _NAME_BYTES - 40].decode(errors="ignore") + suffix
