"""Whether a later version of a PDF still shows what the earlier one showed, signatures apart.

pyHanko's own comparison of versions starts at the first signature and expects a form in both; our document has none. So
the two object graphs are compared here, from the catalogue down; whatever a page draws, links or runs must be equal.
"""

from __future__ import annotations

from typing import Any

_OF_SIGNATURES = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Perms", "/Version"})
"""Entries of the catalogue that signing adds or changes. They draw nothing by themselves: a signature's stamp hangs on
a page, and is looked at there."""
_LARGEST_STAMP = 0.2
"""Share of a page a visible signature may cover: a larger one could hide what was signed."""


class SameContent:
    """One comparison of two opened files (pyHanko readers). `holds` may raise pyHanko's PdfError on a broken file."""

    def __init__(self, before: Any, after: Any) -> None:
        self._before, self._after = before, after
        self._seen: set[tuple[Any, Any]] = set()

    def holds(self) -> bool:
        """True when everything but signatures is equal."""
        old, new = self._before.root, self._after.root
        return self._entries(old, new, may_differ=_OF_SIGNATURES)

    def _equal(self, old: Any, new: Any) -> bool:
        """Whether two PDF objects are the same, following references; a pair met before counts as equal."""
        from pyhanko.pdf_utils import generic

        if isinstance(old, generic.IndirectObject) and isinstance(new, generic.IndirectObject):
            pair = (old.reference.idnum, new.reference.idnum)
            if pair in self._seen:  # being compared further up, or found equal before
                return True
            self._seen.add(pair)
        old, new = _resolved(old), _resolved(new)
        if isinstance(old, generic.DictionaryObject):
            if not isinstance(new, generic.DictionaryObject):
                return False
            if isinstance(old, generic.StreamObject) or isinstance(new, generic.StreamObject):
                return self._streams(old, new)
            if old.get("/Type") == "/Page":
                return self._pages(old, new)
            return self._entries(old, new)
        if isinstance(old, generic.ArrayObject):
            return (
                isinstance(new, generic.ArrayObject)
                and len(old) == len(new)
                and all(self._equal(old.raw_get(i), new.raw_get(i)) for i in range(len(old)))
            )
        return type(old) is type(new) and bool(old == new)

    def _entries(self, old: Any, new: Any, may_differ: frozenset[str] = frozenset()) -> bool:
        names = set(old.keys()) - may_differ
        # A new key is a change as well: an action added to the catalogue (`/OpenAction`) would run when the file is
        # opened.
        if names != set(new.keys()) - may_differ:
            return False
        return all(self._equal(old.raw_get(name), new.raw_get(name)) for name in sorted(names))

    def _streams(self, old: Any, new: Any) -> bool:
        from pyhanko.pdf_utils import generic

        if not (isinstance(old, generic.StreamObject) and isinstance(new, generic.StreamObject)):
            return False
        # As they lie in the file first: signing leaves our streams alone, and pictures (JPEG) are in a coding that
        # pyHanko does not open.
        if old.encoded_data == new.encoded_data and self._entries(old, new):
            return True
        coded = frozenset({"/Length", "/Filter", "/DecodeParms"})
        try:
            return bool(old.data == new.data) and self._entries(old, new, may_differ=coded)
        except NotImplementedError:
            return False

    def _pages(self, old: Any, new: Any) -> bool:
        """As entries, but a page may carry more annotations, all of them stamps of signatures of a modest size."""
        if not self._entries(old, new, may_differ=frozenset({"/Annots"})):
            return False
        before, after = _annotations(old), _annotations(new)
        # Signing programs add their stamp behind what is there; one put in between is refused, rather too much than
        # too little.
        if len(after) < len(before) or not all(map(self._equal, before, after)):
            return False
        return all(_is_stamp(_resolved(one), new) for one in after[len(before) :])


def _resolved(value: Any) -> Any:
    from pyhanko.pdf_utils import generic

    return value.get_object() if isinstance(value, generic.IndirectObject) else value


def _annotations(page: Any) -> list[Any]:
    if "/Annots" not in page:
        return []
    found = _resolved(page.raw_get("/Annots"))
    return [found.raw_get(i) for i in range(len(found))]


def _is_stamp(annotation: Any, page: Any) -> bool:
    # A widget may be merged with its field or hang below it (ISO 32000-1, 12.5.6.19).
    field = annotation if "/FT" in annotation else annotation.get("/Parent", {})
    if (
        annotation.get("/Subtype") != "/Widget"
        or field.get("/FT") != "/Sig"
        or "/A" in annotation
        or "/AA" in annotation
    ):
        return False
    # The corners may come in either order (ISO 32000-1, 7.9.5), hence the absolute value below.
    left, low, right, high = (float(x) for x in annotation["/Rect"])
    box = page
    while "/MediaBox" not in box:  # inherited
        box = box["/Parent"]
    x0, y0, x1, y1 = (float(x) for x in box["/MediaBox"])
    return abs((right - left) * (high - low)) <= _LARGEST_STAMP * abs((x1 - x0) * (y1 - y0))
