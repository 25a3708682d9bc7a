"""The same workbook in the one spelling of XML that the fast reader is known to read right.

python-calamine reads the XML itself and takes some legal spellings wrongly: it stops at a comment inside a value, reads
no CDATA and no UTF-16, and gives rows without a number the wrong place. A part in such a spelling is written again by
the real parser, with an address on every cell; a workbook in the usual spelling, which is nearly every one, has none.
"""

from __future__ import annotations

from lxml import etree

from baocao.xlsx.book import Book
from baocao.xlsx.packing import stored, zip_of
from baocao.xlsx.paths import is_worksheet
from baocao.xlsx.sheet import facts_by_bytes, give_addresses, usual
from baocao.xlsx.spelling import has_plain_root
from baocao.xlsx.xml import Element, namespace


def for_the_fast_reader(book: Book) -> bytes:
    """The package as it may be read: its cells and texts in the usual spelling, and nothing packed.

    It is unpacked here, within the bounds; unpacking it again would cost the reader a fifth of its time.
    """
    changed = {name: stored(content) for name in _parts_read(book) if (content := _changed(book, name)) is not None}
    return zip_of((name, changed.get(name) or book.package.unpacked(name)) for name in book.package.names)


def _changed(book: Book, name: str) -> bytes | None:
    """What the fast reader is given instead of a part; None for one that it reads as it is."""
    if not _fit(book, name):
        return _rewritten(book.root(name))
    if facts_by_bytes(book, name) is None:
        return None
    # It goes through a whole sheet a second time for the merged cells, a third of its work, and stops at their list:
    # we have found them already, so it gets an empty one in front.
    return book.package.read(name).replace(b"<sheetData>", b"<mergeCells/><sheetData>", 1)


def _fit(book: Book, name: str) -> bool:
    root = _TEXTS.get(name.rpartition("/")[2])
    return (root is not None and has_plain_root(book.package.read(name), root)) or usual(book, name)


_TEXTS = {"sharedStrings.xml": b"sst", "styles.xml": b"styleSheet"}
"""Parts with their root that nobody here asks anything: parsed only when they do not begin as they usually do."""


def _parts_read(book: Book) -> list[str]:
    """The parts that hold what is read. The others are not looked at by the reader in a way that matters."""
    names = [book.main, *(sheet.part for sheet in book.sheets if sheet.part)]
    names += [
        found
        for relation in book.relations(book.main)
        if relation.kind in ("sharedStrings", "styles") and (found := book.package.find(relation.target))
    ]
    for part in ("", book.main):
        folder, _, leaf = part.rpartition("/")
        rels = book.package.find(f"{folder}/_rels/{leaf}.rels".lstrip("/"))
        names += [rels] if rels else []
    return list(dict.fromkeys(names))


def _rewritten(root: Element) -> bytes:
    if is_worksheet(root):
        give_addresses(root)
    return bytes(etree.tostring(_without_prefix(root), encoding="UTF-8", xml_declaration=True, standalone=True))


def _without_prefix(root: Element) -> Element:
    """The same tree with its namespace as the default one."""
    if root.prefix is None:
        return root
    space = namespace(root)
    others = {prefix: uri for prefix, uri in root.nsmap.items() if prefix is not None and uri != space}
    plain = etree.Element(root.tag, root.attrib, nsmap={None: space, **others})
    plain.text = root.text
    for child in list(root):
        plain.append(child)
    # `mc:Ignorable` names prefixes inside a value, where lxml does not see that they are in use.
    etree.cleanup_namespaces(plain, keep_ns_prefixes=list(others))
    return plain
