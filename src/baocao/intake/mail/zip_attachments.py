"""Files packed into a zip by a sender: taken out within bounds, under names people can read."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from baocao.intake.inbox_names import is_junk
from baocao.intake.mail.texts import guess, one_line

MAX_MEMBERS = 30
MAX_BYTES = 128 << 20
"""Of all members of one parcel together, unpacked."""


class NotPacked(Exception):  # noqa: N818 (an answer)
    """The zip is taken as one file: `encrypted` says whether because of a password."""

    def __init__(self, *, encrypted: bool = False) -> None:
        super().__init__()
        self.encrypted = encrypted


def is_parcel(data: bytes) -> bool:
    """A zip that holds files, as against a workbook or document that is itself a zip."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            names = set(parcel.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    # The marks of Office Open XML and of OpenDocument: these are documents to be taken whole.
    return "[Content_Types].xml" not in names and "mimetype" not in names


def unpacked(data: bytes, budget: int = MAX_BYTES) -> list[tuple[str, bytes]]:
    """Name and bytes of every file in it; folders and what operating systems add are left out.

    Raises NotPacked where it cannot be taken apart: a password, damage, more members or bytes than allowed.
    """
    found = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            members = [m for m in parcel.infolist() if not m.is_dir() and not _is_junk(m.filename)]
            # One of several is enough: half a parcel answered would look like the whole.
            if any(m.flag_bits & 1 for m in members):
                raise NotPacked(encrypted=True)
            # Taken whole it is refused as an archive, with a sentence that says to send the workbook itself.
            if len(members) > MAX_MEMBERS:
                raise NotPacked
            for member in members:
                with parcel.open(member) as stream:
                    content = stream.read(budget + 1)  # what is declared may lie
                budget -= len(content)
                if budget < 0:
                    raise NotPacked
                found.append((_name(member), content))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise NotPacked from error
    return found


def _is_junk(path: str) -> bool:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return not parts or parts[0] == "__MACOSX" or is_junk(parts[-1])


def _name(member: zipfile.ZipInfo) -> str:
    """The last part of the path. Without the flag for UTF-8 the library reads the old DOS code page: undone here."""
    text = member.filename
    if not member.flag_bits & 0x800:
        # Programs write UTF-8 or Windows-1258 there without saying so.
        text = guess(text.encode("cp437", "replace"))
    # Never the path: `../../x` in a parcel must not lead anywhere.
    return one_line(PurePosixPath(text.replace("\\", "/")).name)
