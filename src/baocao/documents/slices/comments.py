"""The sheet on which a lead body writes its comments, and the hidden sheet a program reads them back by."""

from __future__ import annotations

from baocao.documents.consolidated_workbook.style import ReportBook, Sheet, height
from baocao.documents.slices.content import Slice
from baocao.forms.blank_workbook.entry_rules import Lists, apply_list
from baocao.forms.blank_workbook.page import footer, print_set_up, protect
from baocao.forms.blank_workbook.styles import ENTRY, Styles
from baocao.forms.contract import (
    COMMENT_COLUMNS,
    COMMENT_FORM,
    COMMENT_ROWS,
    COMMENT_SHEET,
    END_MARK,
    FINGERPRINT_KEY,
    FORM_KEY,
    KIND_KEY,
    LAYOUT,
    MARK,
    META_SHEET,
    SLICE_KEY,
    SLICE_KIND,
    marker,
)
from baocao.model.form import ValueType
from baocao.model.lead import CommentKind

_WIDTHS = (6, 32, 62, 14, 70)
_FIRST = 7
_HELP = (
    "Mỗi dòng một ý kiến: chọn đơn vị, chọn ô (hoặc cả {project}), chọn loại ý kiến, rồi ghi nội dung.",
    "Nhận xét: được ghi lại, không giữ báo cáo. Phản đối: giữ việc tổng hợp và gửi báo cáo của {top} cho đến khi được "
    "trả lời, được rút, hoặc bị bác có nêu lý do.",
    "Không ghi họ tên, số định danh, số điện thoại của cá nhân. Lưu tệp và gửi lại như khi nộp báo cáo; hết dòng thì "
    "gửi tệp này rồi ghi tiếp trên một bản sao.",
)


def write_comments(book: ReportBook, styles: Styles, lists: Lists, found: Slice) -> None:
    """The sheet `Ý kiến`, table `§YK.A`."""
    sheet: Sheet = book.add_sheet(COMMENT_SHEET)
    for index, width in enumerate(_WIDTHS):
        sheet.set_column(index, index, width, styles.look("plain"))
    sheet.merge_range(0, 0, 0, 4, f"Ý KIẾN CỦA {found.lead.full_name.upper()}", styles.look("title"))
    sheet.set_row(0, 26)
    words = found.pack.regime.wording
    help = (line.format(top=words.top_short, project=words.project) for line in _HELP)
    for row, text in enumerate(help, 1):
        sheet.merge_range(row, 0, row, 4, text, styles.look("wrap"))
        sheet.set_row(row, height(text, sum(_WIDTHS)))
    for index, text in enumerate(("STT", "Đơn vị", f"Ô số liệu hoặc cả {words.project}", "Loại ý kiến", "Nội dung")):
        sheet.write_string(_FIRST - 2, index, text, styles.look("header"))
    sheet.write_string(_FIRST - 1, 0, marker(COMMENT_FORM, "A"), styles.look("hidden"))
    for index, code in enumerate(COMMENT_COLUMNS, 1):
        sheet.write_string(_FIRST - 1, index, MARK + code, styles.look("hidden"))
    sheet.set_row(_FIRST - 1, None, None, {"hidden": True})
    options = (_units(found), _subjects(found), tuple(kind.label for kind in CommentKind))
    titles = (
        ("Đơn vị", "Chọn đơn vị."),
        ("Ô số liệu", f"Chọn ô, hoặc {words.project_mark}… cho cả {words.project}."),
        ("Loại ý kiến", "Nhận xét hoặc phản đối."),
    )
    short, long = styles.entry(ValueType.CHOICE, ENTRY), styles.entry(ValueType.TEXT, ENTRY)
    # Numbered, because the reader takes a row by the code in its first column, as in every table of ours.
    for number in range(1, COMMENT_ROWS + 1):
        row = _FIRST + number - 1
        sheet.write_string(row, 0, str(number), styles.look("centre"))
        for index in (1, 2, 4):
            sheet.write_blank(row, index, None, long)
        sheet.write_blank(row, 3, None, short)
        for index, (choices, (title, prompt)) in enumerate(zip(options, titles, strict=True), 1):
            apply_list(sheet, lists, row, index, choices, title, prompt)
        sheet.set_row(row, 32)
    sheet.write_string(_FIRST + COMMENT_ROWS, 0, END_MARK, styles.look("hidden"))
    sheet.set_row(_FIRST + COMMENT_ROWS, None, None, {"hidden": True})
    sheet.freeze_panes(_FIRST, 1)
    sheet.set_selection(_FIRST, 1, _FIRST, 1)
    protect(sheet)
    print_set_up(sheet, landscape=True)
    sheet.repeat_rows(_FIRST - 2)
    footer(sheet, found.lead.full_name, found.period.code)


def _units(found: Slice) -> tuple[str, ...]:
    return tuple(f"{p.unit.code} - {p.unit.full_name}" for p in found.parts)


def _subjects(found: Slice) -> tuple[str, ...]:
    """Whole projects, then every cell with its printed name: the words up to the first blank are the code."""
    words = found.pack.regime.wording
    projects = tuple(
        f"{words.project_mark}{p.code} - cả {words.project}: {p.name}"[:120]
        for p in found.pack.regime.led_by(found.lead.projects)
    )
    cells = tuple(f"{key} - {row.name}; {column.title}"[:160] for key, (row, column) in found.cells.items())
    return projects + cells


def write_handled(book: ReportBook, found: Slice) -> None:
    """The sheet `Ý kiến đã xử lý`: what became of the body's earlier comments."""
    if not found.handled:
        return
    sheet = book.add_sheet("Ý kiến đã xử lý")
    widths = (6, 30, 20, 12, 50, 14, 50)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    sheet.merged(0, 0, 6, "Ý KIẾN ĐÃ ĐƯỢC XỬ LÝ", bold=True, font_size=14, align="center")
    word = found.pack.regime.wording.project
    titles = ("Số", "Đơn vị", f"Ô hoặc {word}", "Loại", "Nội dung", "Kết quả", "Trả lời, lý do")
    sheet.table_header(2, titles)
    for at, comment in enumerate(found.handled, 3):
        texts = (
            str(comment.id),
            found.pack.unit_name(comment.unit),
            comment.told(word),
            comment.kind.label,
            comment.text,
            comment.status.label,
            comment.answer,
        )
        for column, text in enumerate(texts):
            sheet.text(at, column, text, border=1, text_wrap=True, valign="top")
        sheet.set_row(at, max(height(comment.text, 50), height(comment.answer, 50)))
    protect(sheet)
    print_set_up(sheet, landscape=True)
    footer(sheet, found.lead.full_name, found.period.code)


def write_meta(book: ReportBook, lists: Lists, found: Slice, content_sha256: str) -> None:
    """Hidden and locked: what the reader trusts, and the sources of the drop-downs."""
    sheet: Sheet = book.add_sheet(META_SHEET)
    pairs = [
        ("layout", LAYOUT),
        (KIND_KEY, SLICE_KIND),
        ("regime", found.pack.code),
        ("period", found.period.code),
        ("unit", found.lead.code),
        ("unit_name", found.lead.full_name),
        (SLICE_KEY, content_sha256),
    ]
    pairs += [(f"{FORM_KEY}{form.code}", form.version) for form, _ in found.forms]
    pairs += [(f"{FINGERPRINT_KEY}{form.code}", form.fingerprint) for form, _ in found.forms]
    lists.write_meta(sheet, pairs)
