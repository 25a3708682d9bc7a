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
from table_columns import (
    CORRECTION_COLUMNS,
    MONEY_COLUMNS,
    MOVEMENT_COLUMNS,
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    TARGET_COLUMNS,
    TASK_COLUMNS,
    Columns,
    term_columns,
    term_summary,
)

from baocao.documents.ooxml import settle_package

HERE = Path(__file__).resolve().parent
MADE_ON = date(2026, 1, 1)
_BODY, _NOTE, _SMALL = "BC Nội dung", "BC Chú thích bảng", "BC Bảng nhỏ"
_MONEY = "Đơn vị tính: triệu đồng"

Tables = tuple[tuple[str, str, Columns, str], ...]
"""name in the part, caption, columns, condition of a bold row"""


def _periodic_tables() -> Tables:
    return (
        ("targets", "Bảng đối chiếu với mục tiêu", TARGET_COLUMNS, ""),
        ("movement", "Đơn vị tính: người", MOVEMENT_COLUMNS, ""),
        ("resources", _MONEY, SUMMARY_COLUMNS, "row.total"),
    )


def _term_tables(*, estimates: bool) -> Tables:
    return (
        ("targets", "Bảng đối chiếu với mục tiêu", TARGET_COLUMNS, ""),
        ("term", "So với kế hoạch {{ term_name }}", term_summary(estimates=estimates, money=False), "row.total"),
        ("movement", "Đơn vị tính: người", MOVEMENT_COLUMNS, ""),
        ("money", _MONEY, term_summary(estimates=estimates, money=True), "row.total"),
    )


def _body(doc: Doc, tables: Tables, *, correctable: bool) -> None:
    """The sections: headings come from the narrative form, figures and tables from the consolidated values.

    `correctable`: with what only a correction says.
    """
    figures = "BC Số liệu"
    repeat(doc, "line in bases", "{{ line }}", "BC Căn cứ")
    if correctable:
        when(doc, "correction", "{{ correction.opening }}", _BODY)
        said = "{{ correction.reason }} Nội dung đính chính tại Phụ lục {{ layout.correction_number }}."
        when(doc, "correction", said, _BODY)
    tag(doc, "{{ opening }}", _BODY)
    repeat(doc, "line in basis", "{{ line }}", figures)
    tag(doc, "{%p for section in sections %}")
    tag(doc, "{{ section.title }}", "Heading 1")
    tag(doc, "{%p for block in section.blocks %}")
    for kind, style in (("title", "Heading 2"), ("subtitle", "Heading 3"), ("figures", figures), ("body", _BODY)):
        when(doc, f"block.kind == '{kind}'", "{{ block.printed }}", style)
    tag(doc, "{%p if block.kind == 'opinion' %}")
    _opinion(doc, "block.who", "block.printed")
    tag(doc, "{%p endif %}")
    for name, caption, columns, strong in tables:
        tag(doc, f"{{%p if block.kind == 'table' and block.name == '{name}' %}}")
        tag(doc, caption, _NOTE)
        looped(doc, columns, "block.rows", "BC Bảng", strong=strong)
        tag(doc, "{%p endif %}")
    tag(doc, "{%p if block.kind == 'picture' %}")
    _picture(doc, "block.shown")
    tag(doc, "{%p endif %}")
    tag(doc, "{%p endfor %}")
    tag(doc, "{%p endfor %}")
    tag(doc, "{{ closing }}", _BODY).paragraph_format.keep_with_next = True


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


def _figures(doc: Doc, columns: Columns, rows: str, *, money: bool = False, **looks: str) -> None:
    """A table of figures under its note, with its columns numbered."""
    tag(doc, _MONEY if money else "{{ cutoff_note }}", _NOTE)
    looped(doc, columns, rows, _SMALL, numbered=True, **looks)


def _term_appendices(doc: Doc, *, estimates: bool) -> None:
    """The results of the term year by year, and who is behind them."""
    for which, rows, first in (
        ("indicators_annex", "term_indicators", "Chỉ tiêu"),
        ("projects_annex", "term_projects", "Nội dung"),
        ("resources_annex", "term_resources", "{{ layout.money_rows }}"),
    ):
        money = rows == "term_resources"
        _appendix(doc, which, landscape=True, more=" THEO NĂM")
        columns = term_columns(estimates=estimates, name=first, money=money)
        _figures(doc, columns, rows, money=money, heading="row.heading", strong="row.strong")
        tag(doc, "{{ legend }}", _NOTE)
    repeat(doc, "line in table_notes", "{{ line }}", _SMALL)
    _about_units(doc)


def _appendices(doc: Doc) -> None:
    """The appendices of a report with indicators, projects and money, and those about the units."""
    for part in ("indicators", "projects"):
        _appendix(doc, f"{part}_annex", landscape=True)
        _figures(doc, RESULT_COLUMNS, part, heading="row.heading")
        tag(doc, "{{ legend }}", _NOTE)
    repeat(doc, "line in table_notes", "{{ line }}", _SMALL)
    _appendix(doc, "resources_annex", landscape=True)
    _figures(doc, MONEY_COLUMNS, "resources", money=True, strong="row.strong")
    tag(doc, "{{ legend }}", _NOTE)
    _about_units(doc)


