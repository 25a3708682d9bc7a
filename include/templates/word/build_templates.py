"""Dựng các mẫu Word (`*.docx` trong thư mục này) theo NĐ 30/2020/NĐ-CP, Phụ lục I.

    .venv/bin/python include/templates/word/build_templates.py

The templates are ordinary Word files with docxtpl tags: an official may open them in Word and edit wording, fonts and
spacing. This script is how they were made and how to get them back: the same script gives the same bytes.
`{{ x }}` prints a text; `{%p … %}` stands in a paragraph of its own, `{%tr … %}` in a table row of its own, and both
vanish. The style `BC Số liệu` must stay on the generated sentences: the check of figures (V51) finds them by it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.shared import Pt
from nd30_parts import addressees, flat, heads, letterhead, looped, page, repeat, signature, styles, tag, title, when

from baocao.documents.ooxml import settle_package

HERE = Path(__file__).resolve().parent
MADE_ON = date(2026, 1, 1)

Columns = tuple[tuple[str, float, str, str], ...]
Tables = tuple[tuple[str, str, Columns, str], ...]
"""name in the part, caption, columns, condition of a bold row"""

RESULT_COLUMNS = (
    ("STT", 17, "row.item", "c"),
    ("Chỉ tiêu", 60, "row.name", "l"),
    ("ĐVT", 17, "row.unit", "c"),
    ("{{ unused.plan }}Kế hoạch năm", 17, "row.plan", "r"),
    ("Thực hiện trong kỳ", 19, "row.actual", "r"),
    ("{{ unused.bottom }}Trên tổng số", 17, "row.bottom", "r"),
    ("{{ unused.ratio }}Tỷ lệ, % KH năm", 15, "row.ratio", "r"),
    ("{{ unused.year }}Lũy kế năm", 17, "row.year", "r"),
    ("{{ unused.term }}Lũy kế giai đoạn", 18, "row.term", "r"),
    ("Cùng kỳ năm trước", 18, "row.previous", "r"),
    ("Tăng (+), giảm (-)", 16, "row.change", "r"),
    ("Đơn vị có số liệu", 16, "row.coverage", "c"),
)
MONEY_COLUMNS = (
    ("STT", 25, "row.item", "c"),
    ("{{ layout.money_rows }}", 82, "row.name", "l"),
    ("Kế hoạch giao năm", 20, "row.plan", "r"),
    ("Đã phân bổ", 20, "row.allocated", "r"),
    ("Giải ngân trong kỳ", 20, "row.actual", "r"),
    ("Lũy kế giải ngân năm", 20, "row.year", "r"),
    ("Tỷ lệ (%)", 16, "row.ratio", "r"),
    ("Đã quyết toán", 22, "row.settled", "r"),
    ("Nợ đọng XDCB", 22, "row.debt", "r"),
)
SUMMARY_COLUMNS = (
    ("{{ layout.sum_rows }}", 68, "row.name", "l"),
    ("Kế hoạch giao", 25, "row.plan", "r"),
    ("Đã phân bổ", 24, "row.allocated", "r"),
    ("Lũy kế giải ngân", 25, "row.year", "r"),
    ("Tỷ lệ (%)", 18, "row.ratio", "r"),
)
TARGET_COLUMNS = (
    ("STT", 11, "row.number", "c"),
    ("Mục tiêu", 63, "row.name", "l"),
    ("Cấp", 18, "row.scope", "c"),
    ("Mức phải đạt", 27, "row.wanted", "c"),
    ("Thực hiện", 20, "row.actual", "r"),
    ("Đánh giá", 21, "row.verdict", "c"),
)
CORRECTION_COLUMNS = (
    ("STT", 16, "row.item", "c"),
    ("Chỉ tiêu (cột)", 44, "row.name", "l"),
    ("ĐVT", 14, "row.unit", "c"),
    ("Số đã báo cáo", 20, "row.old", "r"),
    ("Số đính chính", 20, "row.new", "r"),
    ("Tăng (+), giảm (-)", 18, "row.difference", "r"),
    ("Nguồn thay đổi", 28, "row.units", "l"),
)
TASK_COLUMNS = (
    ("STT", 10, "row.item", "c"),
    ("Rõ việc", 40, "row.work", "l"),
    ("Rõ người", 28, "row.who", "l"),
    ("Rõ thời gian", 22, "row.time", "l"),
    ("Rõ trách nhiệm", 36, "row.responsibility", "l"),
    ("Rõ sản phẩm", 36, "row.product", "l"),
    ("Rõ thẩm quyền", 20, "row.authority", "l"),
    ("Tiến độ", 21, "row.progress", "c"),
    ("Sản phẩm đã có trong kỳ", 34, "row.outcome", "l"),
)
MOVEMENT_COLUMNS = (
    ("Nhóm", 70, "row.name", "l"),
    ("Đầu kỳ", 22, "row.opening", "r"),
    ("Tăng trong kỳ", 23, "row.increase", "r"),
    ("Giảm trong kỳ", 23, "row.decrease", "r"),
    ("Cuối kỳ", 22, "row.closing", "r"),
)


def _term_columns(*, estimates: bool, name: str, money: bool = False) -> tuple[tuple[str, float, str, str], ...]:
    """Year by year, for a landscape page (257 mm)."""
    width = (16 if money else 15) if estimates else 18
    columns: list[tuple[str, float, str, str]] = [] if money else [("STT", 14, "row.item", "c")]
    columns.append((name, 257.0, "row.name", "l"))
    columns += [] if money else [("ĐVT", 15, "row.unit", "c")]
    columns.append(("Kế hoạch {{ term_name }}", width + 4, "row.plan", "r"))
    columns += [(f"{{{{ term_years[{i}] }}}}", width, f"row.years[{i}]", "r") for i in range(5)]
    columns += [
        ("Lũy kế từ báo cáo các kỳ", width + 3, "row.accumulated", "r"),
        ("Thực hiện giai đoạn", width + 3, "row.reached", "r"),
        ("% kế hoạch", 17, "row.percent", "r"),
    ]
    if estimates:
        columns += [("Ước đến {{ term_ends }}", width + 6, "row.estimate", "r")]
        columns += [("% kế hoạch (ước)", 17, "row.estimate_percent", "r")]
    left = 257.0 - sum(c[1] for c in columns if c[0] != name)
    return tuple((c[0], left if c[0] == name else c[1], c[2], c[3]) for c in columns)


def _term_summary(*, estimates: bool, money: bool) -> tuple[tuple[str, float, str, str], ...]:
    """For the body of the report: a portrait page (160 mm)."""
    name = "{{ layout.sum_rows }}" if money else "Chỉ tiêu"
    wide, narrow = (22.0, 18.0) if estimates else (26.0, 20.0)
    columns = [("Kế hoạch {{ term_name }}", wide, "row.plan", "r"), ("Thực hiện giai đoạn", wide, "row.reached", "r")]
    columns += [("% kế hoạch", narrow, "row.percent", "r")]
    if estimates:
        columns += [("Ước đến {{ term_ends }}", 23.5, "row.estimate", "r")]
        columns += [("% kế hoạch (ước)", narrow, "row.estimate_percent", "r")]
    if not money:
        columns.insert(0, ("ĐVT", 14.0, "row.unit", "c"))
    left = 160.0 - sum(c[1] for c in columns)
    return ((name, left, "row.name", "l"), *columns)


def _periodic_tables() -> Tables:
    return (
        ("targets", "Bảng đối chiếu với mục tiêu", TARGET_COLUMNS, ""),
        ("movement", "Đơn vị tính: người", MOVEMENT_COLUMNS, ""),
        ("resources", "Đơn vị tính: triệu đồng", SUMMARY_COLUMNS, "row.total"),
    )


def _term_tables(*, estimates: bool) -> Tables:
    return (
        ("targets", "Bảng đối chiếu với mục tiêu", TARGET_COLUMNS, ""),
        ("term", "So với kế hoạch {{ term_name }}", _term_summary(estimates=estimates, money=False), "row.total"),
        ("movement", "Đơn vị tính: người", MOVEMENT_COLUMNS, ""),
        ("money", "Đơn vị tính: triệu đồng", _term_summary(estimates=estimates, money=True), "row.total"),
    )


def _body(doc: Doc, tables: Tables, *, correctable: bool) -> None:
    """The sections: headings come from the narrative form, figures and tables from the consolidated values.

    `correctable`: with what only a correction says.
    """
    body, figures = "BC Nội dung", "BC Số liệu"
    repeat(doc, "line in bases", "{{ line }}", "BC Căn cứ")
    if correctable:
        when(doc, "correction", "{{ correction.opening }}", body)
        when(
            doc,
            "correction",
            "{{ correction.reason }} Nội dung đính chính tại Phụ lục {{ layout.correction_number }}.",
            body,
        )
    tag(doc, "{{ opening }}", body)
    repeat(doc, "line in basis", "{{ line }}", figures)
    tag(doc, "{%p for section in sections %}")
    tag(doc, "{{ section.title }}", "Heading 1")
    tag(doc, "{%p for block in section.blocks %}")
    for kind, style in (("title", "Heading 2"), ("subtitle", "Heading 3"), ("figures", figures), ("body", body)):
        when(doc, f"block.kind == '{kind}'", "{{ block.printed }}", style)
    tag(doc, "{%p if block.kind == 'opinion' %}")
    _opinion(doc, "block.who", "block.printed")
    tag(doc, "{%p endif %}")
    for name, caption, columns, strong in tables:
        tag(doc, f"{{%p if block.kind == 'table' and block.name == '{name}' %}}")
        tag(doc, caption, "BC Chú thích bảng")
        looped(doc, columns, "block.rows", "BC Bảng", strong=strong)
        tag(doc, "{%p endif %}")
    tag(doc, "{%p if block.kind == 'picture' %}")
    _picture(doc, "block.shown")
    tag(doc, "{%p endif %}")
    tag(doc, "{%p endfor %}")
    tag(doc, "{%p endfor %}")
    tag(doc, "{{ closing }}", body).paragraph_format.keep_with_next = True


def _pictures(doc: Doc, each: str) -> None:
    """Each picture with its caption on the same page."""
    tag(doc, f"{{%p for shown in {each} %}}")
    _picture(doc, "shown")
    tag(doc, "{%p endfor %}")


def _picture(doc: Doc, shown: str) -> None:
    layout = tag(doc, f"{{{{ {shown}.picture|image }}}}", "BC Giữa").paragraph_format
    layout.keep_with_next, layout.space_before = True, Pt(12)
    tag(doc, f"{{{{ {shown}.title }}}}", "BC Giữa").runs[0].italic = True


def _opinion(doc: Doc, who: str, text: str) -> None:
    said = tag(doc, "- ", "BC Ý kiến đơn vị")
    said.add_run(f"{{{{ {who} }}}}").italic = True
    said.add_run(f": {{{{ {text} }}}}")


def _appendix(doc: Doc, which: str, *, landscape: bool, more: str = "") -> None:
    """A new page with its own numbering, the appendix's number, title and reference line, as the pack calls it."""
    page(doc.add_section(WD_SECTION.NEW_PAGE), landscape=landscape)
    flat(doc.paragraphs[-1])
    tag(doc, f"Phụ lục {{{{ layout.{which}.number }}}}", "BC Giữa đậm")
    tag(doc, f"{{{{ layout.{which}.title }}}}{more}", "BC Giữa đậm")
    line = tag(doc, "{{ reference }}", "BC Giữa")
    line.runs[0].italic, line.paragraph_format.keep_with_next = True, True


