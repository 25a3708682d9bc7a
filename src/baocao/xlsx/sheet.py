"""What one sheet holds besides plain values: errors, formulas without a value, sources outside, merges, extent.

Asked of the parsed tree, so the spelling of the XML does not matter. Every question visits each node once.
"""

from __future__ import annotations

from baocao.xlsx.a1 import Position, address, area_of, position
from baocao.xlsx.book import Book
from baocao.xlsx.formats import percent_styles
from baocao.xlsx.outside import may_be_outside, outside_source
from baocao.xlsx.paths import count_cells, count_rows, is_worksheet, paths_in
from baocao.xlsx.sheet_bytes import SheetFacts, facts_in_bytes, filled_in
from baocao.xlsx.spelling import is_usual
from baocao.xlsx.xml import Element, namespace

_NEAR = 5
"""Letters and digits of an address that cannot be far out, whatever they are."""


_MOST_SPREAD = 2000
"""Cells one formula may give values to; nobody's form has more, a hostile file could name a whole sheet."""


def is_sheet(book: Book, part: str) -> bool:
    """Whether a part is a sheet of cells. Raises what `xml.parse` raises."""
    return facts_by_bytes(book, part) is not None or is_worksheet(book.root(part))


def facts_by_bytes(book: Book, part: str) -> SheetFacts | None:
    """The facts of a sheet whose bytes tell them, worked out once; None for one that only its tree tells about.

    Raises Malformed.
    """
    if part not in book.told_by_bytes:
        content = book.package.read(part)
        found = facts_in_bytes(content)
        if found is not None:
            found.percents = filled_in(content, _percents(book))
        book.told_by_bytes[part] = found
    known = book.told_by_bytes[part]
    return known if isinstance(known, SheetFacts) else None


def rows_and_cells(book: Book, part: str) -> tuple[int, int]:
    """How many elements of each a sheet has, empty ones included."""
    if facts_by_bytes(book, part) is not None:
        content = book.package.read(part)
        return content.count(b'<row r="'), content.count(b'<c r="')
    root = book.root(part)
    return count_rows(root), count_cells(root)


def cells_far_out(book: Book, part: str) -> list[str]:
    """Addresses as written of filled cells beyond ZZ999, A9999 or the like."""
    if facts_by_bytes(book, part) is not None:
        return []
    root = book.root(part)
    space = namespace(root)
    paths = paths_in(space)
    if max(map(len, paths.addresses(root)), default=0) <= _NEAR:
        return []
    filling = {f"{{{space}}}{name}" for name in ("v", "f", "is")}
    return [
        cell.get("r")
        for cell in root.iter(f"{{{space}}}c")
        if len(cell.get("r", "")) > _NEAR and any(child.tag in filling for child in cell)
    ]


def facts(book: Book, part: str) -> SheetFacts:
    """The facts of one sheet part, worked out once."""
    found = book.facts.get(part)
    if not isinstance(found, SheetFacts):
        found = facts_by_bytes(book, part)
        if found is None:
            found = facts_of(book.root(part), book.package.read(part), usual=usual(book, part))
            if styles := _percents(book):
                found.percents = _cells_in(book.root(part), styles)
        book.facts[part] = found
    return found


def _percents(book: Book) -> frozenset[str]:
    if book.percents is None:
        book.percents = percent_styles(book)
    return book.percents


def _cells_in(root: Element, styles: frozenset[str]) -> list[Position]:
    """Filled cells in one of these styles."""
    space = namespace(root)
    value = f"{{{space}}}v"
    # A cell without `s` has style 0, which may itself be a percentage.
    cells = root.iter(f"{{{space}}}c")
    return [_place(cell) for cell in cells if cell.get("s", "0") in styles and cell.find(value) is not None]


def usual(book: Book, part: str) -> bool:
    """`spelling.is_usual` of a part, worked out once and before its tree is changed."""
    found = book.usual.get(part)
    if found is None:
        found = facts_by_bytes(book, part) is not None or is_usual(book.package.read(part), book.root(part))
        book.usual[part] = found
    return found


def facts_of(root: Element, content: bytes, *, usual: bool) -> SheetFacts:
    """What the fast reader hides: it gives errors, formulas without a value and blanks alike as empty.

    With `usual` (`spelling.is_usual`) the bytes say at once what the sheet does not hold, and it is not searched for.
    """
    space = namespace(root)
    paths = paths_in(space)
    found = SheetFacts()
    if not usual and paths.nameless(root):
        give_addresses(root)
    value = f"{{{space}}}v"
    if not usual or b'"e"' in content or b"'e'" in content:
        for cell in paths.errors(root):
            # An error cell without its text is still one; the finding must name something that is an error.
            found.faults[_place(cell)] = cell.findtext(value) or "#N/A"
    if not usual or b"<f" in content:
        for cell in paths.without_value(root):
            found.faults[_place(cell)] = ""
        spread = not usual or b"array" in content or b"dataTable" in content
        found.formulas = _given_by_formulas(root, spread=spread)
        if may_be_outside("\n".join(paths.formula_texts(root))):
            for formula in paths.formulas(root):
                called = outside_source(formula.text or "")
                if called:
                    found.outside[_place(formula.getparent())] = called
    for reference in paths.merges(root):
        found.merges.append((reference, area_of(reference)))
    return found


def _given_by_formulas(root: Element, *, spread: bool) -> set[str]:
    """Cells that hold a formula, and with `spread` those that one formula of several cells gives its values to."""
    paths = paths_in(namespace(root))
    # Small letters are legal in `r`; everybody else asks by the address in capitals.
    found = {name if name.isupper() else name.upper() for name in paths.with_formula(root)}
    for reference in paths.spread(root) if spread else ():
        area = area_of(reference)
        if area is not None and (area[2] - area[0] + 1) * (area[3] - area[1] + 1) <= _MOST_SPREAD:
            rows, columns = range(area[0], area[2] + 1), range(area[1], area[3] + 1)
            found.update(address(row, column) for row in rows for column in columns)
    return found


def _place(cell: Element) -> Position:
    return position(cell.get("r", "")) or (0, 0)


def give_addresses(root: Element) -> None:
    """Write the number on every row and the address on every cell that has none, as a spreadsheet counts them."""
    space = namespace(root)
    number = -1
    for row in root.iterfind(f"{{{space}}}sheetData/{{{space}}}row"):
        named = row.get("r", "")
        # Anything else is counted like a row without a number; a longer one would overflow the reader's row number.
        if named.isascii() and named.isdigit() and len(named) <= 7:
            number = int(named) - 1
        else:
            number += 1
            row.set("r", str(number + 1))
        column = -1
        for cell in row.iterchildren(f"{{{space}}}c"):
            found = position(cell.get("r", ""))
            if found is not None:
                column = found[1]
            else:
                column += 1
                cell.set("r", address(number, column))
