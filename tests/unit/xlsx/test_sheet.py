"""Addresses of what the fast reader hides, in XML written by many programs."""

from __future__ import annotations

import random

import pytest

from baocao.xlsx.a1 import address, area_of, column_index, position
from baocao.xlsx.book import STRICT
from baocao.xlsx.sheet import facts_of
from baocao.xlsx.sheet_bytes import SheetFacts, facts_in_bytes
from baocao.xlsx.spelling import is_usual
from baocao.xlsx.xml import Forbidden, Malformed, check_well_formed, parse
from builders.files.hostile import SPREADSHEET


def facts_in(cells: str, rest: str = "") -> SheetFacts:
    """What the tree says; where the bytes say something it must be the same."""
    xml = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData>{rest}</worksheet>'.encode()
    root = parse(xml)
    found = facts_of(root, xml, usual=is_usual(xml, root))
    assert facts_in_bytes(xml) in (None, found)
    return found


def faults(cells: str) -> dict[str, str]:
    return {address(*place): text for place, text in facts_in(cells).faults.items()}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C7" t="e"><v>#REF!</v></c>',
        "<c r='C7' t='e'><v>#REF!</v></c>",
        '<c t="e" s="4" r="C7"><f>A1</f><v>#REF!</v></c>',
        '<c r="C7" s="1"\n t="e"><f>A1</f>\n<v>#REF!</v></c>',
        '<c r="C7" t="e"><f t="shared" ref="C7:C9" si="0">A1</f><v>#REF!</v></c>',
    ],
)
def test_an_error_is_found_however_it_is_written(cell: str) -> None:
    assert faults(f'<row r="7"><c r="A7"><v>1</v></c>{cell}<c r="D7" t="s"><v>0</v></c></row>') == {"C7": "#REF!"}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C7"><f>A1</f></c>',
        '<c r="C7" s="3"><f>A1</f><v></v></c>',
        '<c r="C7"><f>A1</f><v/></c>',
        '<c r="C7"><f>A1</f> <v /> </c>',
        '<c r="C7"><f t="shared" si="0"/></c>',
        '<c r="C7"><f t="array" ref="C7">A1&lt;2</f></c>',
    ],
)
def test_a_formula_without_a_value_is_found(cell: str) -> None:
    assert faults(f'<row r="7">{cell}<c r="D7"><f>B1</f><v>3</v></c></row>') == {"C7": ""}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C7"><f>A1</f><v>0</v></c>',
        '<c r="C7" t="str"><f>A1</f><v></v></c>',
        '<c r="C7" t="str"><f>A1</f><v>t="e"</v></c>',
        '<c r="C7" t="inlineStr"><is><t>t="e" #REF!</t></is></c>',
        '<c r="C7"/>',
    ],
)
def test_a_cell_with_value_or_blank_is_fine(cell: str) -> None:
    assert faults(f'<row r="7">{cell}</row>') == {}


def test_cells_without_addresses_are_counted_from_their_neighbours() -> None:
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
        "<row><c><v>1</v></c><c/><c><f>A1</f></c></row>"
        '<row r="9"><c t="e"><v>#REF!</v></c></row>'
    )
    assert faults(rows) == {"C2": "#N/A", "C3": "", "A9": "#REF!"}


