"""How much a workbook may hold. A filled blank has about 25 parts, 60 KB packed, 1 MB unpacked, 15 sheets."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the screening; the defaults leave a real workbook twenty times its size."""

    file_bytes: int = 15 * MEGABYTE
    entries: int = 1000
    part_bytes: int = 40 * MEGABYTE
    total_bytes: int = 60 * MEGABYTE
    # A small part of like rows may honestly pack as well; what harms the reader is large.
    ratio: int = 200
    """unpacked to packed, for parts above one megabyte"""
    sheets: int = 60
    rows: int = 20_000
    """row elements in one sheet, empty formatted ones included"""
    cells: int = 400_000
    """cell elements in one sheet, empty formatted ones included"""
    # python-calamine makes room for the whole rectangle: A1 and XFD1048576 alone abort its process.
    area: int = 4_000_000
    """rows x columns up to the farthest filled cell of a sheet"""
    # A million merges, 64,000 styles or 200,000 names kept openpyxl busy for 6 s and more.
    merges: int = 5_000
    merged_area: int = 100_000
    styles: int = 20_000
    names: int = 5_000


DEFAULT = Limits()
