"""The sheets that are no forms: `Hướng dẫn`, `Thông tin` and the hidden `_meta`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from baocao.forms.blank_workbook import entry_rules
from baocao.forms.blank_workbook.content import Content
from baocao.forms.blank_workbook.layout import FormPlace, lines_of
from baocao.forms.blank_workbook.page import footer, print_set_up, protect
from baocao.forms.blank_workbook.styles import ABSENT, BEFORE, DERIVED, ENTRY, OPTIONAL, PREFILLED, Styles
from baocao.forms.contents import FormContents, contents_of
from baocao.forms.contract import (
    FINGERPRINT_KEY,
    FORM_KEY,
    GUIDE_SHEET,
    INFO_COLUMN,
    INFO_FORM,
    INFO_ROWS,
    INFO_SHEET,
    LAYOUT,
    MARK,
    META_SHEET,
    OPTIONAL_INFO,
    SIGNING_FORMS,
    marker,
)
from baocao.model.form import ColumnRole, Form, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.text import capitalised, day_text

INFO_LABELS = {
    "DOC_NUMBER": ("Số, ký hiệu báo cáo của đơn vị", "Do văn thư của đơn vị cấp, ví dụ: 45/BC-UBND"),
    "DOC_DATE": ("Ngày ký báo cáo của đơn vị", "Ghi dd/mm/yyyy, ví dụ: 17/06/2026"),
    "SIGNING_FORM": (
        "Hình thức ký",
        "TM. (thay mặt), KT. (ký thay), TL. (thừa lệnh), TUQ. (thừa ủy quyền), Q. (quyền)",
    ),
    "SIGNER_TITLE": ("Chức vụ người ký", "Ví dụ: CHỦ TỊCH, PHÓ CHỦ TỊCH, GIÁM ĐỐC"),
    "SIGNER_NAME": ("Họ và tên người ký", "Không ghi học hàm, học vị"),
    "REPORTER": ("Người lập báo cáo", "Người đơn vị phân công điền tệp này"),
    "PHONE": ("Số điện thoại liên hệ", "Để hỏi lại khi cần"),
}

_LEGEND = (
    (ENTRY, "Phải điền: một con số (kể cả 0), một lựa chọn, hoặc NP."),
    (OPTIONAL, "Điền khi có: {optional}. Từng ô, từng dòng được để trống; cả biểu thì không."),
    (PREFILLED, "Đã điền sẵn từ kỳ trước: hãy kiểm tra; nếu sửa thì ghi lý do ở cột giải trình."),
    (DERIVED, "Tự tính bằng công thức: không điền."),
    (ABSENT, "Không áp dụng cho dòng này: không điền."),
    (BEFORE, "Số liệu kỳ trước, để đối chiếu: không phải số liệu của kỳ này."),
)


_FIRST_FACT, _FACT_WIDTH = 3, 84
"""The row of the unit's name, and how many letters the column of the facts holds."""


def _deadline(content: Content) -> str:
    due = content.period.unit.due_at
    return f"hết {due.hour} giờ {due.minute:02d} phút ngày {day_text(due)}"


