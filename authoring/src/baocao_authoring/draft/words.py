"""The words of official forms: what a heading, a unit of measure, a numbering or a line around the table says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from baocao.model.form import ColumnRole, ValueType
from baocao.text import capitalised, fold, nfc, without_diacritics

STT = frozenset({"stt", "tt", "số tt", "số thứ tự"})
CODE = frozenset({"mã", "mã số", "mã chỉ tiêu", "ms"})
MEASURE = frozenset({"đvt", "đơn vị tính", "đv tính", "đơn vị"})
_NAME = (
    "chỉ tiêu", "tên chỉ tiêu", "nội dung", "danh mục", "nguồn vốn", "nguồn kinh phí", "hạng mục", "diễn giải",
    "tiêu chí", "nhiệm vụ", "lĩnh vực", "tên dự án", "dự án", "nhóm chỉ tiêu", "loại ", "tên ", "các chỉ tiêu",
    "khoản mục",
)  # fmt: skip
_NOTE = ("ghi chú", "giải trình", "thuyết minh")
UNIT_LIST = ("xã, phường", "xã/phường", "tên xã", "tên đơn vị", "đơn vị báo cáo", "địa phương", "huyện")


def is_name(text: str) -> bool:
    """A heading over the lines' names."""
    return len(text) < 60 and fold(text).startswith(_NAME)


def is_note(text: str) -> bool:
    """Whether the heading is that of a column of notes or explanations."""
    return len(text) < 60 and fold(text).startswith(_NOTE)


def is_heading_word(text: str) -> bool:
    """A word that stands only in the head of a table."""
    folded = fold(text).strip(" .:*")
    return folded in STT | CODE | MEASURE or (":" not in text and (is_name(text) or is_note(text)))


_COUNTED = (
    "người", "đối tượng", "vụ", "vụ việc", "lượt", "lượt người", "lớp", "buổi", "cuộc", "hộ", "cơ sở", "điểm", "cái",
    "chiếc", "bộ", "trường", "trạm", "xã", "thôn", "bản", "văn bản", "tin", "bài", "tin, bài", "hồ sơ", "dự án",
    "mô hình", "đơn vị", "học sinh", "trường hợp", "cây", "đường dây", "tụ điểm", "bị can", "bị cáo", "viên", "quyển",
    "giấy phép", "doanh nghiệp", "công trình", "câu lạc bộ",
    "ngày công", "đội", "đợt", "nhóm", "lần", "phiếu", "số", "con", "kế hoạch",
)  # fmt: skip
_MEASURED = (
    "ha",
    "m²",
    "m2",
    "m",
    "km",
    "kg",
    "g",
    "gam",
    "gram",
    "tấn",
    "tạ",
    "lít",
    "ml",
    "m³",
    "m3",
    "giờ",
    "km²",
    "km2",
)
_MONEY = {
    "đồng": 0, "vnđ": 0, "vnd": 0, "nghìn đồng": 3, "ngàn đồng": 3, "1.000 đồng": 3, "1000 đồng": 3, "1.000đ": 3,
    "triệu đồng": 6, "tr.đ": 6, "trđ": 6, "tr. đồng": 6, "tr.đồng": 6, "tỷ đồng": 9, "tỉ đồng": 9,
}  # fmt: skip
_BOOL = ("có/không", "có, không", "có/ không", "c/k")


def type_of_unit(unit: str) -> ValueType | None:
    """What a figure in this unit of measure is; None for a unit we do not know."""
    folded = fold(unit).strip(" .")
    if folded in _MONEY:
        return ValueType.MONEY
    if folded in _MEASURED:
        return ValueType.DECIMAL
    if folded in {"%", "phần trăm", "tỷ lệ", "tỷ lệ %"}:
        return ValueType.RATIO
    if folded in _BOOL:
        return ValueType.BOOL
    return ValueType.COUNT if folded in _COUNTED else None


def money_scale(unit: str) -> int:
    """Powers of ten between the unit and a đồng: 6 for `triệu đồng`."""
    return _MONEY.get(fold(unit).strip(" ."), 0)


def money_unit(unit: str) -> str:
    """The unit of money by its full name: `tr.đ` is `triệu đồng`."""
    return {0: "đồng", 3: "nghìn đồng", 6: "triệu đồng", 9: "tỷ đồng"}[money_scale(unit)]


