"""The sentences that answer a file we do not open: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baocao.forms.reading.raw import BROKEN, Unreadable

if TYPE_CHECKING:
    from baocao.model.submission import Rejection, Screening

EMPTY = "Tệp rỗng, không có dữ liệu. Hãy kiểm tra tệp trên máy rồi gửi lại tệp biểu mẫu đã điền (.xlsx)."

TOO_LARGE = (
    "Tệp lớn {size} MB, quá giới hạn {limit} MB. Hãy bỏ hình ảnh và các trang không thuộc biểu mẫu, lưu lại rồi gửi."
)

WRONG_TYPE = {
    "pdf": "Đây là tệp PDF, không lấy được số liệu. Hãy gửi tệp biểu mẫu Excel (.xlsx) đã điền; bản PDF chỉ để lưu.",
    "image": "Đây là tệp hình ảnh, không lấy được số liệu. Hãy gửi tệp biểu mẫu Excel (.xlsx) đã điền.",
    "word": "Đây là tệp Word, không phải biểu mẫu Excel. Hãy gửi tệp biểu mẫu (.xlsx) đã điền.",
    "powerpoint": "Đây là tệp trình chiếu, không phải biểu mẫu Excel. Hãy gửi tệp biểu mẫu (.xlsx) đã điền.",
    "xls": (
        "Đây là tệp Excel kiểu cũ (.xls). Hãy mở tệp, chọn “Lưu thành” kiểu Excel Workbook (.xlsx) rồi gửi lại; tốt "
        "nhất là điền vào đúng tệp biểu mẫu đã nhận."
    ),
    "xlsb": (
        "Đây là tệp Excel nhị phân (.xlsb). Hãy mở tệp, chọn “Lưu thành” kiểu Excel Workbook (.xlsx) rồi gửi lại."
    ),
    "ods": "Đây là tệp OpenDocument (.ods). Hãy mở tệp, chọn “Lưu thành” kiểu Excel 2007-365 (.xlsx) rồi gửi lại.",
    "archive": "Đây là tệp nén. Hãy giải nén và gửi thẳng tệp biểu mẫu Excel (.xlsx), không nén.",
    "text": "Đây là tệp văn bản hoặc CSV, không phải biểu mẫu Excel. Hãy gửi tệp biểu mẫu (.xlsx) đã điền.",
    "unknown": "Tệp không phải là tệp Excel (.xlsx). Hãy gửi tệp biểu mẫu (.xlsx) đã nhận, sau khi điền.",
}

ENCRYPTED = (
    "Tệp có đặt mật khẩu nên không mở được. Hãy mở tệp, bỏ mật khẩu (Tệp > Thông tin > Bảo vệ sổ làm việc > Mã hóa "
    "bằng mật khẩu: xóa trắng), lưu lại rồi gửi."
)
MALWARE = (
    "Chương trình diệt virus phát hiện mã độc trong tệp ({name}). Hãy quét virus máy đang dùng, lấy lại tệp biểu mẫu "
    "đã nhận trên máy sạch, điền lại rồi gửi."
)
MACROS = (
    "Tệp có macro hoặc đối tượng nhúng, không được nhận vì lý do an toàn. Hãy lưu tệp thành kiểu Excel Workbook "
    "(.xlsx) không có macro, bỏ các đối tượng nhúng, rồi gửi lại."
)
EXTERNAL_LINKS = (
    "Tệp có liên kết lấy số liệu từ tệp hoặc nguồn khác nên số liệu có thể tự đổi. Hãy vào Dữ liệu > Sửa liên kết > "
    "Ngắt liên kết (Data > Edit Links > Break Link), hoặc dán lại bằng “Dán giá trị”, lưu lại rồi gửi."
)
OUTSIDE_FORMULA = (
    "Trang “{sheet}”, ô {where} có công thức {called} lấy số liệu từ ngoài tệp nên số liệu có thể tự đổi. Hãy chép ô "
    "đó, dán lại vào chỗ cũ bằng “Dán giá trị”, hoặc nhập thẳng số; lưu lại rồi gửi."
)
OUTSIDE_NAME = (
    "Tên vùng “{name}” trong tệp có công thức {called} lấy số liệu từ ngoài tệp. Hãy vào Công thức > Quản lý tên "
    "(Formulas > Name Manager), xóa tên vùng đó, lưu lại rồi gửi."
)
DTD = (
    "Tệp có cấu trúc không do phần mềm bảng tính tạo ra nên không được nhận. Hãy chép số liệu sang tệp biểu mẫu đã "
    "nhận bằng “Dán giá trị” rồi gửi tệp đó."
)
ZIP_LIMITS = (
    "Tệp bung ra quá lớn hoặc có cấu trúc bất thường nên không được mở. Hãy chép số liệu sang tệp biểu mẫu đã nhận "
    "bằng “Dán giá trị” rồi gửi tệp đó."
)
TOO_MANY_SHEETS = (
    "Tệp có {count} trang, quá giới hạn {limit} trang. Hãy xóa các trang không thuộc biểu mẫu rồi gửi lại."
)
FAR_CELLS = (
    "Trang “{sheet}” có dữ liệu hoặc định dạng ở ô rất xa ({where}). Hãy chọn các dòng, cột trống phía sau biểu, xóa "
    "hẳn (Delete), lưu lại rồi gửi; hoặc chép số liệu sang tệp biểu mẫu đã nhận."
)
HEAVY = (
    "Tệp có quá nhiều {what} nên không xử lý được. Hãy chép số liệu sang tệp biểu mẫu đã nhận bằng “Dán giá trị” rồi "
    "gửi tệp đó."
)


def refuse(reason: Screening, message: str, **details: object) -> Rejection:
    """A rejection whose sentence has its details filled in."""
    from baocao.model.submission import Rejection

    return Rejection(reason, message.format(**details) if details else message)


def refused(reason: str, message: str, **details: object) -> Unreadable:
    """The same to be raised where the file is being opened: in the reader's process, which loads nothing heavy.

    `reason` is a value of `Screening`.
    """
    return Unreadable(reason, message.format(**details) if details else message)


def broken() -> Unreadable:
    """The package cannot be opened at all: cut off, or damaged on the way."""
    return Unreadable("unreadable", BROKEN)