def _guide_lines(pack: Pack, content: Content) -> list[tuple[str, Sequence[str]]]:
    """(heading, sentences): plain instructions, in the order in which an official needs them."""
    authority, period = pack.regime.authority, content.period
    safe, held = period.unit.safe_on, contents_of(entered_by(pack, content.unit))
    return [
        (
            "1. Điền thế nào",
            (
                "Điền trang “Thông tin” trước, sau đó lần lượt từng biểu. Chỉ điền vào ô màu vàng nhạt và xanh nhạt.",
                f"Chỉ tính số liệu phát sinh từ {day_text(period.covers_from)} đến hết {day_text(period.cutoff_on)} "
                "(thời gian chốt số liệu).",
                *_term_lines(content),
                "Không xóa, không đổi mã ở cột “Mã” và tên đơn vị. Được đổi độ rộng cột, độ cao dòng.",
                "Khi dán từ tệp khác: chọn “Dán giá trị” (Paste Special, Values) để giữ định dạng và kiểm tra của ô.",
            ),
        ),
        (
            "2. Số 0, NP và ô trống khác nhau",
            (
                "0: có theo dõi và kết quả bằng không (số trong kỳ: không có lần nào; số đến ngày chốt: không còn gì).",
                "NP: không phát sinh hoặc không thuộc phạm vi của đơn vị (gõ hai chữ NP)." + _never_nil(held),
                "Ô trống: chưa trả lời. Ô vàng còn trống thì báo cáo bị trả lại để điền tiếp.",
                "Chưa có số liệu không phải là 0, cũng không phải NP: hãy lấy số rồi điền.",
                "Không dùng “-”, “không”, “x”, “KPS” thay cho 0 hoặc NP.",
                "Cả biểu không có số liệu: chọn lý do ở dòng đầu biểu (mã NIL) và bỏ trống các ô còn lại. "
                "Biểu để trống mà không chọn lý do thì báo cáo bị trả lại.",
            ),
        ),
        (
            "3. Viết số, viết ngày",
            (
                "Dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần thập phân: 1.234 là một nghìn hai trăm ba mươi tư; "
                "1.234,5 có phần lẻ.",
                _money(held) + "Không gõ đơn vị tính vào ô số.",
                "Ngày ghi dd/mm/yyyy, ví dụ 05/06/2026." + _computed(held),
            ),
        ),
        (
            "4. Giải trình",
            (
                "Số liệu tăng, giảm nhiều so với kỳ trước hoặc khác thường: ghi lý do ở cột giải trình, cùng dòng.",
                "Không ghi họ tên, số định danh, số điện thoại, địa chỉ của người dân ở bất kỳ ô nào.",
            ),
        ),
        (
            "5. Gửi",
            (
                f"Gửi trước hạn: {_deadline(content)}. Nên gửi chậm nhất ngày làm việc {day_text(safe)}.",
                f"Gửi chính tệp này (.xlsx, không nén, không đặt mật khẩu) tới {authority.standing_office}: "
                f"{authority.contact}.",
                "Sau khi nhận, hệ thống trả lời ngay: giấy biên nhận, hoặc chính tệp này có đánh dấu từng ô cần sửa.",
                "Gửi lại tệp đã sửa là đủ; bản được chấp nhận sau cùng là bản chính thức.",
            ),
        ),
    ]


def _never_nil(held: FormContents) -> str:
    """Of which figures something is known already, so that they cannot be nil."""
    roles = ((ColumnRole.OPENING, "số đầu kỳ"), (ColumnRole.CLOSING, "cuối kỳ"), (ColumnRole.DENOMINATOR, "mẫu số"))
    if not (found := [said for role, said in roles if role in held.roles]):
        return ""
    said = ", ".join(found)
    return f" {capitalised(said)} mà báo cáo trước hoặc ô khác đã có số thì không ghi NP."


def _money(held: FormContents) -> str:
    if not (held.money or held.list_money):
        return ""
    other = " (trừ cột của danh sách có ghi đơn vị khác ở đầu cột)" if held.list_money else ""
    return f"Tiền ghi bằng ĐỒNG, không ghi nghìn đồng hay triệu đồng{other}. "


def _computed(held: FormContents) -> str:
    if not held.computed:
        return ""
    closing = ", số cuối kỳ" if ColumnRole.CLOSING in held.roles else ""
    return f" {'Tỷ lệ, tổng' if held.ratios else 'Tổng'}{closing} tự tính: không điền."


def _optional(held: FormContents) -> str:
    """What may be left blank, as the legend names it."""
    money = ValueType.MONEY in held.optional_types
    return ", ".join(
        said for said, there in (("kế hoạch", held.plans), ("kinh phí", money), ("giải trình", True)) if there
    )


def _term_lines(content: Content) -> Sequence[str]:
    """What is different about a report of a whole term."""
    period = content.period
    if not period.is_evaluation:
        return ()
    whole = (
        f"Cột thực hiện là số của cả giai đoạn, tính từ {day_text(period.covers_from)}, không phải số của riêng năm "
        f"{period.year}; lũy kế năm vẫn tính trong năm {period.year}."
    )
    return (whole, *content.notes)


