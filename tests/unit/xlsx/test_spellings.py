"""The same sheet in every legal spelling of XML reads the same: values, errors, formulas without a value, addresses."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.raw import Unreadable
from baocao.intake.screen import screen, screened
from baocao.xlsx.book import STRICT, TRANSITIONAL
from builders.files.hostile import part, rebuilt, replaced, with_sheet_data, xlsx
from builders.files.workbook import COMMUNE_UNIT, period, small_pack, small_values
from builders.lines import lines_run

SHEETS = [f"xl/worksheets/sheet{i}.xml" for i in range(3, 6)]
PARTS = [*SHEETS, "xl/workbook.xml", "xl/sharedStrings.xml"]
ENCODINGS = ("UTF-8", "UTF-8", "UTF-8", "UTF-16", "UTF-8-SIG")


def with_faults(data: bytes) -> bytes:
    """A filled blank with an error cell and with formulas that lost their values."""
    name = SHEETS[0]
    root = etree.fromstring(part(data, name))
    cells = [c for c in root.iter(f"{{{TRANSITIONAL}}}c") if c.find(f"{{{TRANSITIONAL}}}v") is not None]
    numbers = [c for c in cells if c.get("t") is None]
    numbers[0].set("t", "e")
    numbers[0].find(f"{{{TRANSITIONAL}}}v").text = "#REF!"
    for cell in numbers[1:3]:
        value = cell.find(f"{{{TRANSITIONAL}}}v")
        value.tag = f"{{{TRANSITIONAL}}}f"
        value.text = "A1<2&B1"
    return rebuilt(data, {name: etree.tostring(root)})


GOOD = with_faults(write_blank(small_pack(), COMMUNE_UNIT, period(), values=small_values()))
READ = read_workbook(GOOD)


class Speller:
    """Writes a tree as XML, choosing at random wherever the standard leaves a choice."""

    def __init__(self, seed: int, *, addresses: bool = True, strict: bool = False) -> None:
        self._random = random.Random(seed)
        self._prefix = self._random.choice(["", "", "x:", "a-b.c:", "ns0:"])
        self._addresses = addresses
        self._strict = strict
        self._noise = self._random.random() * 0.3

    def part(self, content: bytes) -> bytes:
        root = etree.fromstring(content)
        space = etree.QName(root).namespace
        text = self._element(root, space, root=True)
        encoding = self._random.choice(ENCODINGS)
        named = "UTF-8" if encoding == "UTF-8-SIG" else encoding
        standalone = " standalone='yes' " if self._maybe(0.5) else ""
        head = f"<?xml version='1.0' encoding='{named}'{standalone}?>\n"
        if encoding == "UTF-8" and self._maybe():
            head = ""
        return (head + text).encode(encoding.lower())

    def _maybe(self, chance: float | None = None) -> bool:
        return self._random.random() < (self._noise if chance is None else chance)

    def _name(self, tag: str, space: str, nsmap: dict[str | None, str]) -> str:
        name = etree.QName(tag)
        if name.namespace == space:
            return self._prefix + name.localname
        prefix = next((p for p, uri in nsmap.items() if uri == name.namespace and p), None)
        return f"{prefix}:{name.localname}" if prefix else name.localname

    def _element(self, element: Any, space: str, *, root: bool = False) -> str:
        name = self._name(element.tag, space, element.nsmap)
        attributes = [(self._name(k, "", element.nsmap), v) for k, v in element.attrib.items()]
        kind = etree.QName(element).localname
        if not self._addresses and kind in ("row", "c"):
            attributes = [(k, v) for k, v in attributes if k != "r"]
        if root:
            own = "xmlns" + (f":{self._prefix[:-1]}" if self._prefix else "")
            attributes.append((own, self._other(space)))
            attributes += [(f"xmlns:{p}", self._other(uri)) for p, uri in element.nsmap.items() if p]
        self._random.shuffle(attributes)
        text = "".join(self._attribute(k, v) for k, v in attributes)
        inside = self._text(element.text) if element.text else ""
        inside += "".join(
            self._blank() + self._element(child, space) for child in element if isinstance(child.tag, str)
        )
        end = " " if self._maybe() else ""
        if not inside and self._maybe(0.7):
            return f"<{name}{text}{end}/>"
        return f"<{name}{text}{end}>{inside}</{name}{end}>"

    def _other(self, uri: str) -> str:
        if not self._strict:
            return uri
        return (
            STRICT
            if uri == TRANSITIONAL
            else uri.replace(
                "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"
            )
        )

    def _blank(self) -> str:
        return self._random.choice(["\n", " <!-- ghi chú -->", "<?pi x?>"]) if self._maybe(self._noise / 4) else ""

    def _attribute(self, key: str, value: str) -> str:
        quote = "'" if self._maybe() else '"'
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("'", "&apos;")
        escaped = escaped.replace("\n", "&#10;").replace("\t", "&#9;")
        if escaped and "&" not in escaped and self._maybe(self._noise / 3):
            escaped = f"&#{ord(escaped[0])};" + escaped[1:]
        around = "  " if self._maybe() else ""
        before = "\n" if self._maybe() else " "
        return f"{before}{key}{around}={around}{quote}{escaped}{quote}"

    def _text(self, text: str) -> str:
        if self._maybe(self._noise / 2) and "]]>" not in text:
            return f"<![CDATA[{text}]]>"
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if "&" not in escaped and escaped.strip() and self._maybe(self._noise / 2):
            cut = self._random.randrange(len(escaped))
            escaped = f"{escaped[:cut]}&#x{ord(escaped[cut]):x};{escaped[cut + 1 :]}"
            if self._maybe(0.3):
                escaped = f"{escaped}<!-- x -->"
        return escaped


def spelled(seed: int, **more: bool) -> bytes:
    speller = Speller(seed, **more)
    return rebuilt(GOOD, {name: speller.part(part(GOOD, name)) for name in PARTS})


@pytest.mark.parametrize("seed", range(40))
def test_any_spelling_reads_the_same(seed: int) -> None:
    data = spelled(seed, strict=seed % 5 == 4)
    assert screen(data, "x.xlsx") is None
    assert read_workbook(data) == READ


def dense(data: bytes) -> bytes:
    """Every row and cell up to the last one written out, so that their place alone tells their address."""
    changes = {}
    for name in SHEETS:
        root = etree.fromstring(part(data, name))
        body = root.find(f"{{{TRANSITIONAL}}}sheetData")
        rows = {int(row.get("r")): row for row in body}
        for number in range(1, max(rows) + 1):
            row = rows.get(number)
            if row is None:
                row = etree.Element(f"{{{TRANSITIONAL}}}row", r=str(number))
            body.append(row)
            cells = {c.get("r").rstrip("0123456789"): c for c in row}
            for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[
                : max((ord(c[0]) - 64 for c in cells if len(c) == 1), default=0)
            ]:
                row.append(cells.get(letter, etree.Element(f"{{{TRANSITIONAL}}}c")))
                row[-1].set("r", f"{letter}{number}")
        changes[name] = etree.tostring(root)
    return rebuilt(data, changes)


@pytest.mark.parametrize("seed", range(10))
def test_cells_without_addresses_stand_where_spreadsheets_put_them(seed: int) -> None:
    full = dense(GOOD)
    assert read_workbook(full) == READ
    speller = Speller(seed, addresses=False)
    bare = rebuilt(full, {name: speller.part(part(full, name)) for name in SHEETS})
    assert read_workbook(bare) == READ


def test_characters_forbidden_in_xml_are_removed_from_text() -> None:
    """`_x0000_` is how a workbook writes it; PostgreSQL refuses a text that holds it."""
    data = replaced(
        xlsx({"A": [["§B04.A", "§GT"], ["C1", "TRUOC"]]}), "xl/sharedStrings.xml", "TRUOC", "tr_x0000_ước_x0007_"
    )
    assert list(read_workbook(data).tables[0].values.values()) == ["trước"]


RELS = "xl/worksheets/_rels/sheet1.xml.rels"
HOSTILE = {
    "attributes": lambda n: with_sheet_data(
        '<row r="1"><c r="A1" ' + " ".join(f'a{i}=""' for i in range(n)) + "/></row>"
    ),
    "an attribute that never ends": lambda n: with_sheet_data('<row r="1"><c r="' + "A" * n),
    "merges that never end": lambda n: with_sheet_data("", "<mergeCells>" + "<mergeCell " * n),
    "merges": lambda n: with_sheet_data("", "<mergeCells>" + '<mergeCell ref="A1:B1"/>' * n + "</mergeCells>"),
    "cells without address": lambda n: with_sheet_data("<row>" + '<c t="e"/>' * n + "</row>"),
    "rows without number": lambda n: with_sheet_data("<row><c><f>A1</f></c></row>" * n),
    "brackets": lambda n: with_sheet_data(f'<row r="1"><c r="A1"><f>{"[ " * n}]</f><v>1</v></c></row>'),
    "dots": lambda n: with_sheet_data(f'<row r="1"><c r="A1"><f>{".IMAGE" * n}</f><v>1</v></c></row>'),
    "quotes": lambda n: with_sheet_data(f'<row r="1"><c r="A1"><f>[{"&quot;" * n}</f><v>1</v></c></row>'),
    "comments": lambda n: with_sheet_data("<!-- x -->" * n),
    "relations": lambda n: rebuilt(with_sheet_data(""), {}, {RELS: b"<Rs>" + b"<R/>" * n + b"</Rs>"}),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_twice_as_much_takes_twice_the_steps(shape: str) -> None:
    def steps(n: int) -> int:
        data = HOSTILE[shape](n)
        return lines_run(lambda: read_workbook(data, screened(data, "x.xlsx")))

    first, second = steps(1000), steps(2000)
    assert second <= 2.2 * first + 500


@pytest.mark.parametrize(
    "area",
    ["B2:C3", "C3:B2", "B2", "b2:c3", "ZZZ1:ZZZ2", "$B$2:$C$3", "B2:", "B2:C3:D4", "A0:B2", ""],
)
def test_a_merged_area_stops_us_where_it_stops_the_library(area: str) -> None:
    """The library need not look for merged areas that we have found, and must not take more than it takes itself."""
    data = with_sheet_data(
        '<row r="1"><c r="A1"><v>1</v></c></row>', f'<mergeCells><mergeCell ref="{area}"/></mergeCells>'
    )
    try:
        CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
    except CalamineError:
        with pytest.raises(Unreadable):
            read_workbook(data)
    else:
        assert read_workbook(data).sheets == ["Biểu 1"]