@pytest.mark.parametrize(("letters", "index"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_letters_and_columns_go_both_ways(letters: str, index: int) -> None:
    assert column_index(letters) == index
    assert address(0, index) == letters + "1"
    assert position(letters + "1") == (0, index)


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "XFE1", "A1048577", "AAAA1", "A1B", "Á1", "A" * 40 + "1"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert position(text) is None


def test_an_area_is_known_from_any_two_corners() -> None:
    assert area_of("B3:A1") == area_of("$A$1:$B$3") == (0, 0, 2, 1)
    assert area_of("C5") == (4, 2, 4, 2)
    assert area_of("A:B") is None


def formulas(cells: str) -> set[str]:
    return facts_in(cells).formulas


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ('<row r="7"><c r="C7"><f>A1</f><v>3</v></c><c r="D7"><v>3</v></c></row>', {"C7"}),
        ('<row r="7"><c r="C7"><f t="shared" ref="C7:C8" si="0">A1</f><v>3</v></c></row>'
         '<row r="8"><c r="C8"><f t="shared" si="0"/><v>3</v></c></row>', {"C7", "C8"}),
        ('<row r="7"><c r="C7"><f t="array" ref="C7:D8">A1:B2</f><v>3</v></c><c r="D7"><v>3</v></c></row>',
         {"C7", "D7", "C8", "D8"}),
        ("<row r='7'><c r='C7'><f t='array' ref='C7:C8'>A1:A2</f><v>3</v></c></row>", {"C7", "C8"}),
        ('<row r="7"><c r="c7"><f>A1</f><v>3</v></c></row>', {"C7"}),
        ("<row><c><v>1</v></c><c><f>A1</f><v>3</v></c></row>", {"B1"}),
        ('<row r="7"><c r="C7"><f t="array" ref="A1:XFD1048576">A1</f><v>3</v></c></row>', {"C7"}),
    ],
)  # fmt: skip
def test_formula_cells_are_known_however_they_are_written(cells: str, found: set[str]) -> None:
    assert formulas(cells) == found


CELLS = (
    '<c r="{}"/>',
    '<c r="{}" s="3"/>',
    '<c r="{}" s="3" t="s"><v>4</v></c>',
    '<c r="{}"><v>1.5</v></c>',
    '<c r="{}" t="b"><v>1</v></c>',
    '<c r="{}" t="inlineStr"><is><t>a&gt;b &lt;f&gt;</t></is></c>',
    '<c r="{}" s="3"><f>SUM(A1:A9)</f><v>7</v></c>',
    '<c r="{}" s="3" t="str"><f>IF(A1&lt;2,"","x")</f><v></v></c>',
    '<c r="{}"><f>A1</f></c>',
    '<c r="{}"><f>A1</f><v></v></c>',
    '<c r="{}"><f t="shared" ref="A1:A2" si="0">B1</f><v>3</v></c>',
    '<c r="{}"><f t="shared" si="0"/><v>3</v></c>',
)
"""The usual spelling: the bytes alone must tell about these."""
ODD_CELLS = (
    "<c r='{}'><v>1</v></c>",
    '<c s="3" r="{}"><f>A1</f><v>1</v></c>',
    '<c r="{}" t="e"><v>#REF!</v></c>',
    '<c r="{}"><f t="array" ref="A1:B2">A1</f><v>1</v></c>',
    '<c r="{}"><f>[1]A!B1</f><v>1</v></c>',
    '<c r="{}"><f>WEBSERVICE("a")</f><v>1</v></c>',
    '<c r="{}"><f>A1</f> <v>1</v></c>',
    '<c r="{}"><v>1</v><f>A1</f></c>',
    '<c r="{}"><f>A1</f><!-- --></c>',
    '<c r="{}" t="inlineStr"><is><t><![CDATA[<c r="Z9"><f>A1</f></c>]]></t></is></c>',
    '<c r="{}"><f>&#65;1</f><v>1</v></c>',
    f'<x:c xmlns:x="{SPREADSHEET}" r="{{}}"><x:f>A1</x:f></x:c>',
    '<c xmlns="urn:other" r="{}"><f>A1</f></c>',
    '<color r="{}"/>',
    '<c r="XFD1048576"><v>{}</v></c>',
)


def sheet_of(chance: random.Random, cells: tuple[str, ...]) -> str:
    rows = []
    for number in range(1, chance.randint(2, 9)):
        row = "".join(chance.choice(cells).format(f"{letter}{number}") for letter in "BDEH"[: chance.randint(1, 4)])
        rows.append(f'<row r="{number}" spans="1:8">{row}</row>')
    return "".join(rows)


