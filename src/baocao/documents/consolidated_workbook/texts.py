"""The narrative parts, unit by unit, as they were written."""

from __future__ import annotations

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import TOTAL_FILL, ReportBook, height, set_up_page
from baocao.documents.consolidated_workbook.tables import has_figures
from baocao.forms.contract import MARK
from baocao.model.form import CellKey


def write_texts(book: ReportBook, source: SheetSource) -> None:
    """A sheet for the narrative tables of every form that has some: under each heading the units' texts, provincial
    first. The tables of figures of such a form have sheets of their own."""
    for form in source.pack.forms:
        narrative = [table for table in form.tables if not has_figures(table)]
        if not narrative:
            continue
        # Its figures have a sheet under the form's own name already.
        mixed = len(narrative) < len(form.tables)
        sheet = book.add_sheet(f"{form.short[:23]} phần lời" if mixed else form.short)
        sheet.merged(0, 0, 3, source.form_heading(form), italic=True, align="right")
        sheet.merged(1, 0, 3, form.title.upper(), bold=True, align="center", font_size=14)
        sheet.merged(2, 0, 3, source.covered, italic=True, align="center", font_size=12)
        sheet.table_header(4, ("Mục", "Mã đơn vị", "Đơn vị", "Nội dung đơn vị báo cáo"))
        sheet.codes(5, enumerate((f"{MARK}{form.code}.TEXT", "§DON_VI", "", "§ND")))
        at = 6
        for table in narrative:
            for row in table.rows:
                title = row.numbered_name
                sheet.merged(at, 0, 3, title, bold=True, border=1, bg_color=TOTAL_FILL, text_wrap=True)
                at += 1
                for column in table.columns:
                    for code, text in source.consolidation.texts.get(CellKey(form.code, row.code, column.code), ()):
                        sheet.text(
                            at,
                            0,
                            row.item if source.outgoing else f"{row.code}/{column.code}",
                            border=1,
                            font_size=9,
                            align="center",
                            valign="top",
                        )
                        sheet.text(at, 1, code, border=1, align="center", valign="top")
                        sheet.text(at, 2, source.unit_name(code), border=1, text_wrap=True, valign="top")
                        sheet.text(at, 3, text, border=1, text_wrap=True, valign="top")
                        sheet.set_row(at, height(text, 92))
                        at += 1
        sheet.widths((8, 11, 28, 92))
        sheet.freeze_panes(6, 0)
        set_up_page(sheet, source.footer, draft=source.meta.is_draft, repeat=(4, 4))