def write_guide(book: XlsxWorkbook, styles: Styles, pack: Pack, places: Sequence[FormPlace], content: Content) -> None:
    """First sheet: what to do, by when, what the colours mean, which forms there are."""
    sheet: Worksheet = book.add_worksheet(GUIDE_SHEET)
    sheet.set_column(0, 0, 22, styles.look("plain"))
    sheet.set_column(1, 1, 62, styles.look("plain"))
    sheet.set_column(2, 2, 26, styles.look("plain"))
    sheet.merge_range(0, 0, 0, 2, "HƯỚNG DẪN ĐIỀN BÁO CÁO", styles.look("guide_title"))
    sheet.set_row(0, 28)
    sheet.merge_range(1, 0, 1, 2, pack.regime.name, styles.look("subtitle"))
    sheet.set_row(1, 18.0 * lines_of(pack.regime.name, 100))
    row = _facts(sheet, styles, pack, content, _FIRST_FACT)
    row = _legend(sheet, styles, content, contents_of(entered_by(pack, content.unit)), row + 1)
    for heading, sentences in _guide_lines(pack, content):
        sheet.merge_range(row, 0, row, 2, heading, styles.look("guide_head"))
        sheet.set_row(row, 22)
        for offset, sentence in enumerate(sentences, 1):
            text = f"•  {sentence}"
            sheet.merge_range(row + offset, 0, row + offset, 2, text, styles.look("wrap"))
            sheet.set_row(row + offset, 15.5 * lines_of(text, 112) + 1)
        row += len(sentences) + 2
    _forms(sheet, styles, places, row)
    protect(sheet)
    # One sheet of paper beside the keyboard.
    print_set_up(sheet, landscape=False, pages=1)
    footer(sheet, f"{content.unit.full_name} ({content.unit.code})", content.period.label)


def _facts(sheet: Worksheet, styles: Styles, pack: Pack, content: Content, row: int) -> int:
    period = content.period
    facts = (
        ("Đơn vị báo cáo", _named(content), "fact"),
        ("Kỳ báo cáo", period.name, "fact"),
        ("Số liệu tính", f"từ {day_text(period.covers_from)} đến hết {day_text(period.cutoff_on)}", "fact"),
        ("Hạn gửi", f"{_deadline(content)} (nên gửi chậm nhất {day_text(period.unit.safe_on)})", "deadline"),
        ("Nơi nhận", f"{pack.regime.authority.issuer} (qua {pack.regime.authority.standing_office})", "fact"),
    )
    for label, text, look in facts:
        sheet.write_string(row, 0, label, styles.look("label"))
        sheet.merge_range(row, 1, row, 2, text, styles.look(look))
        # In a pattern the name is not known yet, but its line count is part of the shape (`workbook._Shape`).
        lines = content.unit_lines if row == _FIRST_FACT and content.unit_lines else lines_of(text, _FACT_WIDTH)
        sheet.set_row(row, 16.0 * lines + 3)
        row += 1
    return row


def unit_lines(content: Content) -> int:
    """How many lines the unit's name takes in the guide."""
    return lines_of(_named(content), _FACT_WIDTH)


def _named(content: Content) -> str:
    return f"{content.unit.full_name} (mã {content.unit.code})"


def _legend(sheet: Worksheet, styles: Styles, content: Content, held: FormContents, row: int) -> int:
    sheet.merge_range(row, 0, row, 2, "Màu của ô", styles.look("guide_head"))
    for color, said in _LEGEND:
        text = said.format(optional=_optional(held))
        if color == PREFILLED and content.period.is_evaluation:
            text = "Đã điền sẵn lũy kế từ các báo cáo đã được nhận: hãy cộng thêm phần phát sinh sau kỳ gần nhất."
        row += 1
        sheet.write_blank(row, 0, None, styles.fill(color))
        sheet.merge_range(row, 1, row, 2, text, styles.look("fact"))
    return row + 2


def _forms(sheet: Worksheet, styles: Styles, places: Sequence[FormPlace], row: int) -> None:
    """The list of forms, with links and the number of cells to fill."""
    sheet.merge_range(row, 0, row, 2, "Các biểu trong tệp này", styles.look("guide_head"))
    for index, text in enumerate(("Biểu", "Tên biểu", "Ô phải điền")):
        sheet.write_string(row + 1, index, text, styles.look("header"))
    lines = [line for place in places for line in _sheets_of(place.form)]
    for offset, (name, title, needed) in enumerate(lines, 2):
        sheet.write_url(row + offset, 0, _link(name), styles.look("link"), name)
        sheet.write_string(row + offset, 1, title, styles.look("fact"))
        if isinstance(needed, int):
            sheet.write_number(row + offset, 2, needed, styles.look("centre"))
        else:
            sheet.write_string(row + offset, 2, needed, styles.look("centre"))
        sheet.set_row(row + offset, 15.5 * lines_of(title, 60) + 3)
    assumed = ", ".join(place.form.short for place in places if place.form.assumed)
    if assumed:
        text = (
            f"(*) Bố cục của {assumed} là giả định, dùng trong khi chờ mẫu chính thức ban hành kèm văn bản hướng dẫn; "
            "khi có mẫu chính thức sẽ thay bằng phiên bản biểu mới."
        )
        at = row + len(lines) + 2
        sheet.merge_range(at, 0, at, 2, text, styles.look("small"))
        sheet.set_row(at, 13.5 * lines_of(text, 120) + 3)


