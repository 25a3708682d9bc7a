"""Who is behind the figures: coverage, provenance of every file, and the notes a reader needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import GREEN, RED, ReportBook, Sheet, height, set_up_page
from baocao.documents.consolidated_workbook.tables import standing_in_words, timeliness_color
from baocao.documents.word_report.source_texts import note
from baocao.forms.contents import FormContents, contents_of
from baocao.forms.contract import MARK
from baocao.model.form import CellKey, EntryLevel, Form
from baocao.model.pack_views import entered_by
from baocao.model.submission import AcceptedCells, Answer, Timeliness
from baocao.model.unit import Unit
from baocao.text import capitalised


def write_coverage(book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
    """The sheet `Độ phủ`: every unit, whether and when it reported, and how many cells of each form it answered."""
    sheet = book.add_sheet("Độ phủ")
    forms = source.pack.forms
    titles = ["STT", "Mã đơn vị", "Đơn vị", "Tình trạng", "Thời điểm nhận", *(form.code for form in forms)]
    last = len(titles) - 1
    found = source.consolidation
    sheet.heading(last, "ĐỘ PHỦ SỐ LIỆU", source.covered)
    summary = (
        f"{_standing(source)}. "
        "Cột biểu: số ô có câu trả lời / số ô đơn vị phải nhập (ô không bắt buộc để trống thì không tính)"
        + ("; của biểu chỉ có danh sách: số dòng." if any(not form.tables for form in forms) else ".")
    )
    sheet.merged(2, 0, last, summary, italic=True, font_size=10, text_wrap=True)
    sheet.table_header(4, titles)
    sent = {submission.unit: submission for submission in accepted}
    everybody = sorted([*found.expected, *found.waived], key=lambda u: (u.is_lead_body, u.code))
    owed = _Owed(source)
    for number, unit in enumerate(everybody, start=1):
        _write_coverage_row(sheet, source, 4 + number, number, unit, sent.get(unit.code), forms, owed)
    if everybody:
        sheet.autofilter(4, 0, 4 + len(everybody), last)
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 11)
    sheet.set_column(2, 2, 32)
    sheet.set_column(3, 3, 15)
    sheet.set_column(4, 4, 20)
    sheet.set_column(5, last, 9)
    sheet.freeze_panes(5, 3)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft, repeat=(4, 4))


def _standing(source: SheetSource) -> str:
    """`Cấp xã: 163/166 đơn vị; cấp tỉnh: 6/6 đơn vị`; a level without units is not spoken of."""
    found, words = source.consolidation, source.words
    parts = ((words.unit_level, found.commune_coverage), (words.top_level, found.provincial_coverage))
    text = "; ".join(f"{level}: {coverage} đơn vị" for level, coverage in parts if coverage.expected)
    return capitalised(text)


def _write_coverage_row(
    sheet: Sheet,
    source: SheetSource,
    at: int,
    number: int,
    unit: Unit,
    submission: AcceptedCells | None,
    forms: Sequence[Form],
    owed: _Owed,
) -> None:
    kept = source.meta.timeliness.get(unit.code)
    if submission is not None and kept is None:
        standing, color = "Đã tiếp nhận", GREEN
    else:
        owes = unit not in source.consolidation.waived
        standing, color = standing_in_words(kept if submission is not None else None, waived=not owes)
    sheet.text(at, 0, str(number), border=1, align="center")
    sheet.text(at, 1, unit.code, border=1, align="center")
    sheet.text(at, 2, unit.full_name, border=1)
    sheet.text(at, 3, standing, border=1, align="center", font_color=color)
    when = source.local(submission.received_at) if submission else ""
    sheet.text(at, 4, when, border=1, align="center", font_size=10)
    counts = _answered(owed.by(unit), submission)
    for position, form in enumerate(forms):
        answered, wanted = counts.get(form.code, (0, 0))
        text = f"{answered}/{wanted}" if wanted else _cases(form, submission)
        short = {"font_color": RED} if answered < wanted else {}
        sheet.text(at, 5 + position, text, border=1, align="center", font_size=10, **short)


def _cases(form: Form, submission: AcceptedCells | None) -> str:
    """How many rows the unit's lists have, of a form that has nothing else."""
    if submission is None or form.tables:
        return ""
    return f"{sum(len(submission.lists.rows.get((form.code, one.code), ())) for one in form.lists)} dòng"


def _answered(
    owed: Sequence[tuple[str, CellKey, bool]], submission: AcceptedCells | None
) -> dict[str, tuple[int, int]]:
    """form -> (cells answered, cells to answer); an optional cell left blank is not to be answered."""
    result: dict[str, tuple[int, int]] = {}
    cells = submission.cells if submission else {}
    for form, key, required in owed:
        cell = cells.get(key)
        there = cell is not None and (cell.answer is Answer.VALUE or cell.answer is Answer.NIL)
        if there or required:
            answered, wanted = result.get(form, (0, 0))
            result[form] = answered + there, wanted + 1
    return result


