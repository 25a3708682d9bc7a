"""The parts of a workbook package and how they hang together: relations, content types, sheets in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from posixpath import normpath
from typing import Any

from baocao.xlsx.package import ZipPackage
from baocao.xlsx.xml import Element, Malformed, namespace, parse

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class PartRelation:
    """One line of a `.rels` part. `kind` is the last word of its type: `worksheet`, `comments`."""

    id: str
    kind: str
    target: str
    """absolute part name without the leading stroke; what is written, when `external`"""
    external: bool


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One tab of the workbook. `part` is empty when the package holds no such part."""

    name: str
    part: str
    kind: str
    """`worksheet`, `chartsheet`, ..."""


class Book:
    """A package read as a workbook. Parts are parsed once and kept.

    Its methods raise what `ZipPackage.read` and `xml.parse` raise, and KeyError when the package has no workbook.
    """

    def __init__(self, package: ZipPackage) -> None:
        self.package = package
        self._roots: dict[str, Element] = {}
        self._relations: dict[str, list[PartRelation]] = {}
        self.facts: dict[str, object] = {}
        """kept by `sheet.facts`"""
        self.told_by_bytes: dict[str, object] = {}
        """kept by `sheet.facts_by_bytes`"""
        self.usual: dict[str, bool] = {}
        """kept by `sheet.usual`"""
        self.percents: frozenset[str] | None = None
        """kept by `sheet.facts`"""

    def root(self, part: str) -> Element:
        """The parsed part, for looking only."""
        found = self._roots.get(part)
        if found is None:
            found = self._roots[part] = parse(self.package.read(part))
        return found

    def take_over(self, other: Book) -> None:
        """What is known already of parts that have the same bytes in both need not be worked out again.

        `other` must be the file this one was made from: styles are only added to it, so a part that did not change
        means the same.
        """
        self.package.take_over(other.package)
        kept: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
            (self._roots, other._roots),
            (self.facts, other.facts),
            (self.told_by_bytes, other.told_by_bytes),
            (self.usual, other.usual),
        )
        for name in self.package.names:
            if other.package.has_read(name) and self.package.read(name) == other.package.read(name):
                for ours, theirs in kept:
                    if name in theirs:
                        ours[name] = theirs[name]

    def relations(self, part: str) -> list[PartRelation]:
        """What `part` refers to; the package's own relations for an empty name."""
        found = self._relations.get(part)
        if found is None:
            folder, _, leaf = part.rpartition("/")
            # The package's own relations are `_rels/.rels`: no folder and no leaf.
            rels = self.package.find(f"{folder}/_rels/{leaf}.rels".lstrip("/"))
            found = self._relations[part] = [] if rels is None else relations_in(self.root(rels), folder)
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that `part` refers to, when it is there."""
        return first_related(self.relations(part), kind, self.package.find)

    @cached_property
    def main(self) -> str:
        """The part that is the workbook. Raises KeyError when there is none."""
        # The workbook may bear any name (ECMA-376 part 2); the usual one is only tried when no relation leads to it.
        found = self.related("", "officeDocument") or self.package.find("xl/workbook.xml")
        if found is None:
            raise KeyError("officeDocument")
        return found

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """All tabs in the order of the workbook."""
        root = self.root(self.main)
        by_id = {relation.id: relation for relation in self.relations(self.main)}
        result = []
        for sheet in root.iter(f"{{{namespace(root)}}}sheet"):
            # `r:id` has another namespace in Strict files; `sheetId` has none.
            ids = [value for key, value in sheet.attrib.items() if key.endswith("}id")]
            relation = next((by_id[i] for i in ids if i in by_id), None)
            part = self.package.find(relation.target) if relation is not None else None
            kind = relation.kind if relation is not None else ""
            result.append(SheetPart(sheet.get("name", ""), part or "", kind))
        return tuple(result)

    @cached_property
    def types(self) -> tuple[dict[str, str], dict[str, str]]:
        """Content types: by part name in lower letters without the leading stroke, and by extension."""
        name = self.package.find(CONTENT_TYPES)
        if name is None:
            raise KeyError(CONTENT_TYPES)
        parts: dict[str, str] = {}
        extensions: dict[str, str] = {}
        for item in self.root(name):
            kind = item.get("ContentType", "")
            if item.get("PartName") is not None:
                parts[item.get("PartName").lstrip("/").lower()] = kind
            elif item.get("Extension") is not None:
                extensions[item.get("Extension").lower()] = kind
        return parts, extensions

    def type_of(self, part: str) -> str:
        """The content type of a part; empty when it has none."""
        parts, extensions = self.types
        return parts.get(part.lower()) or extensions.get(part.rpartition(".")[2].lower(), "")

    def sheet_of(self, part: str) -> str:
        """The sheet as its sender knows it; the part's own name when the workbook does not tell."""
        try:
            name = next((s.name for s in self.sheets if s.part == part), "")
        except (KeyError, Malformed):
            name = ""
        return name or part.rpartition("/")[2]


def first_related(relations: Iterable[PartRelation], kind: str, find: Callable[[str], str | None]) -> str | None:
    """The first part of a kind among these relations that `find` knows."""
    targets = (relation.target for relation in relations if relation.kind == kind and not relation.external)
    return next(filter(None, map(find, targets)), None)


def relations_in(root: Element, folder: str) -> list[PartRelation]:
    """The lines of a `.rels` part that belongs to a part in `folder`."""
    result = []
    for item in root:
        target = item.get("Target", "")
        external = item.get("TargetMode") == "External"
        if not external:
            # openpyxl writes targets from the root of the package, Excel relative to the part; both are legal.
            target = normpath(target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/"))
        # Transitional and Strict types differ in all but their last word.
        kind = item.get("Type", "").rpartition("/")[2]
        result.append(PartRelation(item.get("Id", ""), kind, target, external))
    return result
