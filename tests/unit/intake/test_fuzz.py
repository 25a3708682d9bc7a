"""Mutilated workbooks through screening and reading: an answer for each, whatever stands in them.

Bounded here; longer by hand: `BAOCAO_FUZZ=20000 pytest tests/unit/intake/test_fuzz.py`.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import RawWorkbook, Unreadable, from_wire
from baocao.intake.opening import open_arrival
from baocao.model.submission import Screening
from baocao.settings import load_settings
from baocao.workflow.installation import Installation

EXAMPLES = int(os.environ.get("BAOCAO_FUZZ", "120"))
ROOT = Path(__file__).resolve().parents[3]
TOKENS = (
    b"<",
    b">",
    b"&",
    b'"',
    b"\x00",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&#x0;",
    b'<c r="XFD1048576"/>',
    b'<row r="-1">',
    b"<v>1e999</v>",
    b"<v>NaN</v>",
    b't="s"',
    b"<v>99999999</v>",
    b'<mergeCell ref="A1:XFD1048576"/>',
    b"]]>",
    b"\xff\xfe",
    b'<f>WEBSERVICE("http://x")</f>',
    b"xml:space",
    b'r:id="rId99"',
    b"A1:A0",
    b"</sheetData>",
    b"<is><t>x</t></is>",
)


@pytest.fixture(scope="module")
def good() -> bytes:
    place = Installation(load_settings({"BAOCAO_ROOT": str(ROOT)}))
    pack = place.pack("hai-phong-legal-aid")
    return write_blank(pack, pack.units[0], place.calendar(pack.code)[0])


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    with ReaderProcess() as process:
        yield process


def of_bytes(data: bytes, drawn: random.Random) -> bytes:
    """Bytes of the file itself turned, cut or put in."""
    bent = bytearray(data)
    for _ in range(drawn.randint(1, 12)):
        at = drawn.randrange(len(bent))
        kind = drawn.randrange(4)
        if kind == 0:
            bent[at] = drawn.randrange(256)
        elif kind == 1:
            del bent[at : at + drawn.randint(1, 400)]
        elif kind == 2:
            bent[at:at] = drawn.choice(TOKENS)
        else:
            bent[at:at] = bent[drawn.randrange(len(bent)) :][: drawn.randint(1, 300)]
        if not bent:
            return b""
    return bytes(bent)


def of_parts(data: bytes, drawn: random.Random) -> bytes:
    """The zip stays whole; what stands in its parts does not."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name in drawn.sample(sorted(parts), k=drawn.randint(1, min(4, len(parts)))):
        kind = drawn.randrange(5)
        if kind == 0:
            del parts[name]
        elif kind == 1:
            parts[drawn.choice(sorted(parts))] = parts[name]
        elif kind == 2 and parts[name]:
            parts[name] = of_bytes(parts[name], drawn)
        else:
            at = drawn.randrange(len(parts[name]) + 1)
            parts[name] = parts[name][:at] + drawn.choice(TOKENS) * drawn.choice((1, 1, 50)) + parts[name][at:]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return buffer.getvalue()


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 120)
@given(seed=st.integers(0, 2**48), whole=st.booleans())
def test_every_mutilated_workbook_is_read_or_refused_clearly(
    good: bytes, reader: ReaderProcess, seed: int, whole: bool
) -> None:
    drawn = random.Random(seed)
    data = of_parts(good, drawn) if whole else of_bytes(good, drawn)
    try:
        found = from_wire(reader.run(open_arrival, data, filename="bao-cao.xlsx"))
    except Unreadable as refusal:
        assert Screening(refusal.reason) and len(refusal.message) > 20
        assert refusal.reason is not Screening.READER_DIED, "no bound was needed to stop it"
    else:
        assert isinstance(found, RawWorkbook)
