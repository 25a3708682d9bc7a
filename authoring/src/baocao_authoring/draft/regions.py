"""Where the parts of an official form are: lines above, heading rows, the row of column numbers, body, notes below."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from baocao.text import fold
from baocao_authoring.draft.grid import Grid
from baocao_authoring.draft.words import STT, is_heading_word, is_note_line, is_signature

_NUMBER = re.compile(r"\(?\s*(\d{1,2}[a-z]?|[A-ZĐ])\s*\)?(\s*=.*)?")
_ITEM = re.compile(r"\(?(\d{1,3}(\.\d+)*|[IVX]+)\s*[.)]?")
"""A printed number of a line: what has one is no heading."""
_NAMES = frozenset({"nội dung", "chỉ tiêu", "tên chỉ tiêu", "danh mục", "tiêu chí", "diễn giải", "nhóm chỉ tiêu"})
_DOTS = re.compile(r"[.…\s_]+")


@dataclass
class Region:
    """One table, zero-based. `left` and `right` are its first and last columns, `end` the row after its body."""

    above: int
    """first row of the lines that belong to it"""
    top: int
    bottom: int
    """last heading row"""
    numbers: int | None
    """the row of column numbers"""
    first: int
    end: int
    left: int
    right: int
    notes: list[int] = field(default_factory=list)
    furniture: list[int] = field(default_factory=list)
    """signature block: looked at, not taken over"""


def has_table(grid: Grid) -> bool:
    """Whether the sheet holds a table with a heading row we recognise."""
    return next_heading(grid, 0) is not None


def next_heading(grid: Grid, start: int) -> int | None:
    """The first row from `start` that looks like the top of a table's head."""
    for row in range(start, grid.rows):
        cells = grid.cells(row)
        # A line of the body may hold heading words too ("Nội dung chi khác").
        if any(_ITEM.fullmatch(t) for _, t in cells):
            continue
        words = [fold(t).strip(" .:*") for _, t in cells if is_heading_word(t)]
        alone = len(cells) >= 3 and bool(words) and (words[0] in STT or fold(cells[0][1]) in _NAMES)
        if len(words) >= 2 or alone:
            return row
    return None


def regions(grid: Grid) -> list[Region]:
    """Every table of the sheet, from top to bottom."""
    found: list[Region] = []
    start = 0
    while (top := next_heading(grid, start)) is not None:
        region = _region(grid, start, top)
        found.append(region)
        start = max([region.end, *(r + 1 for r in region.notes + region.furniture)])
    return found


def _region(grid: Grid, above: int, top: int) -> Region:
    heads = grid.cells(top)
    left, right = heads[0][0], max(grid.right(top, c) for c, _ in heads)
    bottom = max(grid.bottom(top, c) for c, _ in heads)
    while bottom + 1 < grid.rows and _is_more_heading(grid, bottom + 1, heads):
        bottom += 1
    for row in range(top, bottom + 1):
        right = max([right, *(grid.right(row, c) for c, _ in grid.cells(row))])
    # Usually right below the head; some files merge the head down over it, some leave a blank line.
    numbers = next(
        (r for r in (bottom + 1, bottom + 2, bottom) if r > top and r < grid.rows and is_number_row(grid, r)), None
    )
    if numbers is not None and numbers <= bottom:
        bottom = numbers - 1
    first = (bottom if numbers is None else numbers) + 1
    region = Region(above, top, bottom, numbers, first, first, left, right)
    _find_end(grid, region)
    return region


def _is_more_heading(grid: Grid, row: int, heads: list[tuple[int, str]]) -> bool:
    """A second heading row without vertical merges: nothing under STT and names, texts (not figures) elsewhere."""
    texts = [t for _, t in grid.cells(row)]
    fixed = {heads[0][0], *(c for c, t in heads if is_heading_word(t))}
    if len(texts) < 2 or any(grid.own(row, c) for c in fixed) or is_number_row(grid, row):
        return False
    return not any(re.fullmatch(r"[\d.,]+|[xX×-]", t) for t in texts)


def is_number_row(grid: Grid, row: int) -> bool:
    """`A | B | C | 1 | 2 | 3=1+2`, `(1) | (2) | (3)`: the row that numbers the columns."""
    texts = [t for _, t in grid.cells(row)]
    if len(texts) < 3 or not all(_NUMBER.fullmatch(t) for t in texts):
        return False
    figures = [int(m[1]) for t in texts if (m := re.match(r"\(?\s*(\d{1,2})", t))]
    # Rising and beginning low: a line of figures of the body is not taken for it.
    return len(figures) >= 2 and figures == sorted(set(figures)) and figures[0] in {1, 2, 3, 4, 5}


def _find_end(grid: Grid, region: Region) -> None:
    """The body ends where notes, the signature block, the next table's head or nothing begins."""
    following = next_heading(grid, region.first) or grid.rows
    titles = _titles_above(grid, region, following)
    row, blank = region.first, 0
    while row < titles:
        cells = grid.cells(row)
        if not cells:
            blank += 1
            row += 1
            continue
        first = cells[0][1]
        # A line with marks or figures further right is a line of the table, whatever it begins with.
        alone = len(cells) <= 3 and not any(c >= region.left + 3 and re.fullmatch(r"[\d.,xX×-]+", t) for c, t in cells)
        if any(is_signature(t) for _, t in cells) or (alone and is_note_line(first)):
            break
        # After a gap, a line of running text is no line of the table any more.
        if blank >= 2 and len(cells) == 1 and not _stands_in_table(grid, region, row):
            break
        blank = 0
        region.end = row + 1
        row += 1
    _below(grid, region, row, titles)


def _titles_above(grid: Grid, region: Region, following: int) -> int:
    """The first of the title lines of the table that follows: single lines right above its head, after a gap."""
    if following >= grid.rows:
        return following
    row = following
    while row - 1 > region.first and len(grid.cells(row - 1)) <= 1:
        row -= 1
        if not grid.cells(row) and any(grid.cells(r) for r in range(row, following)):
            return row
    return following if row == following else row


def _stands_in_table(grid: Grid, region: Region, row: int) -> bool:
    column, text = grid.cells(row)[0]
    return region.left < column <= region.left + 2 and len(text) < 120


def _below(grid: Grid, region: Region, row: int, following: int) -> None:
    # After the first line of the signature block nothing is a note any more.
    signing = False
    while row < following:
        cells = grid.cells(row)
        if cells:
            signing = signing or any(is_signature(t) for _, t in cells)
            (region.furniture if signing else region.notes).append(row)
        row += 1


def is_dots(text: str) -> bool:
    """`…`, `.....`: room for something to be written in."""
    return bool(_DOTS.fullmatch(text))