def _plan_appendices(doc: Doc) -> None:
    """The appendices of a plan's report: the tasks with their "6 rõ", the figures, and those about the units."""
    _appendix(doc, "tasks_annex", landscape=True)
    looped(doc, TASK_COLUMNS, "tasks", _SMALL)
    _every_figure(doc, money=False)
    _about_units(doc)


def _figures_appendices(doc: Doc) -> None:
    """The appendices of a report of figures alone: the figures, compliance."""
    _every_figure(doc, money=True)
    _about_units(doc, texts=False)


def _every_figure(doc: Doc, *, money: bool) -> None:
    """One appendix of all indicators; with `money` also the resources, where there are any."""
    _appendix(doc, "indicators_annex", landscape=True)
    _figures(doc, RESULT_COLUMNS, "indicators + projects", heading="row.heading")
    if money:
        tag(doc, "{%p if resources %}")
        _figures(doc, MONEY_COLUMNS, "resources", money=True, strong="row.strong")
        tag(doc, "{%p endif %}")
    tag(doc, "{{ legend }}", _NOTE)
    repeat(doc, "line in table_notes", "{{ line }}", _SMALL)


def _about_units(doc: Doc, *, texts: bool = True) -> None:
    """Who reported in time, and what everybody wrote; without `texts` nobody was asked for words."""
    _appendix(doc, "compliance", landscape=False)
    tag(doc, "{%p for group in compliance %}")
    tag(doc, "{{ group.title }}", "Heading 2")
    tag(doc, "{{ group.names }}", _BODY)
    tag(doc, "{%p endfor %}")
    _pictures(doc, "unit_pictures")
    if not texts:
        return
    _appendix(doc, "texts", landscape=False)
    when(doc, "not annex", "Không có nội dung ngoài phần đã nêu trong báo cáo.", _BODY)
    tag(doc, "{%p for part in annex %}")
    tag(doc, "{{ part.title }}", "Heading 2")
    # Here all names stand: what was said comes first, or it would be looked for below a page of them.
    tag(doc, "{%p for opinion in part.opinions %}")
    said = tag(doc, "- {{ opinion.text }} ", "BC Ý kiến đơn vị")
    said.add_run("({{ opinion.units }})").italic = True
    tag(doc, "{%p endfor %}")
    when(doc, "part.more", "{{ part.more }}", _BODY)
    tag(doc, "{%p endfor %}")


def _correction(doc: Doc) -> None:
    """The last appendix, on a page of its own in the section before it: an ordinary report has no trace of it."""
    tag(doc, "{%p if correction %}")
    tag(doc, "Phụ lục {{ layout.correction_number }}", "BC Giữa đậm").paragraph_format.page_break_before = True
    tag(doc, "NỘI DUNG ĐÍNH CHÍNH", "BC Giữa đậm")
    line = tag(doc, "{{ reference }}", "BC Giữa")
    line.runs[0].italic, line.paragraph_format.keep_with_next = True, True
    tag(doc, "{{ correction.opening }} {{ correction.reason }}")
    repeat(doc, "line in correction.extent", "{{ line }}", _BODY)
    tag(doc, "{%p if correction.changes %}")
    tag(doc, "Tiền tính bằng triệu đồng; tăng, giảm tính từ số chưa làm tròn", _NOTE)
    looped(doc, CORRECTION_COLUMNS, "correction.changes", _SMALL)
    tag(doc, "{%p endif %}")
    when(doc, "correction.more", "{{ correction.more }}", _BODY)
    repeat(doc, "line in correction.texts", "{{ line }}", _BODY)
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


def report_lists(*, correctable: bool = True) -> bytes:
    """Báo cáo chỉ có danh sách: một chế độ không có biểu phần lời, cũng không có biểu số liệu; the same."""
    return _report(_periodic_tables(), partial(_about_units, texts=False), correctable=correctable)


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


def _letter(kind: str, *, argued: bool) -> bytes:
    """A letter of parts; `argued`: with its legal bases and an opening before them."""
    doc = _new()
    letterhead(doc)
    title(doc, kind)
    addressees(doc)
    if argued:
        repeat(doc, "line in bases", "{{ line }}", "BC Căn cứ")
        tag(doc, "{{ opening }}", _BODY)
    tag(doc, "{%p for part in parts %}")
    tag(doc, "{{ part.title }}", "Heading 2")
    repeat(doc, "line in part.lines", "{{ line }}", _BODY)
    tag(doc, "{%p endfor %}")
    tag(doc, "{{ closing }}", _BODY).paragraph_format.keep_with_next = True
    signature(doc)
    return _bytes(doc)


def cover_letter() -> bytes:
    """Tờ trình đề nghị ký báo cáo."""
    return _letter("TỜ TRÌNH", argued=False)


def notice_letter() -> bytes:
    """Thông báo kiểm tra gửi đối tượng được kiểm tra."""
    return _letter("THÔNG BÁO", argued=True)


if __name__ == "__main__":
    for make in (report_periodic, report_plan, report_figures, report_lists, report_mid_term, report_end_term):
        (HERE / f"{make.__name__}.docx").write_bytes(make())
    for letter in (cover_letter, notice_letter):
        (HERE / f"{letter.__name__}.docx").write_bytes(letter())
