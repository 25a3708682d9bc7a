"""Looking at a file before any parser of cells opens it: size, type, what the package declares, what its parts hold.

Nothing here trusts the file's name or what it says about itself. A rejected file is kept, never read, and answered
with a sentence its sender understands. Runs in the reader's process (`forms.reading.child`); XML is parsed by
`xlsx.xml`, and every step's work grows with the length of the file and nothing else.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from baocao.forms.reading.raw import Unreadable
from baocao.intake import refusals
from baocao.intake.refusals import refused
from baocao.text import vietnamese_number
from baocao.xlsx.a1 import Area, address, position
from baocao.xlsx.book import Book
from baocao.xlsx.limits import DEFAULT, MEGABYTE, Limits
from baocao.xlsx.outside import outside_source
from baocao.xlsx.package import Encrypted, Oversized, ZipPackage
from baocao.xlsx.sheet import cells_far_out, facts, is_sheet, rows_and_cells
from baocao.xlsx.spelling import has_plain_root
from baocao.xlsx.xml import Forbidden, Malformed, check_well_formed, declares_document_type

if TYPE_CHECKING:
    from baocao.model.submission import Rejection

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# Only to word the answer: whatever is not a zip is refused, so an unknown kind does no harm.
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "word"),
)
# The second is a zip without any part.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_XML_ENDINGS = (".xml", ".rels", ".vml")
_TAGS_A_CELL = 8
"""`<` characters a cell takes in the most wordy spelling: bounds what parsing may cost, before anything is parsed"""


def screen(data: bytes, filename: str, limits: Limits = DEFAULT) -> Rejection | None:
    """None when the file may be read; otherwise why not, in a sentence for its sender."""
    from baocao.model.submission import Rejection

    try:
        screened(data, filename, limits)
    except Unreadable as refusal:
        return Rejection(refusal.reason, refusal.message)
    return None


def screened(data: bytes, filename: str, limits: Limits = DEFAULT) -> Book:
    """The opened workbook of a file that may be read.

    `filename` only helps to word the answer about a wrong type. Costs a few milliseconds on a filled workbook; bounded
    by `limits` on any other. Raises Unreadable with the reason and a sentence for the sender.
    """
    # `b""` is in every bytes, so a file of no bytes is caught here as well.
    if data[:1] in b"\x00 \r\n\t" and not data.strip(b"\x00 \r\n\t"):
        raise refused("empty", refusals.EMPTY)
    if len(data) > limits.file_bytes:
        size, limit = len(data) / MEGABYTE, limits.file_bytes // MEGABYTE
        raise refused("too_large", refusals.TOO_LARGE, size=vietnamese_number(f"{size:.1f}"), limit=limit)
    if data.startswith(_OLE):
        raise _ole(data)
    if not data.startswith(_ZIP):
        raise refused("not_xlsx", refusals.WRONG_TYPE[_kind(data)])
    try:
        book = Book(ZipPackage(data, limits))
        _screen_package(book, limits)
    except Encrypted:
        raise refused("encrypted", refusals.ENCRYPTED) from None
    except Oversized:
        raise refused("zip_limits", refusals.ZIP_LIMITS) from None
    except Forbidden:
        raise refused("dtd", refusals.DTD) from None
    # What `zipfile` and the parsers raise for damage. Nothing wider: a fault of our own must not blame the sender.
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError, KeyError):
        raise refusals.broken() from None
    return book


def _ole(data: bytes) -> Unreadable:
    """The old container: a password-protected workbook, or a file of the old Office."""
    # Excel puts an encrypted workbook into an OLE file, whose directory holds names in UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refused("encrypted", refusals.ENCRYPTED)
    kind = "xls"
    for name, found in (("WordDocument", "word"), ("PowerPoint Document", "powerpoint")):
        if name.encode("utf-16-le") in data:
            kind = found
    return refused("not_xlsx", refusals.WRONG_TYPE[kind])


def _kind(data: bytes) -> str:
    """What a file that is no zip seems to be."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image"
    if data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix"):
        return "image"
    if b"\x00" not in data[:4096]:
        return "text"
    return "unknown"