class _Owed:
    """The cells a unit enters, made once for all units that enter the same."""

    def __init__(self, source: SheetSource) -> None:
        self._source = source
        self._made: dict[tuple[str, ...] | None, list[tuple[str, CellKey, bool]]] = {}

    def by(self, unit: Unit) -> list[tuple[str, CellKey, bool]]:
        """(form, cell, must be answered) in printed order."""
        slice_ = unit.projects if unit.is_lead_body else None
        if slice_ not in self._made:
            self._made[slice_] = [
                (form.code, key, row.required and column.role not in self._source.optional_roles)
                for form in entered_by(self._source.pack, unit)
                for key, (table, row, column) in form.cells.items()
                if table.is_entered(row, column)
            ]
        return self._made[slice_]


def write_sources(book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
    """The sheet `Nguồn số liệu`: from which file, received when, each unit's figures come."""
    sheet = book.add_sheet("Nguồn số liệu")
    titles = (
        "Mã đơn vị",
        "Đơn vị",
        "Số báo cáo",
        "Số biên nhận",
        "Thời điểm nhận",
        "Đúng hạn",
        "Tên tệp",
        "Mã kiểm tra tệp (SHA-256)",
        *(_PAPER if source.meta.papers is not None else ()),
    )
    last = len(titles) - 1
    sheet.heading(last, "NGUỒN SỐ LIỆU", source.covered)
    sheet.table_header(3, titles)
    codes: tuple[str, ...] = (f"{MARK}NGUON.A", "", "§SO", "§BIEN_NHAN", "§NHAN_LUC", "§DUNG_HAN", "§TEP", "§SHA256")
    if source.meta.papers is not None:
        codes += ("§SO_VB", "§NGAY_VB", "§NGUOI_KY", "§BAN_KY")
    sheet.codes(4, enumerate(codes))
    at = 5
    for submission in accepted:
        row = source.meta.submissions.get(submission.unit)
        kept = source.meta.timeliness.get(submission.unit)
        texts = (
            submission.unit,
            source.unit_name(submission.unit),
            str(submission.submission_id),
            (row.receipt_number or "") if row else "",
            source.local(submission.received_at),
            "" if kept is None else kept.label,
            submission.filename,
            submission.sha256,
            *_paper(source, submission.unit),
        )
        for column, text in enumerate(texts):
            late = kept is not None and kept is not Timeliness.ON_TIME and column == 5
            looks = {"font_color": timeliness_color(kept)} if late and kept is not None else {}
            size = 8 if column == 7 else 10
            wrapped = column in {5, 6, 10, 11}
            sheet.text(at, column, text, border=1, font_size=size, text_wrap=wrapped, **looks)
        at += 1
    sheet.widths((11, 30, 11, 24, 20, 15, 34, 62, 16, 12, 22, 30)[: last + 1])
    sheet.freeze_panes(5, 2)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft, repeat=(3, 3))


_PAPER = ("Số, ký hiệu báo cáo của đơn vị", "Ngày ký", "Người ký", "Bản ký (tệp, chữ ký số, SHA-256)")


def _paper(source: SheetSource, unit: str) -> tuple[str, ...]:
    """The unit's own report as a document, and the signed copy that belongs to it."""
    if source.meta.papers is None:
        return ()
    paper = source.meta.papers.get(unit)
    if paper is None:
        return ("", "", "", "")
    copy = "chưa có" if paper.copy is None else f"{paper.copy.filename}\n{paper.copy.signed_by}\n{paper.copy.sha256}"
    return paper.number, paper.dated, paper.signer, copy if source.asks_for_copies or paper.copy else ""


def write_notes(book: ReportBook, source: SheetSource) -> None:
    """The sheet `Ghi chú`: how figures are made and shown, and which layouts are assumed."""
    sheet = book.add_sheet("Ghi chú")
    sheet.merged(0, 0, 3, "GHI CHÚ", bold=True, align="center", font_size=14)
    at = 2
    zone = source.pack.regime.zone
    twice = [
        f"(*) {note(c, source.words, zone, named=True, outgoing=source.outgoing)}"
        for c in source.consolidation.conflicts
    ]
    for line in (*_conventions(source), *twice):
        sheet.merged(at, 0, 3, line, text_wrap=True, valign="top")
        sheet.set_row(at, height(line, 141))
        at += 1
    at += 1
    of_office = () if source.outgoing else ("Phiên bản, dấu vân", "Bố cục")
    names = 120 if source.outgoing else 50
    sheet.table_header(at, ("Biểu", "Tên theo hướng dẫn", *of_office))
    for form in source.pack.forms:
        at += 1
        layout = f"Giả định: {form.assumption}" if form.assumed else "Theo mẫu chính thức"
        told = () if source.outgoing else (f"{form.version} ({form.fingerprint})", layout)
        texts = (form.code, f"{form.official}: {form.title}", *told)
        for column, text in enumerate(texts):
            sheet.text(at, column, text, border=1, text_wrap=True, font_size=10, valign="top")
        sheet.set_row(at, max(height(texts[1], names, 10), height(layout, 62, 10) if told else 0))
    sheet.widths((9, names, 6, 6) if source.outgoing else (9, names, 20, 62))
    set_up_page(sheet, source.footer, draft=source.meta.is_draft)


