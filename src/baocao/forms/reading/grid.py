"""Reading a workbook's tables by their codes, in milliseconds: python-calamine for values, `xlsx` for what it hides.

Works in the calling process; `child.ReaderProcess` runs it in a process that may die. Imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import date, time, timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum

from baocao.forms.contract import END_MARK, LIST_MARK, MARK, META_SHEET
from baocao.forms.reading.aside import aside_of, loose_figures, merges_of
from baocao.forms.reading.list_rows import end_of_list, fill_list
from baocao.forms.reading.raw import BROKEN, Position, RawTable, RawValue, RawWorkbook, Unreadable
from baocao.xlsx.book import Book
from baocao.xlsx.canonical import for_the_fast_reader
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.sheet import facts as facts_of
from baocao.xlsx.sheet import is_sheet
from baocao.xlsx.sheet_bytes import SheetFacts

Grid = list[list[Any]]

_CODE = re.compile(
    rf"{MARK}\s*(?:(?P<form>[A-Z][A-Z0-9-]*)\.(?P<table>[A-Z][A-Z0-9]*)(?P<list>\{LIST_MARK}?)"
    r"|(?P<column>[A-Z][A-Z0-9_]*))"
)


@contextmanager
def _breakage_refused() -> Iterator[None]:
    """Whatever the parsers raise on damaged bytes is the file's fault, and is reported to its sender."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:  # a Rust panic arrives as a BaseException
        raise Unreadable("unreadable", BROKEN) from error


def read_workbook(data: bytes, book: Book | None = None) -> RawWorkbook:
    """All tables of a workbook, found by their hidden code rows wherever they stand.

    `book` is the same file opened already. Only one sheet's grid is held at a time: fourteen would have the garbage
    collector walk their lists again and again.
    Raises Unreadable with a sentence for the sender when the bytes are no readable workbook.
    """
    with _breakage_refused():
        book = book or Book(ZipPackage(data))
    read = read_sheets(book)
    # One at a time: the reader is asked to mark up the file it has just read, never an older one.
    _LAST[:] = [(data, read, book if book.package.declared_bytes <= _KEPT_BYTES else None)]
    return read


def read_sheets(book: Book, passed_over: Set[str] = frozenset()) -> RawWorkbook:
    """`read_workbook` of an opened file, without the sheets `passed_over`: their tables are then not there."""
    with _breakage_refused():
        # First what the fast reader hides (merges, formulas, errors): these are read from XML with our own bounds,
        # before the library sees the bytes.
        facts = _facts(book, passed_over)
        workbook = CalamineWorkbook.from_filelike(BytesIO(for_the_fast_reader(book)))
        sheets = [
            (index, sheet.name)
            for index, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ is SheetTypeEnum.WorkSheet
        ]
    # Programs that cannot keep a hidden sheet under its name still keep its keys (docs/workbook.md, section 1: never
    # by name).
    meta_may_be_renamed = not any(is_meta(name) for _, name in sheets)
    read = RawWorkbook([name for _, name in sheets], {}, [])
    for index, name in sheets:
        if name in passed_over:
            continue
        with _breakage_refused():
            # `skip_empty_area=False`: by itself calamine cuts empty rows and columns off at the top left, and every
            # address would shift.
            grid = workbook.get_sheet_by_index(index).to_python(skip_empty_area=False)
        known = facts.get(name) or SheetFacts()
        here = _tables(name, grid, known)
        read.tables.extend(here)
        if here:
            read.formulas[name] = known.formulas
            read.loose.extend((name, *place, value) for place, value in loose_figures(grid, [t.span for t in here]))
        if not read.meta and (meta_may_be_renamed or is_meta(name)):
            read.meta = _meta(grid)
    return read


_LAST: list[tuple[bytes, RawWorkbook, Book | None]] = []
"""The workbook read last in this process, behind its bytes; nobody changes it. A huge one is not kept open: the memory
is the next file's."""
_KEPT_BYTES = 16 << 20


def read_once(data: bytes) -> tuple[RawWorkbook, Book]:
    """`read_workbook` and the opened file, from memory when these very bytes were the last it read: a file is marked up
    by the process that has just read it."""
    if not _LAST or _LAST[0][0] != data:
        read_workbook(data)
    _, read, book = _LAST[0]
    return read, book or Book(ZipPackage(data))


def _facts(book: Book, passed_over: Set[str]) -> dict[str, SheetFacts]:
    """Per sheet name what the fast reader hides."""
    found = {}
    for sheet in book.sheets:
        if sheet.name not in passed_over and sheet.part and is_sheet(book, sheet.part):
            found[sheet.name] = facts_of(book, sheet.part)
    return found


def is_meta(name: str) -> bool:
    """Whether a sheet of this name is the key-value sheet."""
    return name.strip().lower() == META_SHEET


