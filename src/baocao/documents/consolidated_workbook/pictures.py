"""The sheet `Biểu đồ`: the pictures of the Word report, with the same captions."""

from __future__ import annotations

import io

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import ReportBook, set_up_page
from baocao.documents.word_report.pictures import (
    change_pictures,
    disbursement_pictures,
    target_pictures,
    unit_pictures,
)
from baocao.model.submission import Timeliness

_LAST = 11
_ROW_PIXELS = 20
"""Height of a row of the default font."""
_PAGE_ROWS = 56
"""Rows of a printed page, one page wide: a picture that does not fit below another begins the next page."""
_DRAWN = 0.5 * 72 / 96
"""A picture has twice the pixels of its drawing, and says 72 of them are an inch where a sheet counts 96."""


def write_pictures(book: ReportBook, source: SheetSource) -> None:
    """One picture under the other, each on as many rows as it covers; no sheet where there is nothing to draw."""
    result, layout = source.consolidation, source.pack.regime.report
    forms = {f.code: f for f in source.pack.forms}
    late = {code for code, kept in source.meta.timeliness.items() if kept is Timeliness.LATE}
    pictures = [
        *target_pictures(result),
        *disbursement_pictures(result, forms.get(layout.resource_form)),
        *change_pictures(result, forms.get(layout.indicator_form)),
        *(unit_pictures(result, late) if source.with_units else ()),
    ]
    if not pictures:
        return
    sheet = book.add_sheet("Biểu đồ")
    sheet.set_column(0, _LAST, 9)
    sheet.heading(_LAST, "BIỂU ĐỒ", source.covered)
    at, breaks, top = 3, [], 0
    for number, shown in enumerate(pictures, 1):
        shown.number = number
        wide, high = shown.picture.size
        # 68 pixels is a column of width 9: no picture wider than the page's columns.
        scale = min(1.0, (_LAST + 1) * 68 / wide)
        rows = 3 + round(high * scale / _ROW_PIXELS)
        if number > 1 and at + rows - top > _PAGE_ROWS:
            breaks.append(at)
            top = at
        sheet.merged(at, 0, _LAST, shown.title, bold=True, align="center")
        sheet.insert_image(
            at + 1,
            0,
            f"hinh-{number}.png",
            {
                "image_data": io.BytesIO(shown.picture.png),
                "x_scale": scale * _DRAWN,
                "y_scale": scale * _DRAWN,
                "description": shown.picture.alt,
                # 1: moves and grows with the cells below it.
                "object_position": 1,
            },
        )
        at += rows
    sheet.set_h_pagebreaks(breaks)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft, landscape=False)