def _link(sheet: str) -> str:
    return "internal:'" + sheet.replace("'", "''") + "'!A1"


def _sheets_of(form: Form) -> Iterator[tuple[str, str, int | str]]:
    """Sheet, title and what must be filled of a form and its lists."""
    if form.tables:
        needed = sum(table.is_required(r, c) for table, r, c in form.cells.values())
        # No single cell must be filled, yet the form must be answered (V41): a 0 would say the contrary.
        said = needed if needed or not form.nil_allowed else "điền, hoặc chọn NIL"
        yield form.short, form.title, said
    for one in form.lists:
        yield one.short, one.title, "mỗi dòng một trường hợp" if one.required else "khi có"


def write_info(book: XlsxWorkbook, styles: Styles, lists: entry_rules.Lists, content: Content) -> None:
    """Who signs and who can be asked, as table `§TT.A`."""
    sheet: Worksheet = book.add_worksheet(INFO_SHEET)
    for index, width in enumerate((18, 30, 44, 44)):
        sheet.set_column(index, index, width, styles.look("plain"))
    sheet.merge_range(0, 0, 0, 3, "THÔNG TIN VỀ ĐƠN VỊ VÀ NGƯỜI KÝ BÁO CÁO", styles.look("title"))
    sheet.set_row(0, 26)
    sheet.merge_range(1, 0, 1, 3, f"{content.unit.full_name} (mã {content.unit.code})", styles.look("subtitle"))
    sheet.merge_range(2, 0, 2, 3, f"Kỳ báo cáo: {content.period.name}", styles.look("subtitle"))
    for index, text in enumerate(("Mã", "Nội dung", "Đơn vị điền", "Ghi chú")):
        sheet.write_string(4, index, text, styles.look("header"))
    sheet.write_string(5, 0, marker(INFO_FORM, "A"), styles.look("hidden"))
    sheet.write_string(5, 2, MARK + INFO_COLUMN, styles.look("hidden"))
    sheet.set_row(5, None, None, {"hidden": True})
    for row, code in enumerate(INFO_ROWS, 6):
        label, hint = INFO_LABELS[code]
        sheet.write_string(row, 0, code, styles.look("code"))
        sheet.write_string(row, 1, label, styles.look("label"))
        text = content.info.get(code.lower(), "")
        look = styles.entry(ValueType.TEXT, OPTIONAL if code in OPTIONAL_INFO else ENTRY)
        if text:
            sheet.write_string(row, 2, text, look)
        else:
            sheet.write_blank(row, 2, None, look)
        sheet.write_string(row, 3, hint, styles.look("nil_label"))
        sheet.set_row(row, 15.5 * lines_of(hint, 42) + 6)
    at = 6 + INFO_ROWS.index("SIGNING_FORM")
    entry_rules.apply_list(sheet, lists, at, 2, SIGNING_FORMS, "Hình thức ký", "Chọn trong danh sách.")
    sheet.set_selection(6, 2, 6, 2)
    protect(sheet)
    print_set_up(sheet, landscape=True)
    footer(sheet, f"{content.unit.full_name} ({content.unit.code})", content.period.label)


def write_meta(
    book: XlsxWorkbook, lists: entry_rules.Lists, pack: Pack, places: Sequence[FormPlace], content: Content
) -> None:
    """Hidden and locked: what the reader trusts, and the sources of long drop-downs."""
    sheet: Worksheet = book.add_worksheet(META_SHEET)
    pairs = [
        ("layout", LAYOUT),
        ("regime", pack.code),
        ("period", content.period.code),
        ("unit", content.unit.code),
        ("unit_name", content.unit.full_name),
    ]
    pairs += [(f"{FORM_KEY}{place.form.code}", place.form.version) for place in places]
    pairs += list(content.origin.items())
    pairs += [(f"{FINGERPRINT_KEY}{place.form.code}", place.form.fingerprint) for place in places]
    lists.write_meta(sheet, pairs)