def _meta(grid: Grid) -> dict[str, str]:
    """The pairs of the key-value sheet, known by its keys; nothing from any other sheet."""
    pairs = {str(row[0]).strip(): _plain(row[1]) for row in grid if len(row) > 1 and row[0] != ""}
    return pairs if "layout" in pairs and "regime" in pairs else {}


def _plain(value: Any) -> str:
    """Text of a `_meta` value; a code that a spreadsheet turned into a number keeps its digits."""
    if value.__class__ is str:
        text: str = value.strip()
        return text if text.isprintable() else printable(text)
    return str(int(value)) if value.__class__ is float and value.is_integer() else str(value)


def _code_rows(grid: Grid) -> list[int]:
    """Rows whose first filled cell is a code; when there is none, rows with a code anywhere."""
    found = []
    for index, row in enumerate(grid):
        first = row[0] or next(filter(None, row), "")
        if first.__class__ is str and MARK in first and first.lstrip().startswith(MARK):
            found.append(index)
    # A row whose first cell is a code is a code row; a `§` further right may be somebody's paragraph sign, and counts
    # only where there is no other.
    if found:
        return found
    return [i for i, row in enumerate(grid) if any(v.__class__ is str and v.startswith(MARK) for v in row)]


def _tables(sheet: str, grid: Grid, facts: SheetFacts) -> list[RawTable]:
    """A table begins at its marker and ends at the next code row: another marker, the end mark, or neither."""
    tables = []
    merges = [area for _, area in facts.merges if area is not None]
    rows = [*_code_rows(grid), len(grid)]
    for index, end in pairwise(rows):
        table = None
        columns: list[tuple[str, int]] = []
        for column, value in enumerate(grid[index]):
            match = _CODE.fullmatch(value.strip()) if value.__class__ is str and MARK in value else None
            if match is None:
                continue
            form, code, is_list, name = match.groups()
            if name is not None:
                columns.append((name, column))
            elif table is None:
                table = RawTable(form, code, sheet, (index, column), columns, [], {}, {}, is_list=bool(is_list))
        if table is not None:
            # Whoever deletes the hidden end row leaves a table that is still read, only without knowing where it
            # ends.
            table.closed = end < len(grid) and END_MARK in (v.strip() for v in grid[end] if v.__class__ is str)
            if table.is_list:
                last = end_of_list(grid, rows, index)
                fill_list(table, grid, last, facts.faults, _value)
            else:
                _fill(table, grid, index + 1, end, facts.faults)
                last = end if table.closed else max((row for _, row in table.rows), default=index) + 1
            table.span = (index, last)
            table.aside.extend(aside_of(table, grid, index + 1, last, merges))
            table.merges.extend(merges_of(table, index + 1, last, merges))
            table.percents.extend(place for place in facts.percents if place in table.values)
            tables.append(table)
    return tables


def _fill(table: RawTable, grid: Grid, start: int, end: int, faults: dict[Position, str]) -> None:
    """Collect row codes and filled cells of the rows between two markers."""
    mark = table.marker[1]
    indexes = [column for _, column in table.columns]
    values = table.values
    pending: list[Position] = []
    for index in range(start, end):
        row = grid[index]
        code = _plain(row[mark])
        if not code:
            if table.rows:
                pending.extend((index, c) for c in indexes if _filled(row[c]))
            continue
        table.uncoded.extend(pending)
        pending = []
        table.rows.append((code, index))
        for column in indexes:
            value = row[column]
            kind = value.__class__
            if kind is str:
                if value and not value.isspace():
                    values[index, column] = value if value.isprintable() else printable(value)
            elif kind is float or kind is bool:
                values[index, column] = value
            else:
                values[index, column] = _other(value)
    # Without the end mark these cells may be the notes and signatures printed below.
    if table.closed:
        table.uncoded.extend(pending)
    # Error values and formulas never computed are empty cells to the fast reader: they would be read as blank.
    if faults:
        wanted = set(indexes)
        for (index, column), text in faults.items():
            if start <= index < end and column in wanted:
                table.errors[index, column] = text


_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
"""A workbook writes such a character as `_x0000_`; no text of ours, no database and no XML may hold it."""


def printable(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return text.translate(_NOT_IN_XML)


def _filled(value: Any) -> bool:
    return value.__class__ is not str or bool(value.strip())


def _value(value: Any) -> RawValue | None:
    """What the cell says; None when it is empty."""
    if value.__class__ is str:
        return None if not value or value.isspace() else printable(value)
    return value if value.__class__ in (float, bool) else _other(value)


def _other(value: Any) -> RawValue:
    """Dates stay dates; times of day and durations, which no form asks for, become text; whole numbers float."""
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, int):
        return float(value)
    return str(value)
