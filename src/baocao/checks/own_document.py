"""The unit's own report as a document: its number and day, where the unit wrote them."""

from __future__ import annotations

import re
from datetime import date

from baocao.checks.reading import Reading, cell_text
from baocao.forms.contract import INFO_SHEET
from baocao.forms.reading.dates import parse_date
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Cell
from baocao.text import day_text

# `45/BC-UBND` (NĐ 30/2020, Phụ lục I), or the number alone: `45`, `45a`.
_NUMBER = re.compile(r"[0-9]{1,6}[A-Za-zĐđ]?(?:\s*/\s*[^\W\d_][\w.&-]*(?:/[\w.&-]+)*)?")
# Every day from 1927 to 2173 has five digits as a spreadsheet counts.
_SERIAL = re.compile(r"[0-9]{5}")


def check_own_document(reading: Reading) -> None:
    """Both may stay empty; what stands there goes into the annex of units, so it must be a number and a day."""
    number, day = (reading.workbook.info.get(code) for code in ("doc_number", "doc_date"))
    written = cell_text(number)
    if written and not _NUMBER.fullmatch(written):
        said = (
            f"«{written}» không phải số, ký hiệu văn bản. Hãy ghi số do văn thư cấp, ví dụ 45/BC-UBND, hoặc để trống."
        )
        _report(reading, number, "Số, ký hiệu báo cáo của đơn vị", said, "số/ký hiệu, ví dụ 45/BC-UBND", "doc_number")
    written = cell_text(day)
    if not written:
        return
    name, wanted = "Ngày ký báo cáo của đơn vị", "ngày dạng dd/mm/yyyy"
    found = day_of(written)
    # The day where the unit is: after 17:00 UTC it is the next one there.
    received = reading.received_at.astimezone(reading.period.unit.due_at.tzinfo).date()
    if found is None:
        said = f"«{written}» không phải ngày. Hãy ghi ngày ký báo cáo dạng dd/mm/yyyy, ví dụ 17/06/2026, hoặc để trống."
        _report(reading, day, name, said, wanted, "doc_date")
    elif found > received:
        said = (
            f"Ngày ký {day_text(found)} ở sau ngày nhận báo cáo ({day_text(received)}). Hãy ghi đúng ngày đã ký báo "
            "cáo."
        )
        _report(reading, day, name, said, f"không sau {day_text(received)}", "doc_date")
    elif found < reading.period.covers_from:
        said = (
            f"Ngày ký {day_text(found)} ở trước kỳ báo cáo (bắt đầu {day_text(reading.period.covers_from)}). Hãy ghi "
            "ngày ký của báo cáo kỳ này."
        )
        _report(reading, day, name, said, f"từ {day_text(reading.period.covers_from)}", "doc_date")


def day_of(written: str) -> date | None:
    """The day a unit wrote; a date that lost its format is a serial number. None for anything else."""
    found = parse_date(float(written) if _SERIAL.fullmatch(written) else written)
    return found if isinstance(found, date) else None


def _report(reading: Reading, cell: Cell | None, name: str, message: str, expected: str, tag: str) -> None:
    reading.report_whole(
        RuleKind.SIGNATURE,
        message,
        sheet=cell.sheet if cell is not None else INFO_SHEET,
        a1=cell.a1 if cell is not None else "",
        name=name,
        expected=expected,
        actual=cell_text(cell),
        tag=tag,
    )
