"""Six more forms as offices send them out: women beside everybody, money in headings, answers that are no figures."""

from __future__ import annotations

from builders.packs.official import Page


def _page(number: str, title: str) -> Page:
    page = Page(f"Bieu {number}")
    page.put("A1:B1", f"Biểu số: {number}/BC")
    page.put("C1:H1", title)
    return page


def training() -> bytes:
    """`Nữ` beside `Số lượng`, and `Trong đó` behind both."""
    page = _page("05", "KẾT QUẢ ĐÀO TẠO NGHỀ")
    for place, text in {
        "A3:A4": "STT", "B3:B4": "Nội dung", "C3:C4": "Đơn vị tính", "D3:D4": "Số lượng", "E3:E4": "Nữ",
        "F3:G3": "Trong đó", "F4": "Dân tộc thiểu số", "G4": "Hộ nghèo",
    }.items():  # fmt: skip
        page.put(place, text)
    page.line(5, [1, "Số người được đào tạo", "người"])
    page.line(6, [2, "Số người có việc làm", "người"])
    return page.bytes()


def staff() -> bytes:
    """Both sexes under each heading, in three spellings; men, of whom women are no part."""
    page = _page("06", "CÁN BỘ ĐƯỢC TẬP HUẤN")
    for place, text in {
        "A3:A4": "STT", "B3:B4": "Chỉ tiêu", "C3:D3": "Kỳ báo cáo", "C4": "Chung", "D4": "Nữ", "E3:F3": "Lũy kế năm",
        "E4": "Số cán bộ", "F4": "Số nữ (người)", "G3:H3": "Theo giới", "G4": "Nam", "H4": "Nữ",
    }.items():  # fmt: skip
        page.put(place, text)
    page.line(5, [1, "Số cán bộ được tập huấn (người)"])
    return page.bytes()


def disbursement() -> bytes:
    """Money in a column's heading, in the heading above several, and a ratio under the same heading."""
    page = _page("07", "TÌNH HÌNH GIẢI NGÂN")
    for place, text in {
        "A3:A4": "STT", "B3:B4": "Nguồn vốn", "C3:C4": "Kế hoạch vốn năm (triệu đồng)",
        "D3:F3": "Giải ngân (triệu đồng)", "D4": "Trong kỳ", "E4": "Lũy kế năm", "F4": "Tỷ lệ (%)", "G3:G4": "Ghi chú",
    }.items():  # fmt: skip
        page.put(place, text)
    page.line(5, [1, "Ngân sách trung ương", None])
    page.line(6, [2, "Ngân sách địa phương", None])
    return page.bytes()


def support() -> bytes:
    """A unit of measure behind a comma, behind `ĐVT`, in a bracket that is not at the end; words that are no unit."""
    page = _page("08", "KINH PHÍ HỖ TRỢ")
    page.line(3, ["STT", "Nội dung", "Kinh phí,\ntriệu đồng", "Vốn vay\nĐVT: tỷ đồng", "Hỗ trợ (tr.đ) trong kỳ",
                  "Diện tích, ha", "Số thôn, bản", "Ghi chú"])  # fmt: skip
    page.line(4, [1, "Hỗ trợ giống cây trồng"])
    return page.bytes()


def criteria() -> bytes:
    """Lines that ask for a date, a text, yes or no, a choice, and lines that only look so."""
    page = _page("10", "TIÊU CHÍ")
    page.line(3, ["STT", "Tiêu chí", "ĐVT", "Kết quả", "Lũy kế năm"])
    for at, line in enumerate((
        ["Ban hành kế hoạch", "Có/Không"], ["Ngày ban hành kế hoạch", "ngày/tháng"], ["Số, ký hiệu quyết định", None],
        ["Mức độ (Tốt/Khá/Trung bình)", None], ["Ngày công lao động", "ngày công"], ["Người nghèo", "người"],
        ["Số cuộc họp", "cuộc"], ["Đã lập tổ (có/không)", None], ["Kiến nghị, đề xuất", None],
        ["Tổng kinh phí, tỷ đồng", None],
    ), start=1):  # fmt: skip
        page.line(3 + at, [at, *line])
    return page.bytes()


def documents() -> bytes:
    """A list under two heading rows, with a number to count and the key under a common heading."""
    page = _page("11", "DANH SÁCH VĂN BẢN ĐÃ BAN HÀNH")
    for place, text in {
        "A4:A5": "STT", "B4:B5": "Tên văn bản", "C4:D4": "Văn bản", "C5": "Số, ký hiệu", "D5": "Ngày ban hành",
        "E4:E5": "Kinh phí, triệu đồng", "F4:F5": "Số người tham dự", "G4:G5": "Công khai (có/không)",
        "H4:H5": "Ghi chú",
    }.items():  # fmt: skip
        page.put(place, text)
    for at in (6, 7):
        page.line(at, [at - 5, None])
    return page.bytes()


def population() -> bytes:
    """`Trong đó` with numbered children, and a dash under one of them."""
    page = _page("12", "DÂN SỐ")
    page.line(3, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    for at, line in enumerate((
        ["1", "Số người", "người"], [None, "Trong đó:", None], ["1.1", "- Nữ", "người"], ["1.2", "- Trẻ em", "người"],
        [None, "+ Trẻ em dưới 6 tuổi", "người"], ["2", "Số cán bộ", "người"], [None, "Nữ", "người"],
        ["3", "Tổng số đại biểu", "người"], [None, "- Nữ", "người"], [None, "- Đảng viên", "người"],
        ["4", "Tổng số học sinh", "người"], [None, "- Nam", "người"], [None, "- Nữ", "người"],
    ), start=4):  # fmt: skip
        page.line(at, line)
    return page.bytes()


def pensions() -> bytes:
    """Two groups of columns, of people and of money, that both say `Thực hiện`."""
    page = _page("13", "CHI TRẢ TRỢ CẤP")
    for place, text in {
        "A4:A5": "STT", "B4:B5": "Chỉ tiêu", "C4": "Số đối tượng (người)", "D4": "Kinh phí (triệu đồng)",
        "C5": "Thực hiện", "D5": "Thực hiện",
    }.items():  # fmt: skip
        page.put(place, text)
    page.line(6, ["1", "Người cao tuổi"])
    return page.bytes()