def _counted_bodies(source: SheetSource) -> str:
    """Which rows also count others than the territorial units, with how many units that makes."""
    found = source.consolidation
    forms = {form.code: form for form in source.pack.forms}
    more = [
        f"{_row_named(forms[key.form], key, outgoing=source.outgoing)}: {found.population(key)}"
        for key in found.populations
        if found.counts_bodies(key)
    ]
    return f", và {source.words.body} ở dòng {', '.join(more)} đơn vị" if more else ""


def _row_named(form: Form, key: CellKey, *, outgoing: bool) -> str:
    row = next((row for table in form.tables for row in table.rows if row.code == key.row), None)
    return key.row if row is None or not outgoing else f"{form.printed_number(row)} {row.name}".strip()


def _conventions(source: SheetSource) -> list[str]:
    """What the figures mean, numbered: of what the forms have, and no more."""
    held = contents_of(source.pack.forms)
    lines = _for_recipients(source, held) if source.outgoing else _for_the_office(source, held)
    return [f"{number}. {line}" for number, line in enumerate(lines, start=1)]


def _for_the_office(source: SheetSource, held: FormContents) -> Iterator[str]:
    words = source.words
    bodies = f" và phần {words.body} nhập" if EntryLevel.PROVINCE in held.levels else ""
    yield (
        f"Số liệu {words.whole} là tổng các báo cáo đã được chấp nhận của {words.unit_level}{bodies}; đơn vị chưa báo "
        "cáo được nêu tên ở trang Độ phủ, không ước tính thay."
    )
    if held.ratios:
        yield (
            f"Tỷ lệ tính từ tổng của hai số {words.whole} (thực hiện trên tổng số), không lấy trung bình các tỷ lệ; "
            "tổng số bằng 0 ghi «–» (không phát sinh)."
        )
    if held.answers:
        yield (
            f"Chỉ tiêu dạng Có/Không, phân loại đếm trên mọi đơn vị phải trả lời: {source.consolidation.valid_units} "
            f"{words.units} tại ngày chốt số liệu{_counted_bodies(source)}; không tính trên số đơn vị đã báo cáo."
        )
    if held.two_levels:
        yield (
            f"Dòng có cả số {words.unit_level} và số {words.body} đã loại trùng: dùng số {words.top_level}; "
            "dòng có hai số khác nhau mang dấu (*), in cả hai số và nêu nguồn được chọn, lý do."
        )
    exact = ["tiền lưu chính xác đến đồng, hiện theo triệu đồng"] if held.money else []
    exact += ["tỷ lệ in hai chữ số thập phân"] if held.ratios else []
    exact += ["so mục tiêu bằng số chính xác"] if source.pack.targets else []
    if exact:
        yield f"{capitalised('; '.join(exact))}."
    yield (
        "«So cùng kỳ năm trước» so với báo cáo cùng loại của năm trước; chưa có báo cáo đó thì để trống."
        + (" Với dòng có tỷ lệ thì so tỷ lệ và chênh lệch tính bằng điểm phần trăm." if held.ratios else "")
    )
    yield "Ô nào cũng có mã: hàng mã cột bị ẩn, cột mã dòng in nhỏ; số chính xác, không làm tròn ở trang ẩn _values."


def _for_recipients(source: SheetSource, held: FormContents) -> Iterator[str]:
    words = source.words
    bodies = f" và của {words.body}" if EntryLevel.PROVINCE in held.levels else ""
    yield (
        f"Số liệu {words.whole} tổng hợp từ báo cáo của {words.unit_level}{bodies}; đơn vị chưa báo cáo được nêu tên ở "
        "trang Tổng quan, không ước tính thay."
    )
    if held.ratios:
        yield (
            f"Tỷ lệ tính từ tổng của hai số {words.whole} (thực hiện trên tổng số); tổng số bằng 0 ghi «–» (không "
            "phát sinh)."
        )
    if held.answers:
        yield (
            f"Chỉ tiêu dạng Có/Không, phân loại đếm trên {source.consolidation.valid_units} {words.units} tại ngày "
            f"chốt số liệu{_counted_bodies(source)}."
        )
    if held.two_levels:
        yield "Dòng mang dấu (*) có số của hai cấp khác nhau: in cả hai số và nêu số được dùng."
    shown = ["tiền hiện theo triệu đồng (ô giữ số chính xác đến đồng)"] if held.money else []
    shown += ["tỷ lệ in hai chữ số thập phân"] if held.ratios else []
    if shown:
        yield f"{capitalised('; '.join(shown))}."
    yield "«So cùng kỳ năm trước» so với báo cáo cùng loại của năm trước, trên các đơn vị có số liệu cả hai kỳ."
