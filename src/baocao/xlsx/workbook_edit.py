"""A workbook package being changed: some parts rewritten, added or removed, every other byte for byte as it was."""

from __future__ import annotations

from posixpath import relpath

from lxml import etree

from baocao.xlsx.book import (
    CONTENT_TYPES,
    PACKAGE_RELATIONS,
    RELATIONS,
    Book,
    PartRelation,
    first_related,
    relations_in,
)
from baocao.xlsx.packing import Packed, deflated, zip_of
from baocao.xlsx.sheet import usual
from baocao.xlsx.xml import Element, namespace, parse, serialise

_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


class WorkbookEdit:
    """Changes to `book`. The bytes that come out depend on the bytes that went in and on the changes only."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.space = namespace(book.root(book.main))
        """namespace of the workbook's own parts: Transitional or Strict"""
        self._trees: dict[str, Element] = {}
        self._removed: set[str] = set()
        self._endings: dict[str, str] = {}
        """types of endings that are given here"""

    @property
    def touched(self) -> set[str]:
        """Parts that are changed, added or removed."""
        return set(self._trees) | self._removed

    def find(self, name: str) -> str | None:
        """The part as it is spelled, when it is there now."""
        found = self.book.package.find(name)
        if found is not None and found not in self._removed:
            return found
        return next((added for added in self._trees if added.lower() == name.lower()), None)

    def tree(self, part: str) -> Element:
        """The root of a part that is going to be changed."""
        found = self._trees.get(part)
        if found is None:
            # A tree of its own: the one in `book` is shared and has lost the sender's comments and instructions.
            found = self._trees[part] = parse(self.book.package.read(part), keep_comments=True)
        return found

    def look(self, part: str) -> Element:
        """The root of a part as it is now, for looking only."""
        return self._trees[part] if part in self._trees else self.book.root(part)

    def may_hold(self, part: str, word: bytes) -> bool:
        """Whether a sheet may hold the name of an element or attribute; no tree is made of one that surely does not."""
        # Only in the usual spelling do the bytes hold every name as it is; UTF-16 hides them.
        is_old = part not in self._trees
        return not (is_old and usual(self.book, part) and word not in self.book.package.read(part))

    def add(self, name: str, root: Element, content_type: str) -> None:
        """A new part."""
        self._trees[name] = root
        override = etree.SubElement(self._types(), f"{{{_TYPES_SPACE}}}Override")
        override.set("PartName", f"/{name}")
        override.set("ContentType", content_type)

    def free_name(self, pattern: str) -> str:
        """The first name of `pattern` (with `{}` for a number) that no part has."""
        number = 1
        while self.find(pattern.format(number)) is not None:
            number += 1
        return pattern.format(number)

    def set_default_type(self, extension: str, content_type: str) -> None:
        """Give an ending its type, when it has none."""
        if extension not in self.book.types[1] and extension not in self._endings:
            # ECMA-376 part 2 allows one type an ending; a second would damage the whole package.
            default = etree.Element(f"{{{_TYPES_SPACE}}}Default", Extension=extension, ContentType=content_type)
            self._types().insert(0, default)
            self._endings[extension] = content_type

    def remove(self, part: str) -> None:
        """Drop a part with its relations and its type."""
        for name in (part, self._rels_of(part)):
            if name is not None:
                self._removed.add(name)
                self._trees.pop(name, None)
        types = self._types()
        for item in list(types):
            if (item.get("PartName") or "").lstrip("/").lower() == part.lower():
                types.remove(item)

    def relations(self, part: str) -> list[PartRelation]:
        """What a part refers to now."""
        rels = self._rels_of(part)
        return [] if rels is None else relations_in(self.look(rels), part.rpartition("/")[0])

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that `part` refers to, when it is there."""
        return first_related(self.relations(part), kind, self.find)

    def relate(self, part: str, kind: str, target: str) -> str:
        """A new relation; returns its id."""
        rels = self._rels_of(part)
        if rels is None:
            folder, _, leaf = part.rpartition("/")
            rels = f"{folder}/_rels/{leaf}.rels".lstrip("/")
            self._trees[rels] = etree.Element(f"{{{PACKAGE_RELATIONS}}}Relationships", nsmap={None: PACKAGE_RELATIONS})
            self.set_default_type("rels", _RELS_TYPE)
        root = self.tree(rels)
        used = {item.get("Id") for item in root}
        number = 1
        # Letters of our own, so that an id never meets the `rId1` of the program that wrote the file.
        while f"rIdKQ{number}" in used:
            number += 1
        relation = etree.SubElement(root, f"{{{namespace(root)}}}Relationship")
        relation.set("Id", f"rIdKQ{number}")
        relation.set("Type", f"{RELATIONS[self.space]}/{kind}")
        # Relative, as Excel writes it.
        relation.set("Target", relpath(target, part.rpartition("/")[0] or "."))
        return f"rIdKQ{number}"

    def unrelate(self, part: str, id: str) -> None:
        """Drop a relation."""
        rels = self._rels_of(part)
        if rels is not None:
            root = self.tree(rels)
            for item in [item for item in root if item.get("Id") == id]:
                root.remove(item)

    def relation_attribute(self) -> str:
        """Name of the attribute that holds a relation's id."""
        return f"{{{RELATIONS[self.space]}}}id"

    def written(self) -> bytes:
        """The package: parts in their old order, new ones after them, no time but a fixed one."""
        old = [name for name in self.book.package.names if name not in self._removed]
        new = [name for name in self._trees if name not in set(old)]
        return zip_of((name, self._packed(name)) for name in (*old, *new))

    def _packed(self, name: str) -> Packed:
        if name in self._trees:
            return deflated(serialise(self._trees[name]))
        # Copied as it lies: what was not changed stays byte for byte the sender's (ADR 0020).
        return self.book.package.packed(name)

    def _rels_of(self, part: str) -> str | None:
        folder, _, leaf = part.rpartition("/")
        return self.find(f"{folder}/_rels/{leaf}.rels".lstrip("/"))

    def _types(self) -> Element:
        name = self.book.package.find(CONTENT_TYPES)
        if name is None:
            raise KeyError(CONTENT_TYPES)
        return self.tree(name)
