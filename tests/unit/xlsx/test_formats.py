"""Which cell styles show a percentage, in style sheets of many programs."""

from __future__ import annotations

import pytest

from baocao.xlsx.book import Book
from baocao.xlsx.formats import percent_styles
from baocao.xlsx.package import ZipPackage
from builders.files.hostile import SPREADSHEET, rebuilt, xlsx

NAMED = '<cellStyleXfs count="2"><xf numFmtId="0"/><xf numFmtId="9"/></cellStyleXfs>'
PLAIN = '<cellXfs count="1"><xf numFmtId="0" xfId="0"/></cellXfs>'
PERCENT = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="9"/></cellXfs>'
OWN = '<numFmts count="1"><numFmt numFmtId="165" formatCode="0.0{}"/></numFmts>'
WITH_OWN = '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="165"/></cellXfs>'


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        (NAMED + PLAIN, set()),
        (NAMED + PERCENT, {"1"}),
        (PERCENT.replace('"9"', "'10'"), {"1"}),
        (OWN.format("%") + NAMED + WITH_OWN, {"1"}),
        (OWN.format("&#37;") + WITH_OWN, {"1"}),
        (OWN.format("") + WITH_OWN, set()),
        ('<cellStyleXfs count="1"/>' + PERCENT + NAMED, {"1"}),
        (f'<!--<cellStyleXfs count="1">-->{PERCENT}<!--</cellStyleXfs>-->', {"1"}),
        (f'<x a="&lt;cellStyleXfs count=&quot;1&quot;>"/>{PERCENT}{NAMED}', {"1"}),
    ],
)
def test_percentages_of_cells_are_found_and_named_styles_left_alone(inner: str, found: set[str]) -> None:
    styles = f'<styleSheet xmlns="{SPREADSHEET}">{inner}</styleSheet>'
    data = rebuilt(xlsx({"Biểu 1": [["x"]]}), {"xl/styles.xml": styles.encode()})
    assert percent_styles(Book(ZipPackage(data))) == found