def _screen_package(book: Book, limits: Limits) -> None:
    package = book.package
    names = {name.lower(): name for name in package.names}
    _refuse_other_packages(package, names)
    for name in package.names:
        # Every part, also those nobody reads: its checksum and its true size are tested by that.
        content = package.read(name)
        if name.lower().endswith(_XML_ENDINGS) and declares_document_type(content):
            raise Forbidden
        # A tree takes far more memory than its bytes; the child's bound would end in a vaguer answer.
        tags = limits.cells * _TAGS_A_CELL
        if len(content) > tags and content.count(b"<") > tags:
            raise refused("dimension", refusals.HEAVY, what="ô, thẻ dữ liệu")
    _refuse_active_content(book, names)
    _refuse_relations(book, names)
    _screen_workbook(book, limits)
    for name in package.names:
        # Wherever it lies and whatever it is called: a sheet is known by what it holds.
        if name.lower().endswith(".xml") and _may_be_sheet(package.read(name)):
            try:
                holds_cells = is_sheet(book, name)
            # A part from outside that is no sheet of the workbook may be damaged; nobody opens it.
            except Malformed:
                if any(sheet.part == name for sheet in book.sheets):
                    raise
                continue
            if holds_cells:
                _screen_sheet(book, name, limits)


def _may_be_sheet(content: bytes) -> bool:
    """A cheap look, in one byte a letter or two or four."""
    return b"sheetData" in (content.replace(b"\x00", b"") if b"\x00" in content[:8] else content)


def _refuse_other_packages(package: ZipPackage, names: dict[str, str]) -> None:
    kind = None
    if "[content_types].xml" not in names:
        if "mimetype" in names and b"spreadsheet" in package.read(names["mimetype"]):
            kind = "ods"
        else:
            kind = "word" if "mimetype" in names else "archive"
    elif any(n.startswith("word/") for n in names):
        kind = "word"
    elif any(n.startswith("ppt/") for n in names):
        kind = "powerpoint"
    elif "xl/workbook.bin" in names:
        kind = "xlsb"
    elif not any(n.startswith("xl/") or n.endswith("workbook.xml") for n in names):
        kind = "unknown"
    if kind:
        raise refused("not_xlsx", refusals.WRONG_TYPE[kind])


_ACTIVE_FOLDERS = ("xl/activex/", "xl/embeddings/", "xl/macrosheets/", "xl/dialogsheets/", "customui/")
_ACTIVE_TYPES = ("macroenabled", "vbaproject", "macrosheet", "activex", "oleobject")
_ACTIVE_RELATIONS = (
    "vbaProject",
    "oleObject",
    "package",
    "control",
    "activeXControlBinary",
    "xlMacrosheet",
    "xlIntlMacrosheet",
    "dialogsheet",
)
_OUTSIDE_RELATIONS = ("externalLink", "externalLinkPath", "connections", "queryTable")


def _refuse_active_content(book: Book, names: dict[str, str]) -> None:
    """Macros and embedded objects: by the part's own type, its place, or what refers to it.

    A type that is only given to an ending says nothing: SheetJS gives `.bin` the type of a macro workbook and writes no
    such part.
    """
    by_part = book.types[0]
    for lower, name in names.items():
        # The workbook's own part does have the type that its ending is given.
        kind = book.type_of(name) if name == book.main else by_part.get(lower, "")
        if (
            lower.endswith("vbaproject.bin")
            or lower.startswith(_ACTIVE_FOLDERS)
            or any(word in kind.lower() for word in _ACTIVE_TYPES)
        ):
            raise refused("macros", refusals.MACROS)


