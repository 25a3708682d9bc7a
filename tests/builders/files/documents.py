"""Small workbooks, packs and report inputs for the tests of the documents."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import xlsxwriter

from baocao.consolidation.province import consolidate
from baocao.documents.report_input import ReportInput
from baocao.model.regime import LegalBasis, Recipient, Regime
from baocao.model.report import Signature
from baocao.model.submission import Finding, Severity
from builders.packs.consolidation import (
    communes,
    everybody_reported,
    full_report,
    key,
    lead_body,
    pack,
    period,
    regime,
    target,
)


def unit_workbook(sheets: int = 2, rows: int = 4) -> bytes:
    """A workbook as a unit sends it: code row, entry cells, a locked derived column with a cached value, a note."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    entry = book.add_format({"bg_color": "#FFF2CC", "locked": False, "num_format": "#,##0", "border": 1})
    locked = book.add_format({"bg_color": "#EEEEEE", "border": 1})
    for number in range(1, sheets + 1):
        sheet = book.add_worksheet(f"Biểu {number:02}")
        sheet.set_row(3, None, None, {"hidden": True})
        for column, code in enumerate((f"§B{number:02}.A", "", "§KHN", "§TH", "§TL")):
            sheet.write(3, column, code)
        for row in range(4, 4 + rows):
            sheet.write(row, 0, f"B{number:02}.{row - 3:02}", locked)
            sheet.write(row, 1, f"Chỉ tiêu thứ {row - 3}", locked)
            sheet.write(row, 2, 20, entry)
            sheet.write(row, 3, 30 + row, entry)
            sheet.write_formula(row, 4, f"=IF(C{row + 1}=0,0,100*D{row + 1}/C{row + 1})", locked, 100 * (30 + row) / 20)
        sheet.write_comment("D5", "Kỳ trước: 12", {"author": "Biểu mẫu"})
        sheet.data_validation(4, 2, 4 + rows, 3, {"validate": "integer", "criteria": ">=", "value": 0})
        sheet.protect()
    meta = book.add_worksheet("_meta")
    for row, (name, value) in enumerate({"layout": "1", "regime": "mau", "unit": "00001"}.items()):
        meta.write(row, 0, name)
        meta.write(row, 1, value)
    meta.hide()
    book.close()
    return data.getvalue()


def finding(
    a1: str = "D5",
    *,
    sheet: str = "Biểu 01",
    blocks: bool = True,
    rule: str = "V11",
    key: str = "",
    **more: str,
) -> Finding:
    """A finding on one cell; blocking unless said otherwise."""
    fields = {
        "item": "B01.01",
        "name": "Chỉ tiêu thứ 1",
        "message": "Cuối kỳ phải bằng đầu kỳ cộng tăng trừ giảm; hãy sửa một trong các số",
        "expected": "34",
        "actual": "35",
        "suggestion": "34",
    } | more
    severity = Severity.BLOCKS if blocks else Severity.EXPLAIN
    return Finding(rule, severity, sheet, a1, key=key or f"{rule}|{sheet}/{a1}", **fields)


def report_input(communes_in: int = 8, missing: int = 1, **changes: Any) -> ReportInput:
    """A small province: `communes_in` communes, `missing` of them silent, one lead body, figures a year before."""
    units = [*communes(communes_in + missing), lead_body()]
    made = pack(units, targets=[target()], law=_law())
    accepted = [full_report(u, i + 1) for i, u in enumerate(units) if i < communes_in or u.is_lead_body]
    accepted += changes.pop("more", [])
    before = everybody_reported(units, changes.pop("before", {key("PL01/CT01/TH"): 348, key("PL01/CT13/TH"): 5}))
    fields = {
        "pack": made,
        "period": period(),
        "result": consolidate(made, period(), accepted, units, year_ago=before),
        "version": 1,
        "as_of": date(2026, 12, 21),
    }
    return ReportInput(**(fields | changes))


def _basis(id: str, document: str) -> LegalBasis:
    return LegalBasis(id=id, document=document, article="1", text="Nội dung", trust="confirmed")


def _law() -> Regime:
    named = [
        ("bo-cong-an", "Bộ Công an", True),
        ("bo-y-te", "Bộ Y tế", False),
    ]
    recipients = tuple(Recipient(id=i, name=n, email=f"{i}@bo.example", verified=v, anchor="KH.1") for i, n, v in named)
    basis = (
        _basis("KH.1", "Kế hoạch số 01/KH-UBND ngày 05/01/2026"),
        _basis("NQ", "Nghị quyết số 02/2024/QH15 ngày 27/11/2024"),
        _basis("NQ.2", "Nghị quyết số 03/2024/QH15 ngày 27/11/2024"),
        _basis("KH", "Kế hoạch năm 2026 của Ủy ban nhân dân"),
        LegalBasis(id="HT", document="Thiết kế hệ thống", article="1", text="Nhắc việc", trust="assumed"),
    )
    law = regime(recipients, tuple(r.id for r in recipients))
    block = ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    authority = law.authority.model_copy(
        update={"signer_block": block, "copy_to": ("Công an tỉnh",), "standing_office": "Công an tỉnh Thử Nghiệm"}
    )
    return law.model_copy(update={"legal_basis": basis, "authority": authority})


def signature(**changes: Any) -> Signature:
    fields = {
        "number": "5",
        "symbol": "BC-UBND",
        "signed_on": date(2026, 12, 4),
        "signer": "Người Ký Mẫu",
        "signer_title": "Phó Chủ tịch",
    }
    return Signature(**(fields | changes))