def _term_appendices(doc: Doc, *, estimates: bool) -> None:
    """The results of the term year by year, and who is behind them."""
    note, tiny = "BC Chú thích bảng", "BC Bảng nhỏ"
    for which, rows, first in (
        ("indicators_annex", "term_indicators", "Chỉ tiêu"),
        ("projects_annex", "term_projects", "Nội dung"),
        ("resources_annex", "term_resources", "{{ layout.money_rows }}"),
    ):
        money = rows == "term_resources"
        _appendix(doc, which, landscape=True, more=" THEO NĂM")
        tag(doc, "Đơn vị tính: triệu đồng" if money else "{{ cutoff_note }}", note)
        columns = _term_columns(estimates=estimates, name=first, money=money)
        looped(doc, columns, rows, tiny, heading="row.heading", strong="row.strong", numbered=True)
        tag(doc, "{{ legend }}", note)
    repeat(doc, "line in table_notes", "{{ line }}", tiny)
    _about_units(doc)


def _appendices(doc: Doc) -> None:
    """The appendices of a report with indicators, projects and money, and those about the units."""
    note, tiny = "BC Chú thích bảng", "BC Bảng nhỏ"
    _appendix(doc, "indicators_annex", landscape=True)
    tag(doc, "{{ cutoff_note }}", note)
    looped(doc, RESULT_COLUMNS, "indicators", tiny, heading="row.heading", numbered=True)
    tag(doc, "{{ legend }}", note)
    _appendix(doc, "projects_annex", landscape=True)
    tag(doc, "{{ cutoff_note }}", note)
    looped(doc, RESULT_COLUMNS, "projects", tiny, heading="row.heading", numbered=True)
    tag(doc, "{{ legend }}", note)
    repeat(doc, "line in table_notes", "{{ line }}", tiny)
    _appendix(doc, "resources_annex", landscape=True)
    tag(doc, "Đơn vị tính: triệu đồng", note)
    looped(doc, MONEY_COLUMNS, "resources", tiny, strong="row.strong", numbered=True)
    tag(doc, "{{ legend }}", note)
    _about_units(doc)