_DATES = ("ngày", "thời gian", "thời điểm", "từ ngày", "đến ngày")
_TEXTS = (
    "số, ký hiệu", "số ký hiệu", "số quyết định", "số văn bản", "số hiệu", "tên ", "họ và tên", "địa chỉ", "địa điểm",
    "địa bàn", "nội dung", "trích yếu", "hình thức", "cơ quan", "người ", "chức vụ", "kết luận", "lý do", "tóm tắt",
    "loại ", "diễn biến", "số kế hoạch", "số thụ lý", "mã ",
    "khó khăn", "vướng mắc", "nguyên nhân", "kiến nghị", "đề xuất", "giải pháp", "tồn tại", "hạn chế", "nhận xét",
)  # fmt: skip
_YES_NO = re.compile(r"\((có\s*[/,]\s*không|c/k)\)", re.IGNORECASE)
_CHOICES = re.compile(r"\(([^()]*[/;][^()]*)\)\s*$")


def kind_of_heading(text: str) -> ValueType | None:
    """What a column asks for where its heading says it and it is no figure: a date, a text, yes or no."""
    folded = fold(text)
    if _YES_NO.search(text):
        return ValueType.BOOL
    if folded.startswith(_DATES) and "số ngày" not in folded and not folded.startswith("ngày công"):
        return ValueType.DATE
    counted = re.match(r"người\s+(tham gia|dự|được|bị|thuộc)", folded)
    return ValueType.TEXT if folded.startswith(_TEXTS) and not counted else None


_ROW_TEXTS = (
    "số, ký hiệu", "số ký hiệu", "số hiệu", "họ và tên", "địa chỉ", "trích yếu", "tên ", "khó khăn", "vướng mắc",
    "nguyên nhân", "kiến nghị", "đề xuất", "giải pháp", "tồn tại", "hạn chế", "nhận xét",
)  # fmt: skip


def kind_of_row(name: str, unit: str) -> ValueType | None:
    """What a line asks for whose unit of measure says nothing: narrower than `kind_of_heading`, for `Người nghèo` or
    `Cơ quan nhà nước` are counted in lines."""
    folded = fold(name)
    if _YES_NO.search(name):
        return ValueType.BOOL
    if folded.startswith("ngày ") and not folded.startswith("ngày công"):
        return ValueType.DATE
    return ValueType.TEXT if not unit and folded.startswith(_ROW_TEXTS) else None


def choices_in_brackets(text: str) -> tuple[str, ...]:
    """`Hình thức (trực tiếp/trực tuyến)` offers two answers; empty for units, yes or no, and days."""
    found = _CHOICES.search(text)
    if not found or _YES_NO.search(text) or unit_in_brackets(text):
        return ()
    options = tuple(o.strip(" .…") for o in re.split(r"[/;]", found[1]))
    if len(options) < 2 or any(
        not 1 < len(o) <= 40 or fold(o) in {"ngày", "tháng", "năm", "dd", "mm"} for o in options
    ):
        return ()
    return tuple(capitalised(o) for o in options)


_BRACKET = re.compile(r"\(([^()]{1,20})\)\s*$")


def unit_in_brackets(text: str) -> str:
    """`Diện tích (ha)` has the unit `ha`; empty when the bracket holds no unit of measure that is known."""
    found = _BRACKET.search(text)
    inside = re.sub(r"^(đvt|đơn vị( tính)?)\s*:?\s*", "", nfc(found[1]), flags=re.IGNORECASE) if found else ""
    return inside if inside and type_of_unit(inside) is not None else ""


_UNIT_SAID = re.compile(
    r"\(\s*(?:(?:đvt|đơn vị(?: tính)?)\s*:?)?\s*(?P<bracket>[^()]{1,20}?)\s*\)"
    r"|(?:đvt|đơn vị tính)\s*:?\s*(?P<named>[^(),;]{1,20}?)\s*$|\s*[,;–-]\s*(?P<last>[^(),;]{1,20}?)\s*$",
    re.IGNORECASE,
)


def unit_in_heading(text: str) -> str:
    """As `unit_in_brackets`, wherever the bracket stands; also `Kinh phí, triệu đồng` and `Kinh phí ĐVT: triệu đồng`.

    Behind a comma or a dash only money and measures count: `số thôn, bản` is no number of thôn in bản.
    """
    return next((found[1] for found in _units_said(nfc(text))), "")


