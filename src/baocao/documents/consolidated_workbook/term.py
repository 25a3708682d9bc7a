"""The sheet `Lũy kế giai đoạn` of a mid-term or end-term report: year by year, accumulated, and against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    HEADER_FILL,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    height,
    set_up_page,
)
from baocao.documents.row_figures import Printed, planned_units, share_figure
from baocao.documents.word_report.source_texts import MARK as TWO_FIGURES
from baocao.documents.word_report.source_texts import note
from baocao.documents.word_report.term_rows import TermRow, term_rows
from baocao.forms.contract import MARK
from baocao.model.form import Form, Row, ValueType
from baocao.model.period import PeriodScope
from baocao.model.term_totals import ProvinceTerm, TermAggregation
from baocao.rounding import ROUNDED
from baocao.text import day_text

SHEET = "Lũy kế giai đoạn"
TABLE = "LUYKE"
_WAYS = {
    TermAggregation.SUM: "cộng các năm",
    TermAggregation.LATEST: "số mới nhất",
    TermAggregation.EARLIEST: "số đầu kỳ",
    TermAggregation.RATIO: "tính lại tỷ lệ",
}
_NAME_WIDTH = 42


@dataclass(frozen=True)
class _Field:
    code: str
    title: str
    width: float = 11


def write_term(book: ReportBook, source: SheetSource, term: ProvinceTerm) -> None:
    """One block a form, its rows below its name; what stands behind each year at the end."""
    _TermSheet(book, source, term).write()


class _TermSheet:
    def __init__(self, book: ReportBook, source: SheetSource, term: ProvinceTerm) -> None:
        self.source, self.term = source, term
        self.sheet: Sheet = book.add_sheet(SHEET)
        self.at_end = source.period.scope is PeriodScope.END_TERM
        self.fields = self._fields()
        self.last = 3 + len(self.fields)

    def _fields(self) -> list[_Field]:
        fields = [_Field(".KHGD", f"Kế hoạch {self.term.name}", 12)]
        for year in self.term.columns:
            found = self.term.years.get(year)
            part = "" if found is None or found.wanted.scope is PeriodScope.YEAR else f"\n({found.wanted.name})"
            fields.append(_Field(f".NAM.{year}", f"Năm {year}{part}"))
        fields += [
            _Field(".LUY_KE", "Lũy kế từ báo cáo các kỳ", 12),
            _Field(".THUC_HIEN", "Thực hiện giai đoạn (báo cáo này)", 12),
            _Field(".PT_KHGD", "% kế hoạch giai đoạn", 9),
            _Field(".DV_KHGD", "Đơn vị có kế hoạch", 9),
        ]
        if self.at_end:
            ends = self.source.pack.regime.term
            day = day_text(ends.ends_on) if ends is not None else "hết giai đoạn"
            fields += [_Field(".UOC", f"Ước thực hiện đến {day}", 12), _Field(".PT_UOC", "% kế hoạch (ước)", 9)]
        return fields

    def write(self) -> None:
        at = self._write_head()
        for form in self.source.pack.forms:
            rows = term_rows(self.source.pack, self.source.consolidation, self.term, (form,))
            if any(isinstance(row, TermRow) for row in rows):
                at = self._write_form(at, form, rows)
        at = self._write_reports_behind(at + 1)
        self._write_notes(at + 1)
        self.sheet.widths((10, _NAME_WIDTH, 9, 12, *(f.width for f in self.fields)))
        self.sheet.freeze_panes(6, 2)
        set_up_page(self.sheet, self.source.footer, draft=self.source.meta.is_draft, repeat=(4, 4))

    def _write_head(self) -> int:
        sheet, source = self.sheet, self.source
        title = f"LŨY KẾ {self.term.name}".upper()
        sheet.heading(self.last, title, source.covered)
        sheet.merged(2, 0, self.last, source.status_line, align="right", font_size=10, **source.status_looks)
        note = "Đơn vị tính tiền: triệu đồng (ô giữ số chính xác đến đồng)"
        sheet.merged(3, 0, self.last, note, italic=True, align="right", font_size=10)
        sheet.table_header(4, (source.row_title, "Nội dung", "ĐVT", "Cách tính", *(f.title for f in self.fields)))
        sheet.set_row(4, 62)
        for column in range(self.last + 1):
            sheet.text(5, column, f"({column + 1})", italic=True, align="center", font_size=9, border=1)
        return 6

    def _write_form(self, at: int, form: Form, rows: Sequence[TermRow | Row]) -> int:
        looks: dict[str, Any] = {"bold": True, "border": 1, "bg_color": HEADER_FILL}
        self.sheet.merged(at, 0, self.last, f"{form.official}. {form.title}", **looks)
        at += 1
        codes = [(0, f"{MARK}{TABLE}.{form.code}")]
        codes += [(column, MARK + field.code) for column, field in enumerate(self.fields, start=4)]
        self.sheet.codes(at, codes)
        at += 1
        for row in rows:
            self._write_row(at, form, row)
            at += 1
        return at

    def _write_row(self, at: int, form: Form, row: TermRow | Row) -> None:
        sheet = self.sheet
        if isinstance(row, Row):
            name = row.numbered_name
            sheet.merged(at, 0, self.last, name, bold=True, border=1, bg_color=TOTAL_FILL)
            return
        total = row.row.derive is not None
        looks: dict[str, Any] = {"border": 1, "bold": total} | ({"bg_color": TOTAL_FILL} if total else {})
        code = self.source.numbered(form, row.row, SHEET, at)
        # A second line of the same row has no number of its own; the office finds it by its cell's name.
        if row.suffix:
            code = "" if self.source.outgoing else f"{row.row.code}/{row.key.column}"
        sheet.text(at, 0, code, align="center", shrink=True, **(looks | {"font_size": 9}))
        indent = row.row.indent + bool(row.suffix)
        sheet.text(at, 1, row.suffix or row.name, text_wrap=True, indent=indent, **looks)
        unit = "triệu đồng" if row.type is ValueType.MONEY else row.unit
        sheet.text(at, 2, unit, align="center", **looks)
        sheet.text(at, 3, _WAYS[row.way], align="center", **(looks | {"font_size": 9}))
        figures = [Printed(value, row.type) for value in (row.plan, *row.years, row.accumulated, row.reached)]
        figures += [share_figure(row.share), Printed(words=planned_units(row.share))]
        if self.at_end:
            figures += [Printed(row.estimate, row.type), share_figure(row.estimate_share)]
        for position, printed in enumerate(figures):
            sheet.printed(at, 4 + position, printed, **looks)
        sheet.set_row(at, height(row.suffix or row.name, _NAME_WIDTH - 2 * indent))

    def _write_reports_behind(self, at: int) -> int:
        """Which reports each year is made of, and who is missing: nothing is estimated in their place."""
        titles = ("Năm", "Báo cáo dùng để cộng", "Độ phủ", "")
        self.sheet.table_header(at, titles)
        self.sheet.merged(at, 3, self.last, "Đơn vị thiếu, đơn vị dùng số 6 tháng thay số năm", bold=True, border=1,
            align="center", bg_color=HEADER_FILL,
        )  # fmt: skip
        for year, found in sorted(self.term.years.items()):
            at += 1
            said = []
            if found.coverage.missing:
                said.append("Thiếu: " + self._names(found.coverage.missing))
            if found.instead:
                said.append("Dùng số 6 tháng vì chưa có báo cáo năm: " + self._names(found.instead))
            text = ". ".join(said) or "Đủ"
            self.sheet.text(at, 0, str(year), border=1, align="center")
            self.sheet.text(at, 1, f"Báo cáo {found.wanted.name}", border=1)
            self.sheet.text(at, 2, str(found.coverage), border=1, align="center")
            self.sheet.merged(at, 3, self.last, text, border=1, text_wrap=True)
            self.sheet.set_row(at, height(text, sum(f.width for f in self.fields)))
        return at + 1

    def _names(self, codes: Sequence[str]) -> str:
        return "; ".join(self.source.unit_name(code) for code in codes)

    def _write_notes(self, at: int) -> None:
        lines = [
            "1. Mỗi năm chỉ dùng một báo cáo đã được nhận của mỗi đơn vị: báo cáo năm; chưa có thì báo cáo 6 tháng của "
            "năm đó. Báo cáo 6 tháng nằm trong báo cáo năm nên không cộng hai lần.",
            "2. «Lũy kế từ báo cáo các kỳ» chỉ gồm các báo cáo đã được nhận; «Thực hiện giai đoạn» là số đơn vị báo "
            "cáo ở kỳ này, gồm cả phần phát sinh sau kỳ gần nhất đến ngày chốt.",
            "3. Số tồn lấy số mới nhất; tỷ lệ tính lại từ các số lũy kế, không lấy trung bình các năm.",
            "4. Tỷ lệ so với kế hoạch giai đoạn chỉ gồm các đơn vị có cả kế hoạch và kết quả; «chưa tính»: chưa đủ đơn "
            "vị có kế hoạch.",
            f"5. {ROUNDED}",
        ]
        zone = self.source.pack.regime.zone
        conflicts = self.source.consolidation.conflicts
        lines += [
            f"{TWO_FIGURES.strip()} {note(c, self.source.words, zone, named=True, outgoing=self.source.outgoing)}"
            for c in conflicts
        ]
        for line in lines:
            self.sheet.merged(at, 0, self.last, line, italic=True, font_size=10, text_wrap=True)
            self.sheet.set_row(at, height(line, 180, 10))
            at += 1
