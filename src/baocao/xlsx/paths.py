"""Questions to the parsed tree of a sheet as XPath: compiled once, run in C, one visit a node."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from baocao.xlsx.book import STRICT, TRANSITIONAL
from baocao.xlsx.xml import Element, namespace


class Paths(NamedTuple):
    """The XPath expressions a sheet is examined with, for one namespace."""

    cells: etree.XPath
    rows: etree.XPath
    nameless: etree.XPath
    addresses: etree.XPath
    errors: etree.XPath
    without_value: etree.XPath
    formula_texts: etree.XPath
    formulas: etree.XPath
    with_formula: etree.XPath
    spread: etree.XPath
    merges: etree.XPath


@lru_cache(maxsize=2)
def paths_in(space: str) -> Paths:
    """Of one spreadsheet namespace (transitional or strict)."""

    def path(text: str) -> etree.XPath:
        text = text.replace("CELL", "/m:worksheet/m:sheetData/m:row/m:c")
        # A smart string would keep its whole tree alive as long as the string is kept.
        return etree.XPath(text, namespaces={"m": space}, smart_strings=False)

    return Paths(
        path("count(CELL)"),
        path("count(/m:worksheet/m:sheetData/m:row)"),
        path("boolean(/m:worksheet/m:sheetData/m:row[not(@r)] | CELL[not(@r)])"),
        path("CELL/@r"),
        path("CELL[@t='e']"),
        # A formula of text may have an empty text as its value; that is a value.
        path("CELL/m:f/parent::m:c[not(string(m:v))][not(@t='str' or @t='e' or @t='inlineStr')]"),
        path("CELL/m:f/text()"),
        path("CELL/m:f"),
        path("CELL/m:f/../@r"),
        # Cells of a shared formula have an `f` each; those of an array or a data table have none but the first.
        path("CELL/m:f[@ref][@t='array' or @t='dataTable']/@ref"),
        path("/m:worksheet/m:mergeCells/m:mergeCell/@ref"),
    )


def is_worksheet(root: Element) -> bool:
    """Whether a parsed part is a sheet of cells, Transitional or Strict."""
    return namespace(root) in (TRANSITIONAL, STRICT) and etree.QName(root).localname == "worksheet"


def count_rows(root: Element) -> int:
    """Row elements, empty ones included."""
    return int(paths_in(namespace(root)).rows(root))


def count_cells(root: Element) -> int:
    """Cell elements, empty ones included."""
    return int(paths_in(namespace(root)).cells(root))
