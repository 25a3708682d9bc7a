"""Workbooks of several programs, each damaged in many ways: every one is answered, and no fault is ours.

A file is refused with a sentence, or read and then marked, or listed. What is marked opens where the file did.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from openpyxl import load_workbook

from baocao.documents.marking.task import mark_task
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import Unreadable, from_wire
from baocao.intake.opening import open_arrival
from builders.files.documents import finding, unit_workbook
from builders.files.hostile import rebuilt
from builders.files.workbook import COMMUNE_UNIT, period, small_pack, small_values

HEAD = {"unit_name": "Xã Mẫu", "period_name": "6 tháng", "verdict_line": "CHƯA ĐẠT", "deadline_text": "Hạn gửi"}
BLANK = write_blank(small_pack(), COMMUNE_UNIT, period(), values=small_values())
VALUES = [b"", b"0", b"-1", b"x", b"99999999999", b"A1", b"true"]
TEXTS = [b"", b"x", b"1e999", b"-5", b"#REF!"]


def saved_by_openpyxl(data: bytes) -> bytes:
    buffer = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(buffer)
    return buffer.getvalue()


BASES = {"xlsxwriter": BLANK, "openpyxl": saved_by_openpyxl(BLANK), "with notes": unit_workbook()}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One attribute removed or changed, or one text replaced: mostly well-formed, mostly wrong."""
    data = bytearray(content)
    at = chance.randrange(len(data))
    quote = data.find(b'="', at)
    end = data.find(b'"', quote + 2)
    start = data.rfind(b" ", 0, quote)
    kind = chance.randrange(3)
    if kind == 0 and 0 < start < quote < end:
        del data[start : end + 1]
    elif kind == 1 and 0 < quote < end:
        data[quote + 2 : end] = chance.choice(VALUES)
    else:
        opened = data.find(b">", at)
        closed = data.find(b"<", opened)
        if 0 < opened < closed:
            data[opened + 1 : closed] = chance.choice(TEXTS)
    return bytes(data)


def corpus(base: bytes, seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(base)) as package:
        parts = {n: package.read(n) for n in package.namelist() if n.endswith((".xml", ".rels", ".vml"))}
    for _ in range(count):
        chosen = chance.sample(sorted(parts), chance.randint(1, 3))
        yield rebuilt(base, {name: damaged(parts[name], chance) for name in chosen})


@pytest.mark.parametrize("name", BASES)
def test_every_damaged_workbook_gets_an_answer(name: str) -> None:
    points = [asdict(finding("D5")), asdict(finding("E12", sheet="B04 Cơ sở", blocks=False))]
    marked = 0
    with ReaderProcess() as reader:
        for data in (BASES[name], *corpus(BASES[name], 11, 25)):
            try:
                from_wire(reader.run(open_arrival, data, filename="x.xlsx"))
                copy = reader.run(mark_task, data, findings=points, head=HEAD)
            except Unreadable as refusal:
                assert refusal.message
                continue
            marked += 1
            assert opens(copy) or not opens(data)
    assert marked > 5


def opens(data: bytes) -> bool:
    try:
        load_workbook(io.BytesIO(data))
    except Exception:
        return False
    return True