def _refuse_relations(book: Book, names: dict[str, str]) -> None:
    """Other workbooks, connections, queries, pictures fetched from outside; a link to click on is none of these."""
    if any(name.startswith(("xl/externallinks/", "xl/querytables/")) or name == "xl/connections.xml" for name in names):
        raise refused("external_links", refusals.EXTERNAL_LINKS)
    for lower, name in names.items():
        if not lower.endswith(".rels"):
            continue
        folder, _, leaf = name.rpartition("/")
        owner = f"{folder.removesuffix('_rels').rstrip('/')}/{leaf.removesuffix('.rels')}".lstrip("/")
        for relation in book.relations(owner):
            # What is external is fetched when the file is opened, a picture too; a hyperlink waits for a click.
            if relation.kind in _OUTSIDE_RELATIONS or (relation.external and relation.kind != "hyperlink"):
                raise refused("external_links", refusals.EXTERNAL_LINKS)
            if relation.kind in _ACTIVE_RELATIONS:
                raise refused("macros", refusals.MACROS)


def _screen_workbook(book: Book, limits: Limits) -> None:
    if len(book.sheets) > limits.sheets:
        raise refused("too_many_sheets", refusals.TOO_MANY_SHEETS, count=len(book.sheets), limit=limits.sheets)
    root = book.root(book.main)
    names = list(root.iter("{*}definedName"))
    if len(names) > limits.names:
        raise refused("dimension", refusals.HEAVY, what="tên vùng")
    for name in names:
        # A name may hold a formula, and a cell that only says the name shows its value.
        called = outside_source(name.text or "")
        if called:
            raise refused("external_links", refusals.OUTSIDE_NAME, name=name.get("name", ""), called=called)
    for relation in book.relations(book.main):
        if relation.kind == "styles":
            found = book.package.find(relation.target)
            if found is not None and _styles_in(book, found, limits.styles) > limits.styles:
                raise refused("dimension", refusals.HEAVY, what="kiểu định dạng")


def _styles_in(book: Book, part: str, limit: int) -> int:
    """How many cell styles there are; or a larger number within the limit, for which no tree is needed."""
    content = book.package.read(part)
    if has_plain_root(content, b"styleSheet") and (at_most := content.count(b"xf")) <= limit:
        check_well_formed(content)
        return at_most
    return sum(1 for _ in book.root(part).iter("{*}xf"))


def _screen_sheet(book: Book, part: str, limits: Limits) -> None:
    """Cells, rows and merges so far out or so many that a parser would walk for minutes."""
    # In this order: counting is cheap, and what is too many must not be searched for facts.
    where = _too_many(book, part, limits) or _too_far(book, part, limits)
    found = None if where else facts(book, part)
    where = where or _far_merges(found.merges if found else [], limits)
    if where:
        raise refused("dimension", refusals.FAR_CELLS, sheet=book.sheet_of(part), where=where)
    for (row, column), called in found.outside.items() if found else ():
        raise refused(
            "external_links",
            refusals.OUTSIDE_FORMULA,
            sheet=book.sheet_of(part),
            where=address(row, column),
            called=called,
        )


def _too_many(book: Book, part: str, limits: Limits) -> str:
    """How many rows or cells there are, when too many: a part as short as nearly all are cannot hold so many."""
    if len(book.package.read(part)) <= min(limits.rows * len("<row/>"), limits.cells * len("<c/>")):
        return ""
    rows, cells = rows_and_cells(book, part)
    if rows > limits.rows:
        return f"{rows} dòng"
    return f"{cells} ô" if cells > limits.cells else ""


def _too_far(book: Book, part: str, limits: Limits) -> str:
    """The place of a filled cell beyond the allowed rectangle; empty when there is none."""
    last_row = last_column = 0
    for reference in cells_far_out(book, part):
        place = position(reference)
        if place is None:
            return str(reference[:16])
        last_row, last_column = max(last_row, place[0] + 1), max(last_column, place[1] + 1)
        if last_row * last_column > limits.area:
            return str(reference)
    return ""


def _far_merges(merges: list[tuple[str, Area | None]], limits: Limits) -> str:
    if len(merges) > limits.merges:
        return f"{len(merges)} vùng trộn ô"
    covered = 0
    for reference, area in merges:
        if area is None:
            return "vùng trộn ô"
        # Merges of a whole sheet kept openpyxl busy for more than 30 s.
        covered += (area[2] - area[0] + 1) * (area[3] - area[1] + 1)
        if covered > limits.merged_area:
            return f"vùng trộn ô {reference}"
    return ""