def heading_in_dong(text: str) -> str:
    """The heading with a larger unit of money replaced: `Giải ngân (đồng)` for `Giải ngân (triệu đồng)`."""
    plain = nfc(text)
    for said, unit in _units_said(plain):
        if money_scale(unit):
            return plain.replace(said, " (đồng)" if not said.startswith("(") else "(đồng)", 1).replace("  ", " ")
    return text


def heading_without_unit(text: str) -> str:
    """The heading without the unit of measure it states."""
    plain = nfc(text)
    for said, _ in _units_said(plain):
        return nfc(plain.replace(said, " ", 1))
    return text


def _units_said(text: str) -> Iterator[tuple[str, str]]:
    """(as printed, the unit) of every known unit of measure that a heading states."""
    for found in _UNIT_SAID.finditer(text):
        unit = found["bracket"] or found["named"] or found["last"]
        kind = type_of_unit(unit)
        if kind is None or (found["last"] and kind not in {ValueType.MONEY, ValueType.DECIMAL}):
            continue
        yield found[0], unit


NOT_FOR_ANSWERS = frozenset({"x", "×", "xx", "xxx", "///", "//", "-"})
"""Marks of a cell that is not to be filled."""

# In order: the first word found decides, so "so với kế hoạch" is a ratio before it is a plan, and "lũy kế giai đoạn"
# the term's before it is the year's.
_ROLES: tuple[tuple[ColumnRole, tuple[str, ...]], ...] = (
    (ColumnRole.RATIO, ("%", "tỷ lệ", "tỉ lệ", "so với", "so sánh", "tăng, giảm", "mức độ hoàn thành")),
    (ColumnRole.DEBT, ("nợ đọng", "nợ xây dựng")),
    (ColumnRole.SETTLED, ("quyết toán",)),
    (ColumnRole.CUMULATIVE_TERM, ("lũy kế giai đoạn", "lũy kế từ đầu giai đoạn", "lũy kế từ đầu chương trình",
                                  "lũy kế từ khởi công")),
    (ColumnRole.CUMULATIVE_YEAR, ("lũy kế",)),
    (ColumnRole.ALLOCATED, ("phân bổ",)),
    (ColumnRole.OPENING, ("đầu kỳ", "tồn kỳ trước", "kỳ trước chuyển sang", "kỳ trước chuyển qua")),
    (ColumnRole.CLOSING, ("cuối kỳ", "còn lại")),
    (ColumnRole.PLAN_YEAR, ("kế hoạch", "dự toán", "chỉ tiêu giao", "vốn giao")),
    (ColumnRole.DENOMINATOR, ("mẫu số",)),
    (ColumnRole.INCREASE, ("tăng",)),
    (ColumnRole.DECREASE, ("giảm",)),
    (ColumnRole.ACTUAL, ("thực hiện", "kết quả", "giải ngân", "trong kỳ", "kỳ báo cáo", "số lượng", "phát sinh",
                         "số liệu", "tử số")),
)  # fmt: skip


def role_of(text: str) -> ColumnRole | None:
    """The role a heading names; None when it names none."""
    folded = fold(text)
    return next((role for role, words in _ROLES if any(w in folded for w in words)), None)


OF_WHICH = re.compile(r"^[-+–•]?\s*trong đó\b\s*:?\s*", re.IGNORECASE)
SPLIT_INTO = re.compile(r"^[-+–•]?\s*(chia ra|chia theo|phân theo|phân ra|bao gồm|gồm có|gồm)\b\s*:?\s*", re.IGNORECASE)
_TOTAL = re.compile(
    r"^(tổng số|tổng cộng|cộng(?! (tác|đồng|hòa|hoà))|tổng(?= các| cả|$|[:(+]))(?=$|[\s:(+])", re.IGNORECASE
)
_TOTAL_ALONE = re.compile(
    r"^(tổng số|tổng cộng|cộng|tổng)(\s+(chung|toàn \w+|toàn tỉnh|các mục|mục \w+|phần \w+|[ivx]+))?\s*:?\s*(\(.*\))?$",
    re.IGNORECASE,
)


def says_total(text: str) -> bool:
    """`Tổng số …`, `Cộng …`: the line (or column) calls itself a total."""
    return bool(_TOTAL.match(nfc(text)))