def _plan_appendices(doc: Doc) -> None:
    """The appendices of a plan's report: the tasks with their "6 rõ", the figures, and those about the units."""
    note, tiny = "BC Chú thích bảng", "BC Bảng nhỏ"
    _appendix(doc, "tasks_annex", landscape=True)
    looped(doc, TASK_COLUMNS, "tasks", tiny)
    _appendix(doc, "indicators_annex", landscape=True)
    tag(doc, "{{ cutoff_note }}", note)
    looped(doc, RESULT_COLUMNS, "indicators + projects", tiny, heading="row.heading", numbered=True)
    tag(doc, "{{ legend }}", note)
    repeat(doc, "line in table_notes", "{{ line }}", tiny)
    _about_units(doc)


def _figures_appendices(doc: Doc) -> None:
    """The appendices of a report of figures alone: the figures, compliance."""
    note, tiny = "BC Chú thích bảng", "BC Bảng nhỏ"
    _appendix(doc, "indicators_annex", landscape=True)
    tag(doc, "{{ cutoff_note }}", note)
    looped(doc, RESULT_COLUMNS, "indicators + projects", tiny, heading="row.heading", numbered=True)
    tag(doc, "{%p if resources %}")
    tag(doc, "Đơn vị tính: triệu đồng", note)
    looped(doc, MONEY_COLUMNS, "resources", tiny, strong="row.strong", numbered=True)
    tag(doc, "{%p endif %}")
    tag(doc, "{{ legend }}", note)
    repeat(doc, "line in table_notes", "{{ line }}", tiny)
    _about_units(doc, texts=False)