@pytest.mark.parametrize("seed", range(40))
def test_the_bytes_tell_what_the_tree_tells(seed: int) -> None:
    chance = random.Random(seed)
    rest = '<mergeCells count="2"><mergeCell ref="B2:C3"/><mergeCell ref="D1"/></mergeCells>' if seed % 2 else ""
    cells = sheet_of(chance, CELLS)
    xml = f'<worksheet xmlns="{STRICT}"><sheetData>{cells}</sheetData>{rest}</worksheet>'.encode()
    root = parse(xml)
    assert facts_in_bytes(xml) == facts_of(root, xml, usual=is_usual(xml, root))
    facts_in(sheet_of(chance, (*CELLS, *ODD_CELLS)), rest)


BROKEN_CELLS = (
    '<c r="{}"><v>1</v>',
    '<c r="{}"><v>1</c>',
    '<c r="{}"/></row><c r="{}"/>',
    '<c r="{}"/></row></row><row r="1"><row r="1">',
    '<c r="{}"/></row><row r="1" ht="1" ht="2">',
    '<c r="{}"><f si="0" si="0">A1</f></c>',
    '<c r="{}"><f t="shared>A1</f></c>',
    '<c r="{}"><v>a & b</v></c>',
    '<c r="{}"><v>&nbsp;</v></c>',
    '<c r="{}"><v>a]]>b</v></c>',
    '<c r="{}"><v>\x01</v></c>',
    '<c r="{}"><v>\ufffe</v></c>',
    '<c r="{}"><v>\udcff</v></c>',
    '<c r="{}"><v>\x00</v></c>',
)


@pytest.mark.parametrize("cell", BROKEN_CELLS)
@pytest.mark.parametrize("place", ["{0}", "{1}{0}", "{0}{1}", "{1}{0}{1}"])
def test_the_bytes_never_take_damage_for_a_sheet(cell: str, place: str) -> None:
    row = place.format(cell.replace("{}", "B1"), '<c r="A1"/>')
    xml = f'<worksheet xmlns="{STRICT}"><sheetData><row r="1">{row}</row></sheetData></worksheet>'
    content = xml.encode(errors="surrogateescape")
    assert facts_in_bytes(content) is None
    with pytest.raises(Malformed):
        parse(content)


@pytest.mark.parametrize("seed", range(3))
def test_a_sheet_with_facts_is_well_formed_after_damage(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [
        b"<",
        b">",
        b"/",
        b'"',
        b"&",
        b"</row>",
        b'<row r="3">',
        b"</c>",
        b'<c r="A1">',
        b"]]>",
        b"<v>",
        b" t",
        b"",
    ]
    for _ in range(300):
        cells = sheet_of(chance, CELLS)
        xml = f'<worksheet xmlns="{STRICT}"><sheetData>{cells}</sheetData></worksheet>'.encode()
        begin = chance.randrange(len(xml))
        damaged = xml[:begin] + chance.choice(pieces) + xml[begin + chance.randrange(9) :]
        if (found := facts_in_bytes(damaged)) is not None:
            root = parse(damaged)
            assert found == facts_of(root, damaged, usual=is_usual(damaged, root))


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_the_bytes_say_nothing_about_an_unusual_spelling(cell: str) -> None:
    cells = f'<row r="1">{cell.format("A1")}</row>'
    facts_in(cells)
    assert (
        facts_in_bytes(f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>'.encode()) is None
    )


def test_a_part_not_parsed_must_still_be_valid() -> None:
    check_well_formed(b"<a><b/></a>")
    with pytest.raises(Malformed):
        check_well_formed(b"<a><b></a>")
    with pytest.raises(Malformed):
        check_well_formed(b"<a>" * 1000 + b"</a>" * 1000)
    with pytest.raises((Forbidden, Malformed)):
        check_well_formed(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    check_well_formed(b"<a/>")
