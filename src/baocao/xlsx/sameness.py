"""Which sheets of a changed workbook mean what they meant, so that nobody need read them again."""

from __future__ import annotations

from baocao.xlsx.book import Book
from baocao.xlsx.sheet import facts_by_bytes
from baocao.xlsx.sheet_bytes import same_but_for_styles
from baocao.xlsx.xml import Element


def sheets_left_alone(before: Book, after: Book) -> frozenset[str]:
    """Names of the sheets whose values cannot have changed between two states of one workbook.

    A sheet's values follow from its own part, the shared texts, the number formats of the styles and the day the
    workbook counts dates from. Styles that were added at the end change none that is used, and a cell's style only
    matters by its number format.
    """
    if _texts(before) != _texts(after) or _day_one(before) != _day_one(after):
        return frozenset()
    formats, looks = _formats(before)
    new_formats, new_looks = _formats(after)
    # The number format decides whether a number is a date, so it is part of what the reader gives.
    if formats != new_formats or looks != new_looks[: len(looks)]:
        return frozenset()
    parts = {sheet.name: sheet.part for sheet in before.sheets}
    return frozenset(
        sheet.name
        for sheet in after.sheets
        if sheet.part and sheet.part == parts.get(sheet.name) and _same_values(before, after, sheet.part, new_looks)
    )


def _same_values(before: Book, after: Book, part: str, formats: list[str]) -> bool:
    was, now = before.package.read(part), after.package.read(part)
    return was == now or (facts_by_bytes(before, part) is not None and same_but_for_styles(was, now, formats))


def _texts(book: Book) -> bytes | None:
    part = book.related(book.main, "sharedStrings")
    return None if part is None else book.package.read(part)


def _day_one(book: Book) -> list[str | None]:
    # The same number is a day four years later in a workbook that counts from 1904 (old Excel for Mac).
    return [properties.get("date1904") for properties in book.root(book.main).iter("{*}workbookPr")]


def _formats(book: Book) -> tuple[list[tuple[str, str]], list[str]]:
    """The number formats of a workbook's own, and which one each cell style has."""
    part = book.related(book.main, "styles")
    if part is None:
        return [], []
    root: Element = book.root(part)
    own = [(item.get("numFmtId", ""), item.get("formatCode", "")) for item in root.iterfind("{*}numFmts/{*}numFmt")]
    return own, [look.get("numFmtId", "") for look in root.iterfind("{*}cellXfs/{*}xf")]