_PEOPLE = re.compile(
    r"^(chung|tổng|cả nam|số lượng|người\b|dân số|nhân khẩu|(số|số lượng) (người|cán bộ|công chức|viên chức|học viên|"
    r"học sinh|sinh viên|giáo viên|lao động|đảng viên|đoàn viên|hội viên|đại biểu|đối tượng|thành viên|nhân khẩu|trẻ|"
    r"lượt người|bị can|bị cáo))"
)


def says_women(text: str) -> bool:
    """Nothing but women: `Nữ`, `Số nữ (người)`."""
    folded = re.sub(r"\(.*?\)", "", fold(text)).strip(" .:-+–•")
    return folded in {"nữ", "số nữ", "là nữ", "nữ giới", "phụ nữ", "số lượng nữ"}


def says_men(text: str) -> bool:
    """Nothing but men: `Nam`."""
    return re.sub(r"\(.*?\)", "", fold(text)).strip(" .:-+–•") in {"nam", "số nam", "là nam", "nam giới"}


def says_everybody(text: str) -> bool:
    """A heading that counts people of both sexes: `Chung`, `Tổng số`, `Số lượng`, `Số người`."""
    return bool(_PEOPLE.match(fold(text).strip(" .:"))) and not fold(text).endswith(" nữ")


def is_total_line(text: str) -> bool:
    """Nothing but a total: `Tổng số`, `TỔNG CỘNG (I+II)`, `Cộng mục A`."""
    return bool(_TOTAL_ALONE.match(nfc(text)))


_SIGNATURE = (
    "người lập biểu", "người lập", "thủ trưởng", "kế toán trưởng", "(ký", "ký tên", "nơi nhận", "tm. ", "kt. ",
    "người báo cáo", "lãnh đạo đơn vị", "chủ tịch", "người duyệt", "người kiểm tra biểu", "giám đốc", "phó chủ tịch",
)  # fmt: skip
_DATE_LINE = re.compile(r"ngày\s*[….\d]*\s*tháng", re.IGNORECASE)
_NOTE_LINE = ("ghi chú", "(*)", "*", "lưu ý", "giải thích", "nguồn số liệu", "hướng dẫn")


def is_signature(text: str) -> bool:
    """A line of the signature block."""
    folded = fold(text)
    return folded.startswith(_SIGNATURE) or (len(folded) < 80 and bool(_DATE_LINE.search(folded)))


def is_note_line(text: str) -> bool:
    """A line that begins the notes under a table."""
    return fold(text).startswith(_NOTE_LINE)


_STOP = {"", "va", "cua", "cac", "co", "o", "trong", "do", "theo", "chia", "ra", "so", "ky"}
_SHORT = {
    "ngân sách trung ương": "NSTW", "ngân sách địa phương": "NSDP", "ngân sách nhà nước": "NSNN",
    "ngân sách tỉnh": "NST", "ngân sách xã": "NSX", "đầu tư phát triển": "DT", "đtpt": "DT", "sự nghiệp": "SN",
    "tổng số": "TS", "tổng cộng": "TC", "cộng": "TC", "lũy kế": "LK", "kế hoạch": "KH", "giải ngân": "GN",
    "thực hiện": "TH", "chi thường xuyên": "TX", "thường xuyên": "TX",
}  # fmt: skip


def initials(text: str, most: int = 10) -> str:
    """A code from a heading: known abbreviations, else first letters and whole numbers; ASCII capitals."""
    folded = re.sub(r"\(.*?\)", " ", fold(text))
    parts: list[str] = []
    known = {fold(w) for w in text.split() if w.isupper() and 2 <= len(w) <= 5 and (not text.isupper() or w == text)}
    for word in known:
        folded = re.sub(rf"\b{re.escape(word)}\b", f"§{without_diacritics(word)}", folded)
    for long, short in _SHORT.items():
        if long in folded:
            folded = folded.replace(long, f" §{short} ")
    for word in folded.split():
        if word.startswith("§"):
            parts.append(word[1:].upper())
            continue
        plain = re.sub(r"[^a-z0-9]", "", without_diacritics(word).lower())
        if plain in _STOP:
            continue
        parts.append(plain if plain.isdigit() else plain[0].upper())
    if len(parts) == 1 and len(parts[0]) == 1:
        word = next(w for w in folded.split() if w not in _STOP)
        parts = [re.sub(r"[^A-Z0-9]", "", without_diacritics(word).upper())[:4]]
    code = "".join(parts)[:most] or "C"
    return code if code[0].isalpha() else f"C{code}"[:most]