def _about_units(doc: Doc, *, texts: bool = True) -> None:
    """Who reported in time, and what everybody wrote; without `texts` nobody was asked for words."""
    body = "BC Nội dung"
    _appendix(doc, "compliance", landscape=False)
    tag(doc, "{%p for group in compliance %}")
    tag(doc, "{{ group.title }}", "Heading 2")
    tag(doc, "{{ group.names }}", body)
    tag(doc, "{%p endfor %}")
    _pictures(doc, "unit_pictures")
    if not texts:
        return
    _appendix(doc, "texts", landscape=False)
    when(doc, "not annex", "Không có nội dung ngoài phần đã nêu trong báo cáo.", body)
    tag(doc, "{%p for part in annex %}")
    tag(doc, "{{ part.title }}", "Heading 2")
    # Here all names stand: what was said comes first, or it would be looked for below a page of them.
    tag(doc, "{%p for opinion in part.opinions %}")
    said = tag(doc, "- {{ opinion.text }} ", "BC Ý kiến đơn vị")
    said.add_run("({{ opinion.units }})").italic = True
    tag(doc, "{%p endfor %}")
    when(doc, "part.more", "{{ part.more }}", "BC Nội dung")
    tag(doc, "{%p endfor %}")


def _correction(doc: Doc) -> None:
    """The last appendix, on a page of its own in the section before it: an ordinary report has no trace of it."""
    tag(doc, "{%p if correction %}")
    tag(doc, "Phụ lục {{ layout.correction_number }}", "BC Giữa đậm").paragraph_format.page_break_before = True
    tag(doc, "NỘI DUNG ĐÍNH CHÍNH", "BC Giữa đậm")
    line = tag(doc, "{{ reference }}", "BC Giữa")
    line.runs[0].italic, line.paragraph_format.keep_with_next = True, True
    tag(doc, "{{ correction.opening }} {{ correction.reason }}")
    repeat(doc, "line in correction.extent", "{{ line }}", "BC Nội dung")
    tag(doc, "{%p if correction.changes %}")
    tag(doc, "Tiền tính bằng triệu đồng; tăng, giảm tính từ số chưa làm tròn", "BC Chú thích bảng")
    looped(doc, CORRECTION_COLUMNS, "correction.changes", "BC Bảng nhỏ")
    tag(doc, "{%p endif %}")
    when(doc, "correction.more", "{{ correction.more }}", "BC Nội dung")
    repeat(doc, "line in correction.texts", "{{ line }}", "BC Nội dung")
    tag(doc, "{%p endif %}")


