"""The zip package of a workbook, opened with bounds: what the directory declares is checked, then held to.

The one reader of a stranger's zip: screening, reading and marking up all go through it.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from itertools import pairwise

from baocao.xlsx.limits import DEFAULT, MEGABYTE, Limits
from baocao.xlsx.packing import LOCAL_HEADER, LOCAL_MARK, STORED, Packed, deflated

# `zipfile` is asked for the directory only: its `read` believes no bound and cannot give the packed bytes.
_ENCRYPTED_FLAG = 0x1


class Encrypted(Exception):  # noqa: N818 (a fact about the file)
    """A part is encrypted in the zip itself."""


class Oversized(Exception):  # noqa: N818 (a fact about the file)
    """The package declares, or turns out to hold, more than the limits; or declares one thing and holds another."""


class ZipPackage:
    """The parts of one file, by name."""

    def __init__(self, data: bytes, limits: Limits = DEFAULT) -> None:
        """Raises zipfile.BadZipFile, Encrypted, Oversized."""
        self._data = data
        self._limits = limits
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
        _check_directory(infos, limits)
        self._parts = {info.filename: info for info in infos}
        self._by_lower = {name.lower(): name for name in self._parts}
        self._read: dict[str, bytes] = {}
        self._with_a_tail: set[str] = set()
        """parts read whose packed bytes hold more than the part"""
        # What may still be unpacked. Declared sizes can lie, so it is held to again as parts are read.
        self._left = limits.total_bytes

    @property
    def names(self) -> list[str]:
        """Part names as written in the directory."""
        return list(self._parts)

    @property
    def declared_bytes(self) -> int:
        """How large all parts are together, by the directory."""
        return sum(info.file_size for info in self._parts.values())

    def find(self, name: str) -> str | None:
        """The part as the directory spells it, whatever the case of the letters; None when there is none.

        Part names are compared without regard to case (ECMA-376 part 2, 6.2.2.3), and some programs rely on it.
        """
        return self._by_lower.get(name.lower())

    def read(self, name: str) -> bytes:
        """The part, inflated once and no further than its declared size and the limits.

        Raises Oversized when it holds more or less than declared, zipfile.BadZipFile when it is damaged.
        """
        if name in self._read:
            return self._read[name]
        info = self._parts[name]
        content = self._unpacked(info, min(info.file_size, self._limits.part_bytes, self._left))
        if len(content) != info.file_size:
            raise Oversized(name)
        # python-calamine does not look at checksums: a flipped digit would be read as the unit's figure.
        if zlib.crc32(content) != info.CRC:
            raise zipfile.BadZipFile(name)
        self._left -= len(content)
        self._read[name] = content
        return content

    def has_read(self, name: str) -> bool:
        """Whether the part was read already."""
        return name in self._read

    def packed(self, name: str) -> Packed:
        """The part as it may be written into another package without being unpacked; raises what `read` raises.

        Packed again where something follows in it that is no part of its content.
        """
        content = self.read(name)
        # Bytes behind the end of the stream are seen by no reader; they must not leave the house in our copy.
        return deflated(content) if name in self._with_a_tail else self._as_it_lies(name)

    def unpacked(self, name: str) -> Packed:
        """The part as it may be written into another package without being packed; raises what `read` raises."""
        content = self.read(name)
        return Packed(STORED, self._parts[name].CRC, len(content), content)

    def take_over(self, other: ZipPackage) -> None:
        """A part that lies in both in the same bytes, and that `other` has read, need not be unpacked again."""
        for name, content in other._read.items():
            if name in self._parts and name not in self._read and self._as_it_lies(name) == other._as_it_lies(name):
                self._left -= len(content)
                self._read[name] = content

    def _as_it_lies(self, name: str) -> Packed:
        info = self._parts[name]
        return Packed(info.compress_type, info.CRC, info.file_size, self._raw(info))

    def _unpacked(self, info: zipfile.ZipInfo, cap: int) -> bytes:
        """At most one byte more than `cap` is ever unpacked. Raises Oversized when there is that byte."""
        raw = self._raw(info)
        content = raw
        if info.compress_type == zipfile.ZIP_DEFLATED:
            # Negative: the bare stream of a zip, without zlib's header and checksum.
            inflater = zlib.decompressobj(-15)
            try:
                # One byte more than allowed tells too much from exactly as much.
                content = inflater.decompress(raw, cap + 1)
            except zlib.error as error:
                raise zipfile.BadZipFile(info.filename) from error
            if inflater.unused_data or not inflater.eof:
                self._with_a_tail.add(info.filename)
        if len(content) > cap:
            raise Oversized(info.filename)
        return content

    def _raw(self, info: zipfile.ZipInfo) -> bytes:
        """The packed bytes, found through the part's local header."""
        start = info.header_offset
        header = self._data[start : start + LOCAL_HEADER.size]
        if len(header) < LOCAL_HEADER.size or header[:4] != LOCAL_MARK:
            raise zipfile.BadZipFile(info.filename)
        # Its extra field may be of another length than the directory's, so only it tells where the part begins.
        *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
        begin = start + LOCAL_HEADER.size + name_length + extra_length
        raw = self._data[begin : begin + info.compress_size]
        if len(raw) != info.compress_size:
            raise zipfile.BadZipFile(info.filename)
        return raw


def _check_directory(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    # Two parts of one name: one program takes the first, another the last, and we would check what nobody sees.
    if len(infos) > limits.entries or len({i.filename for i in infos}) != len(infos):
        raise Oversized("entries")
    if sum(i.file_size for i in infos) > limits.total_bytes:
        raise Oversized("total")
    spans = sorted((i.header_offset, i.header_offset + i.compress_size) for i in infos)
    # Parts that share their bytes multiply one small stream; the sizes alone look harmless.
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise Oversized("overlap")
    for info in infos:
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise Encrypted(info.filename)
        # ECMA-376 part 2 allows no other method in a package.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile(info.filename)
        if info.file_size > limits.part_bytes:
            raise Oversized(info.filename)
        if info.file_size > MEGABYTE and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise Oversized(info.filename)
