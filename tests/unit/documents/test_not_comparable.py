"""What cannot be compared with a year ago says so, and where everything can be compared no byte changes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
from docx import Document

from baocao.consolidation.province import consolidate
from baocao.documents.consolidated_workbook.meta import ReportMeta
from baocao.documents.consolidated_workbook.workbook import build_workbook
from baocao.documents.word_report.report import build_report
from baocao.model.form import CellKey
from baocao.model.pack_parts.bridge import Bridge, EarlierFigures, carry, crossing
from baocao.model.report import ReportStatus, TargetVerdict
from builders.files.documents import report_input
from builders.packs.consolidation import (
    communes,
    earlier,
    everybody_reported,
    full_report,
    key,
    lead_body,
    pack,
    period,
    target,
)
from builders.packs.pack import ROOT

UNITS = (*communes(3), lead_body())
PACK = report_input(3, 0).pack
SENT = [full_report(unit, seed) for seed, unit in enumerate(UNITS, start=2)]
META = ReportMeta(version=1, status=ReportStatus.FROZEN, as_of=datetime(2026, 12, 20, 3, tzinfo=UTC), report_id=5)
BEFORE = {key("PL01/CT01/TH"): 348, key("PL01/CT13/TH"): 5}
WHY = "Cách tính đã thay đổi"


def documents(before: dict[CellKey, int], unlike: dict[CellKey, str] | None = None) -> tuple[bytes, bytes]:
    told = replace(everybody_reported(UNITS, before), not_comparable=unlike or {})
    result = consolidate(PACK, period(), SENT, UNITS, (), told)
    source = report_input(3, 0, result=result, pack=PACK)
    return build_workbook(PACK, period(), result, SENT, META), build_report(source, ROOT / "include" / "templates")


def test_a_bridge_that_changes_nothing_changes_no_byte() -> None:
    (form,) = (f for f in PACK.forms if f.code == "PL01")
    rows = [r.code for t in form.tables for r in t.rows if not r.heading]
    same = Bridge.model_validate({"form": "PL01", "from": form.version, "to": form.version, "unchanged": rows})
    carried = carry(crossing(same, form, form), form, EarlierFigures(BEFORE))
    plain, bridged = documents(BEFORE), documents(dict(carried.figures), dict(carried.not_comparable))
    assert [hashlib.sha256(d).digest() for d in bridged] == [hashlib.sha256(d).digest() for d in plain]


def name(code: str) -> str:
    return next(r.name for t in PACK.form("PL01").tables for r in t.rows if r.code == code)


def test_rows_sharing_a_number_between_forms_are_named() -> None:
    _, word = documents({}, {CellKey("B04", "NGHIEN", "CK"): WHY})
    (line,) = (p.text for p in Document(io.BytesIO(word)).paragraphs if WHY in p.text)
    assert "NGHIEN" not in line and "(1. Người nghiện" in line


def test_an_incomparable_cell_has_its_reason_below() -> None:
    book, word = documents({}, {key("PL01/CT01/TH"): WHY})
    sheet = next(s for s in openpyxl.load_workbook(io.BytesIO(book)).worksheets if s.title == PACK.form("PL01").short)
    texts = [str(c) for row in sheet.iter_rows(values_only=True) for c in row if c is not None]
    assert texts.count("không so sánh được") == 2, "the row, and the one that is its change against last year"
    assert any("(CT01, CT06)" in text and WHY in text for text in texts)
    document = Document(io.BytesIO(word))
    lines = [p.text for p in document.paragraphs if WHY in p.text]
    assert any(all(f"{c} {name(c)}" in line for c in ("CT01", "CT06")) for line in lines), "recipients read names"
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    assert "không so sánh được" in cells


def test_an_incomparable_target_is_not_judged() -> None:
    (form,) = (f for f in PACK.forms if f.code == "PL01")
    unlike = dict.fromkeys(form.cells, WHY)
    falls = pack(UNITS, [target(id="T1", indicator="PL01/CT06", name="Giảm", operator="<", value=0)])
    (result,) = consolidate(falls, period(), SENT, UNITS, (), earlier(not_comparable=unlike)).targets
    assert result.verdict is TargetVerdict.NOT_JUDGED and WHY in result.reason
