"""A1 addresses: letters and numbers of cells and areas, both ways. Rows and columns are zero-based everywhere else."""

from __future__ import annotations

from functools import lru_cache

Position = tuple[int, int]
"""Zero-based row and column."""
Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, zero-based."""

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383


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


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """Zero-based column of its letters: `A` is 0."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


# Every sheet of every unit has the same addresses; bounded, because a stranger's file chooses them.
@lru_cache(maxsize=1 << 15)
def position(reference: str) -> Position | None:
    """Zero-based row and column of an A1 address on a sheet; None for anything else."""
    # `XFD1048576` is the longest. ASCII only: `isdigit` and `int` also take digits of other scripts.
    if not 2 <= len(reference) <= 10 or not reference.isascii():
        return None
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not (1 <= len(letters) <= 3 and 1 <= len(digits) <= 7 and letters.isalpha()):
        return None
    row, column = int(digits) - 1, column_index(letters.upper())
    return (row, column) if 0 <= row <= LAST_ROW and column <= LAST_COLUMN else None


@lru_cache(maxsize=1 << 13)
def area_of(reference: str) -> Area | None:
    """The rectangle of `A1:B2` or `A1`; None for anything else."""
    first, _, last = reference.replace("$", "").partition(":")
    start, end = position(first), position(last or first)
    if start is None or end is None:
        return None
    return min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])
