"""The slice workbook of a lead body: cover, one sheet a form, comments. The same slice gives the same bytes."""

from __future__ import annotations

import io
from datetime import datetime, time

from baocao.documents.consolidated_workbook.style import GREY, RED, ReportBook, height, set_up_page
from baocao.documents.slices.comments import write_comments, write_handled, write_meta
from baocao.documents.slices.content import Slice, content_sha256
from baocao.documents.slices.list_sheets import write_list_sheets
from baocao.documents.slices.sheets import SliceSheet
from baocao.forms.blank_workbook.entry_rules import Lists
from baocao.forms.blank_workbook.page import protect
from baocao.forms.blank_workbook.styles import Styles
from baocao.forms.contract import COMMENT_SHEET
from baocao.model.submission import Timeliness
from baocao.text import day_text, moment_text

_WIDTHS = (26, 92)


def slice_filename(found: Slice) -> str:
    """`phan-so-lieu_38-SYT_2026-H1.xlsx`."""
    return f"phan-so-lieu_{found.lead.code}_{found.period.code}.xlsx"


def build_slice(found: Slice) -> bytes:
    """The workbook as bytes. Only what is in `found` is in it; text of units never starts like a formula."""
    buffer = io.BytesIO()
    book = ReportBook(buffer)
    book.set_properties(
        {
            "title": f"Phần số liệu của {found.lead.full_name}, {found.period.name}",
            "subject": found.pack.regime.programme,
            "author": found.pack.regime.authority.standing_office,
            # Not the clock: the same slice must be the same bytes.
            "created": datetime.combine(found.period.covers_from, time()),
        }
    )
    styles, lists = Styles(book), Lists()
    _write_cover(book, found)
    for form, specs in found.forms:
        SliceSheet(book, found, form, specs).write()
    write_list_sheets(book, found)
    write_comments(book, styles, lists, found)
    write_handled(book, found)
    write_meta(book, lists, found, content_sha256(found))
    book.close()
    return buffer.getvalue()


def _write_cover(book: ReportBook, found: Slice) -> None:
    """Whose slice, which projects, which period, who is behind it, who is missing, and how to comment."""
    sheet, words = book.add_sheet("Tổng quan"), found.pack.regime.wording
    sheet.widths(_WIDTHS)
    title = f"PHẦN SỐ LIỆU CỦA ĐƠN VỊ CHỦ TRÌ {words.project.upper()}"
    sheet.merged(0, 0, 1, title, bold=True, font_size=16, align="center")
    sheet.merged(1, 0, 1, found.lead.full_name, bold=True, font_size=14, align="center")
    sheet.merged(2, 0, 1, found.pack.regime.programme, italic=True, align="center")
    sheet.set_row(0, 28)
    at = 4
    for label, text, color in _facts(found):
        sheet.text(at, 0, label, bold=True, border=1, text_wrap=True, valign="top")
        sheet.text(at, 1, text, border=1, text_wrap=True, valign="top", font_color=color)
        sheet.set_row(at, height(text, _WIDTHS[1]))
        at += 1
    sheet.merged(at + 1, 0, 1, "Cách cho ý kiến", bold=True, font_size=12)
    at += 2
    for number, text in enumerate(_steps(found), 1):
        sheet.merged(at, 0, 1, f"{number}. {text}", text_wrap=True, valign="top")
        sheet.set_row(at, height(text, sum(_WIDTHS)))
        at += 1
    footer = f"{found.lead.full_name} - {found.period.code}"
    set_up_page(sheet, footer, draft=False, landscape=False)
    protect(sheet)


def _facts(found: Slice) -> list[tuple[str, str, str]]:
    """The lines of the cover sheet: label, text, colour of the text."""
    period, words = found.period, found.pack.regime.wording
    projects = "\n".join(f"{p.called(words)}: {p.name}" for p in found.pack.regime.led_by(found.lead.projects))
    missing = ", ".join(u.full_name for u in found.missing)
    late, corrected_late = (
        ", ".join(p.unit.full_name for p in found.parts if p.reported and p.timeliness is which)
        for which in (Timeliness.LATE, Timeliness.CORRECTED_LATE)
    )
    marks = [m for p in found.parts for m in p.marks]
    silent = sum(not m.explanation for m in marks)
    when = moment_text(found.as_of.astimezone(found.pack.regime.zone))
    black = "#000000"
    territorial = any(p.unit.kind.is_territorial for p in found.parts)
    who = f"Đơn vị {words.unit_level}" if territorial else "Mỗi đơn vị"
    return [
        ("Đơn vị chủ trì", f"{found.lead.full_name} (mã {found.lead.code})", black),
        (words.project_title, projects, black),
        (
            "Kỳ báo cáo",
            f"{period.name} (số liệu từ {day_text(period.covers_from)} đến hết {day_text(period.cutoff_on)})",
            black,
        ),
        ("Kỳ trước để so sánh", found.previous_name or "chưa có số liệu", black),
        ("Số đơn vị có báo cáo", f"{found.coverage} đơn vị có báo cáo được tiếp nhận", black),
        (f"Chưa có báo cáo ({len(found.missing)})", missing or "không có", RED if missing else black),
        ("Báo cáo trễ hạn", late or "không có", black),
        ("Báo cáo đúng hạn, đính chính sau hạn", corrected_late or "không có", black),
        ("Điểm cần giải trình", f"{len(marks)} điểm, trong đó {silent} điểm đơn vị chưa giải trình", black),
        ("Số liệu tính đến", when, black),
        (
            "Phạm vi",
            f"Chỉ gồm các dòng{', danh sách' if found.lists else ''} thuộc {words.project} do đơn vị chủ trì, lấy từ "
            f"báo cáo đã được tiếp nhận. {who} gửi "
            "một báo cáo; phần này được chia sẻ cùng cấp, không yêu cầu đơn vị gửi thêm.",
            GREY,
        ),
    ]


def _until(found: Slice) -> str:
    """Before when nothing is consolidated; of a slice shared later, until when an objection still holds the report."""
    top, until = found.pack.regime.wording.top_short, found.period.comments_until
    if until is None or found.as_of >= until:
        return f"Ý kiến được xem xét khi gửi trước lúc báo cáo của {top} được gửi đi."
    when = until.astimezone(found.pack.regime.zone)
    return f"Gửi ý kiến chậm nhất ngày {day_text(when)}: báo cáo của {top} chỉ được tổng hợp sau thời điểm đó."


def _steps(found: Slice) -> list[str]:
    words = found.pack.regime.wording
    return [
        "Xem các trang biểu: mỗi dòng một đơn vị, nền vàng là ô có điểm cần giải trình, lời của đơn vị ở cột «Điểm cần "
        "giải trình».",
        f"Ghi ý kiến vào trang «{COMMENT_SHEET}»: chọn đơn vị, ô (hoặc cả {words.project}), loại ý kiến, rồi ghi nội "
        "dung.",
        "Lưu tệp và gửi lại theo mục «Nơi nộp» của thư gửi kèm tệp này.",
        _until(found),
        "Phản đối giữ việc tổng hợp cho đến khi được trả lời, được rút, hoặc bị bác có nêu lý do; phản đối bị bác "
        "được ghi trong báo cáo tổng hợp để người ký biết.",
    ]