def _new() -> Doc:
    doc = Document()
    styles(doc)
    page(doc.sections[0])
    heads(doc)
    return doc


def _bytes(doc: Doc) -> bytes:
    data = io.BytesIO()
    doc.core_properties.author = ""
    doc.save(data)
    return settle_package(data.getvalue(), MADE_ON)


def report_periodic(*, correctable: bool = True) -> bytes:
    """Báo cáo kết quả thực hiện 6 tháng, hằng năm (Phụ lục số 04); what only a correction says may be left out."""
    return _report(_periodic_tables(), _appendices, correctable=correctable)


def report_plan(*, correctable: bool = True) -> bytes:
    """Báo cáo kết quả thực hiện một kế hoạch giao nhiệm vụ "6 rõ"; the same."""
    return _report(_periodic_tables(), _plan_appendices, correctable=correctable)


def report_figures(*, correctable: bool = True) -> bytes:
    """Báo cáo số liệu, không có phần lời: một chế độ không có biểu phần lời; the same."""
    return _report(_periodic_tables(), _figures_appendices, correctable=correctable)


def report_mid_term(*, correctable: bool = True) -> bytes:
    """Báo cáo đánh giá giữa kỳ (Phụ lục số 05); the same."""
    appendices = partial(_term_appendices, estimates=False)
    return _report(_term_tables(estimates=False), appendices, correctable=correctable)


def report_end_term(*, correctable: bool = True) -> bytes:
    """Báo cáo đánh giá kết thúc (Phụ lục số 05): thêm cột ước thực hiện; the same."""
    appendices = partial(_term_appendices, estimates=True)
    return _report(_term_tables(estimates=True), appendices, correctable=correctable)


def _report(tables: Tables, appendices: Callable[[Doc], None], *, correctable: bool) -> bytes:
    doc = _new()
    letterhead(doc)
    title(doc, "BÁO CÁO")
    addressees(doc)
    _body(doc, tables, correctable=correctable)
    signature(doc)
    appendices(doc)
    if correctable:
        _correction(doc)
    return _bytes(doc)


def cover_letter() -> bytes:
    """Tờ trình đề nghị ký báo cáo."""
    doc = _new()
    letterhead(doc)
    title(doc, "TỜ TRÌNH")
    addressees(doc)
    body = "BC Nội dung"
    tag(doc, "{%p for part in parts %}")
    tag(doc, "{{ part.title }}", "Heading 2")
    repeat(doc, "line in part.lines", "{{ line }}", body)
    tag(doc, "{%p endfor %}")
    tag(doc, "{{ closing }}", body).paragraph_format.keep_with_next = True
    signature(doc)
    return _bytes(doc)


def notice_letter() -> bytes:
    """Thông báo kiểm tra gửi đối tượng được kiểm tra."""
    doc = _new()
    letterhead(doc)
    title(doc, "THÔNG BÁO")
    addressees(doc)
    body = "BC Nội dung"
    repeat(doc, "line in bases", "{{ line }}", "BC Căn cứ")
    tag(doc, "{{ opening }}", body)
    tag(doc, "{%p for part in parts %}")
    tag(doc, "{{ part.title }}", "Heading 2")
    repeat(doc, "line in part.lines", "{{ line }}", body)
    tag(doc, "{%p endfor %}")
    tag(doc, "{{ closing }}", body).paragraph_format.keep_with_next = True
    signature(doc)
    return _bytes(doc)


if __name__ == "__main__":
    (HERE / "report_periodic.docx").write_bytes(report_periodic())
    (HERE / "report_plan.docx").write_bytes(report_plan())
    (HERE / "report_figures.docx").write_bytes(report_figures())
    (HERE / "report_mid_term.docx").write_bytes(report_mid_term())
    (HERE / "report_end_term.docx").write_bytes(report_end_term())
    (HERE / "cover_letter.docx").write_bytes(cover_letter())
    (HERE / "notice_letter.docx").write_bytes(notice_letter())
