"""XML of a stranger's file, parsed by lxml with everything off that reaches outside or grows.

No document type is accepted (`Forbidden`), so no entity can be declared; depth, the length of one text and of one
attribute are bounded by libxml2 itself. Time and memory grow with the length of the part and nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree

Element = Any
"""An lxml element: its class is private to lxml."""

_NO_MEMORY = 2  # XML_ERR_NO_MEMORY


class Forbidden(Exception):  # noqa: N818 (a fact about the file)
    """The part declares a document type."""


class Malformed(ValueError):  # noqa: N818 (a fact about the file)
    """The part is not well-formed XML."""


def parse(content: bytes | str, *, keep_comments: bool = False) -> Element:
    """The root element, from any encoding XML declares.

    `keep_comments` for a part that is changed and written again. Raises Forbidden, Malformed, MemoryError.
    """
    try:
        root = etree.fromstring(content, _parser(keep_comments))
    except etree.XMLSyntaxError as error:
        raise _what_it_means(error) from error
    # Refused even when harmless: ECMA-376 part 2 forbids one in a package, and no office program writes it.
    if root.getroottree().docinfo.internalDTD is not None:
        raise Forbidden
    return root


def check_well_formed(content: bytes) -> None:
    """What `parse` raises, without making a tree: a third of the cost."""
    try:
        etree.fromstring(content, _parser_of_nothing())
    except etree.XMLSyntaxError as error:
        raise _what_it_means(error) from error


class _Nothing:
    """A target that takes nothing, so that nothing is built."""

    def doctype(self, *_: object) -> None:
        raise Forbidden

    def close(self) -> None:
        pass


@lru_cache(maxsize=1)
def _parser_of_nothing() -> etree.XMLParser:
    return etree.XMLParser(target=_Nothing(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _what_it_means(error: etree.XMLSyntaxError) -> MemoryError | Malformed:
    return MemoryError() if error.code == _NO_MEMORY else Malformed(str(error))


@lru_cache(maxsize=2)
def _parser(keep_comments: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        # A comment inside `<v>` would cut lxml's `text` in two.
        remove_comments=not keep_comments,
        remove_pis=not keep_comments,
    )


def serialise(root: Element) -> bytes:
    """The document in UTF-8 with the declaration that office programs write."""
    return bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True, standalone=True))


_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def escaped(text: str) -> str:
    """A text as XML holds it, in an element or an attribute."""
    return text.translate(_ESCAPES)


def declares_document_type(content: bytes) -> bool:
    """Whether a part that nobody here parses declares a document type.

    The words may also stand in a text, so a part that holds them is parsed; one that cannot be is taken to mean it.
    """
    # Without the NUL bytes UTF-16 reads like ASCII.
    if b"DOCTYPE" not in content.replace(b"\x00", b""):
        return False
    try:
        parse(content)
    except (Forbidden, Malformed):
        return True
    return False


def namespace(root: Element) -> str:
    """The namespace of an element, empty when it has none."""
    return etree.QName(root).namespace or ""
