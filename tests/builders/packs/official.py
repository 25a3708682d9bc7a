"""Official-looking forms as ministries send them out: made with openpyxl, each in another style. None is real."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

_THIN = Border(*(Side(style="thin") for _ in range(4)))


class Page:
    """One sheet being typed: one-based addresses as people say them."""

    def __init__(self, title: str = "Sheet1", book: Workbook | None = None) -> None:
        self.book = book or Workbook()
        self.sheet: Any = self.book.create_sheet(title) if book else self.book.active
        self.sheet.title = title

    def put(self, place: str, text: object, *, bold: bool = False, indent: int = 0) -> None:
        """`place` is an address or a range, which is merged."""
        first = place.split(":")[0]
        cell = self.sheet[first]
        cell.value = text
        cell.font = Font(name="Times New Roman", bold=bold)
        cell.alignment = Alignment(wrap_text=True, vertical="center", indent=indent)
        cell.border = _THIN
        if ":" in place:
            self.sheet.merge_cells(place)

    def line(self, row: int, texts: Sequence[object], *, bold: bool = False) -> None:
        """Texts from column A; None leaves a cell empty."""
        for column, text in enumerate(texts, start=1):
            cell = self.sheet.cell(row, column)
            cell.border = _THIN
            if text is not None:
                cell.value = text
                cell.font = Font(name="Times New Roman", bold=bold)

    def bytes(self) -> bytes:
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def statistical_form() -> bytes:
    """Three heading rows, `Mã số`, `ĐVT`, a row of column numbers, `Trong đó`, `Chia ra`, notes, signatures."""
    page = Page("Bieu 12")
    page.put("A1:C1", "Biểu số: 12/PCMT\nBan hành theo Thông tư số 99/2026/TT-BXX\nngày 05/01/2026")
    page.put("D1:G1", "KẾT QUẢ PHÁT HIỆN, XỬ LÝ VI PHẠM VỀ MA TÚY", bold=True)
    page.put("D2:G2", "(6 tháng, năm …)")
    page.put("H1:I1", "Đơn vị báo cáo: …………")
    page.put("H2:I2", "Đơn vị nhận báo cáo: …………")
    page.put("A4:A6", "STT", bold=True)
    page.put("B4:B6", "Chỉ tiêu", bold=True)
    page.put("C4:C6", "Mã số", bold=True)
    page.put("D4:D6", "Đơn vị tính", bold=True)
    page.put("E4:G4", "Phát hiện trong kỳ", bold=True)
    page.put("E5:E6", "Tổng số")
    page.put("F5:G5", "Trong đó:")
    page.put("F6", "Nữ")
    page.put("G6", "Dưới 18 tuổi")
    page.put("H4:H6", "Lũy kế năm", bold=True)
    page.put("I4:I6", "Ghi chú", bold=True)
    page.line(7, ["A", "B", "C", "D", 1, 2, 3, 4, "E"])
    rows: list[list[object]] = [
        ["I", "Vụ việc, đối tượng", None, None, "x", "x", "x", "x", None],
        [1, "Số vụ phát hiện", "01", "vụ", None, "x", "x"],
        [None, "Trong đó: Số vụ khởi tố", "02", "vụ", None, "x", "x"],
        [2, "Số đối tượng bị phát hiện", "03", "người"],
        [None, "Trong đó:"],
        [None, "- Tái phạm", "04", "người"],
        [None, "- Người nước ngoài", "05", "nt"],
        ["II", "Tang vật thu giữ", None, None, "x", "x", "x", "x", None],
        [1, "Tổng số ma túy thu giữ", "06", "gam", None, "x", "x"],
        [None, "Chia ra:"],
        [None, "- Hê rô in", "07", "gam", None, "x", "x"],
        [None, "- Ma túy tổng hợp", "08", "gam", None, "x", "x"],
        [None, "- Cần sa", "09", "gam", None, "x", "x"],
        [2, "Số điện thoại thu giữ", "10", "máy", None, "x", "x"],
    ]
    for n, texts in enumerate(rows, start=8):
        page.line(n, texts, bold=texts[0] in {"I", "II"})
    page.put("A23:I23", "Ghi chú: Số đối tượng không gồm người dưới 14 tuổi.")
    page.put("G25:I25", "………, ngày … tháng … năm ……")
    page.put("A26:C26", "Người lập biểu", bold=True)
    page.put("G26:I26", "Thủ trưởng đơn vị", bold=True)
    page.put("G27:I27", "(Ký, đóng dấu, ghi rõ họ tên)")
    return page.bytes()


def resources_form() -> bytes:
    """Source x nature in three heading rows, money in triệu đồng, formulas in the column numbers, a total on top."""
    page = Page("PL05")
    page.put("A1:O1", "Phụ lục số 15", bold=True)
    page.put("A2:O2", "KẾT QUẢ BỐ TRÍ VÀ GIẢI NGÂN VỐN THỰC HIỆN CHƯƠNG TRÌNH", bold=True)
    page.put("A3:O3", "(Kèm theo Công văn số 77/ABC ngày 03 tháng 02 năm 2026)")
    page.put("M4:O4", "Đơn vị tính: triệu đồng")
    page.put("A5:A7", "TT")
    page.put("B5:B7", "Nội dung, dự án")
    for first, title in (("C", "Kế hoạch vốn năm 2026"), ("I", "Giải ngân trong kỳ")):
        at = ord(first)
        col = [chr(at + n) for n in range(6)]
        page.put(f"{col[0]}5:{col[5]}5", title)
        page.put(f"{col[0]}6:{col[0]}7", "Tổng số")
        page.put(f"{col[1]}6:{col[2]}6", "Ngân sách trung ương")
        page.put(f"{col[3]}6:{col[4]}6", "Ngân sách địa phương")
        for letter, text in zip(col[1:5], ["ĐTPT", "SN", "ĐTPT", "SN"], strict=True):
            page.put(f"{letter}7", text)
        page.put(f"{col[5]}6:{col[5]}7", "Vốn khác")
    page.put("O5:O7", "Tỷ lệ giải ngân (%)")
    page.put("P5:P7", "Ghi chú")
    numbers: list[object] = ["(A)", "(B)", "(1)=(2)+(3)+(4)+(5)+(6)", "(2)", "(3)", "(4)", "(5)", "(6)"]
    numbers += ["(7)=(8)+(9)+(10)+(11)+(12)", "(8)", "(9)", "(10)", "(11)", "(12)", "(13)=(7)/(1)", "(C)"]
    page.line(8, numbers)
    for n, texts in enumerate(
        [
            [None, "TỔNG CỘNG (I+II)"],
            ["I", "Dự án 1: Phòng ngừa"],
            ["1", "Tiểu dự án 1"],
            ["2", "Tiểu dự án 2"],
            ["II", "Dự án 2: Cai nghiện"],
        ],
        start=9,
    ):
        page.line(n, texts)
    page.put("K16:O16", "TM. ỦY BAN NHÂN DÂN", bold=True)
    return page.bytes()


def lettered_form() -> bytes:
    """No STT and no ĐVT column: numbers, a) b) and units in brackets in the names; heads not merged; no notes."""
    page = Page("Mau")
    page.put("A1", "Mẫu số 07")
    page.put("A2:E2", "TÌNH HÌNH CÔNG TÁC CAI NGHIỆN", bold=True)
    page.line(4, ["Nội dung", "Năm báo cáo", None, "So với cùng kỳ (%)", "So với kế hoạch (%)"], bold=True)
    page.line(5, [None, "Kế hoạch", "Thực hiện"])
    for n, name in enumerate(
        [
            "1. Tổng số người đang cai nghiện (người)",
            "a) Cai bắt buộc (người)",
            "b) Cai tự nguyện tại gia đình (người)",
            "c) Cai tự nguyện tại cơ sở (người)",
            "2. Số cơ sở cai nghiện (cơ sở)",
            "a) Diện tích sử dụng (ha)",
            "3. Tỷ lệ người cai thành công (%)",
            "4. Xã có tổ công tác cai nghiện (có/không)",
            "5. Kinh phí hỗ trợ (nghìn đồng)",
        ],
        start=6,
    ):
        page.line(n, [name])
    page.put("A17", "(*) Không tính người đã chuyển đi nơi khác.")
    return page.bytes()


def movement_form() -> bytes:
    """Two tables on one sheet; what is a total is said by formulas in the cells only."""
    page = Page("Bieu 21")
    page.put("A1", "Biểu số 21")
    page.put("A2:G2", "BIẾN ĐỘNG NGƯỜI ĐƯỢC QUẢN LÝ", bold=True)
    page.line(4, ["STT", "Nhóm chỉ tiêu", "ĐVT", "Đầu kỳ", "Tăng trong kỳ", "Giảm trong kỳ", "Cuối kỳ", "Ghi chú"])
    page.line(5, [1, "Người nghiện có hồ sơ quản lý", "người", None, None, None, "=D5+E5-F5"])
    page.line(6, [2, "Người sử dụng trái phép", "người", None, None, None, "=D6+E6-F6"])
    page.line(7, [None, "Cộng", "người", "=SUM(D5:D6)", "=SUM(E5:E6)", "=SUM(F5:F6)", "=D7+E7-F7"])
    page.put("A9:G9", "Hoạt động tuyên truyền", bold=True)
    page.line(10, ["STT", "Chỉ tiêu", "ĐVT", "Kế hoạch năm", "Thực hiện trong kỳ", "Tỷ lệ (%)", None, "Ghi chú"])
    page.line(11, ["1", "Số buổi tuyên truyền", "buổi", None, None, "=IFERROR(E11/D11*100,0)"])
    page.line(12, ["1.1", "Ở trường học", "buổi", None, None, "=IFERROR(E12/D12*100,0)"])
    page.line(13, ["1.2", "Ở khu dân cư", "buổi", None, None, "=IFERROR(E13/D13*100,0)"])
    page.line(14, ["2", "Số lượt người nghe", "lượt người", None, None, "=IFERROR(E14/D14*100,0)"])
    page.put("A16", "Nơi nhận:")
    return page.bytes()


def sections_form() -> bytes:
    """A, B over I, II over 1., 2.; one total split in two ways; parts of parts; numbers in brackets."""
    page = Page("Bieu 4")
    page.put("A1", "Biểu mẫu số 04")
    page.put("A2:H2", "Báo cáo kết quả thực hiện nhiệm vụ")
    page.put("A3:H3", "6 tháng đầu năm 2026")
    page.put("A5:A6", "TT")
    page.put("B5:B6", "Nội dung")
    page.put("C5:C6", "ĐVT")
    page.put("D5:D6", "Tổng số")
    page.put("E5:F5", "Chia theo giới tính")
    page.put("G5:H5", "Chia theo độ tuổi")
    for place, text in (("E6", "Nam"), ("F6", "Nữ"), ("G6", "Dưới 18"), ("H6", "Từ 18 trở lên")):
        page.put(place, text)
    page.line(7, ["A", "B", "C", 1, 2, 3, 4, 5])
    rows: list[list[object]] = [
        ["A", "NHIỆM VỤ CHUNG"],
        ["I", "Quản lý"],
        ["1.", "Số người được quản lý", "Người"],
        ["2.", "Số người mới", "Người"],
        ["II", "Xử lý"],
        ["1.", "Số vụ", "Vụ"],
        [None, "- Trong đó: vụ lớn", "Vụ"],
        ["B", "NHIỆM VỤ RIÊNG"],
        ["(1)", "Số mô hình", "mô hình"],
    ]
    for n, texts in enumerate(rows, start=8):
        page.line(n, texts)
    return page.bytes()


def subtotals_form() -> bytes:
    """Names merged over columns that indent them; `Cộng I`, `Cộng II`, `Tổng cộng (I + II)`; two years side by side."""
    page = Page("Kinh phi")
    page.put("A1:J1", "BIỂU TỔNG HỢP KINH PHÍ", bold=True)
    page.put("H2", "ĐVT: Triệu đồng")
    heads = {
        "A3:A4": "STT", "B3:D4": "Nội dung chi", "E3:F3": "Năm 2025", "E4": "Dự toán", "F4": "Thực hiện",
        "G3:H3": "Năm 2026", "G4": "Dự toán", "H4": "Ước thực hiện", "I3:I4": "So sánh (%)", "J3:J4": "Ghi chú",
    }  # fmt: skip
    for place, text in heads.items():
        page.put(place, text)
    page.line(5, ["1", "2", None, None, 3, 4, 5, 6, "7=6/5", 8])
    body = {
        "A6": "I", "B6:D6": "Chi đầu tư", "A7": "1", "C7:D7": "Nhà ở", "A8": "2", "C8:D8": "Đường sá",
        "B9:D9": "Cộng I", "A10": "II", "B10:D10": "Chi thường xuyên", "A11": "1", "C11:D11": "Lương", "A12": "2",
        "C12:D12": "Khác", "B13:D13": "Cộng II", "B14:D14": "Tổng cộng (I + II)",
    }  # fmt: skip
    for place, text in body.items():
        page.put(place, text)
    return page.bytes()


def indicators_form() -> bytes:
    """A result frame: percentages over their two figures, a plan of the year and one of the term, nothing merged."""
    page = Page("Khung")
    page.put("A1", "PHỤ LỤC II")
    page.put("A2:K2", "CHỈ SỐ, KHUNG KẾT QUẢ", bold=True)
    heads = ["STT", "Chỉ tiêu", "Đơn vị", "Kế hoạch giai đoạn 2026-2030", "Kế hoạch năm 2026"]
    heads += ["Kết quả thực hiện trong kỳ", "Lũy kế từ đầu năm", "Lũy kế từ đầu giai đoạn"]
    heads += ["Tỷ lệ % so với kế hoạch năm", "Tỷ lệ % so với kế hoạch giai đoạn", "Ghi chú"]
    page.line(4, heads)
    rows: list[list[object]] = [
        [1, "Tỷ lệ xã, phường không có ma túy", "%"],
        [None, "Số xã, phường không có ma túy", "xã"],
        [None, "Tổng số xã, phường", "xã"],
        [2, "Tỷ lệ điểm, tụ điểm bị triệt xóa (2.2/2.1)", "%"],
        ["2.1", "Số điểm, tụ điểm phát hiện", "điểm"],
        ["2.2", "Số điểm, tụ điểm bị triệt xóa", "điểm"],
        [3, "Số xã có tổ công tác", "Xã"],
    ]
    for n, texts in enumerate(rows, start=5):
        page.line(n, texts)
    return page.bytes()


def register_form() -> bytes:
    """A list: numbered empty lines for things the unit writes in."""
    page = Page("Danh sach")
    page.put("A1", "Biểu số 30")
    page.put("A2:D2", "DANH SÁCH CƠ SỞ CÓ ĐIỀU KIỆN", bold=True)
    page.line(4, ["STT", "Tên cơ sở", "Địa chỉ", "Ghi chú"])
    for n in range(3):
        page.line(5 + n, [n + 1, "……", "……"])
    return page.bytes()
