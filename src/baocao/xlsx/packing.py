"""The one writer of packages (xlsx, docx, packs), and the reader of those we have written ourselves.

Parts may be packed already: what did not change is copied as it lies, and not packed again, which `zipfile` cannot do.
Written as it would, but with no time other than a fixed one, so that the bytes depend on the parts only.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

STORED, DEFLATED = 0, 8
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
"""In front of each part; its last two numbers are the lengths of the name and of the extra field that follow."""
LOCAL_MARK = b"PK\x03\x04"
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
# As `zipfile.writestr` writes them. No Zip64: screening lets in 60 MB and 1,000 parts at most.
_VERSION, _UNIX = 20, 3 << 8
_IN_UTF8 = 0x800
_DAY = 33
"""1 January 1980 as a zip writes it, the first day it can."""
_OWN_FILE = 0o600 << 16
FAST, USUAL = 1, 6
"""levels of packing: `FAST` makes a filled blank only a tenth larger"""


class Packed(NamedTuple):
    """A part as it lies in a zip."""

    method: int
    """`STORED` or `DEFLATED`"""
    crc: int
    size: int
    """unpacked"""
    raw: bytes


def stored(content: bytes) -> Packed:
    """A part that is not packed."""
    return Packed(STORED, zlib.crc32(content), len(content), content)


def deflated(content: bytes, level: int = FAST) -> Packed:
    """A part, packed."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return Packed(DEFLATED, zlib.crc32(content), len(content), packer.compress(content) + packer.flush())


def zip_of(parts: Iterable[tuple[str, Packed]]) -> bytes:
    """A zip with these parts in their order."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for text, part in parts:
        name = text.encode()
        flags = 0 if text.isascii() else _IN_UTF8
        told = (flags, part.method, 0, _DAY, part.crc, len(part.raw), part.size, len(name), 0)
        head = LOCAL_HEADER.pack(LOCAL_MARK, _VERSION, *told) + name
        directory.append(_CENTRAL.pack(b"PK\x01\x02", _UNIX | _VERSION, _VERSION, *told, 0, 0, 0, _OWN_FILE, at) + name)
        pieces += (head, part.raw)
        at += len(head) + len(part.raw)
    central = b"".join(directory)
    count = len(directory)
    return b"".join((*pieces, central, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), at, 0)))


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a package of our own, in its order. What a stranger has sent is opened by `ZipPackage` alone."""
    with ZipFile(BytesIO(data)) as package:
        # A library may have written one name twice: every program reads the later part.
        return {name: package.read(name) for name in package.namelist()}
