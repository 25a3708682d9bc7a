"""Persons have no place in a report of counts: the rule looks for numbers and names of people in free text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading
from baocao.model.form import ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Severity
from baocao.text import fold, nfc

_MONEY_AFTER = r"(?!\s*(?:đ\b|đồng|vnđ|vnd|nghìn|ngàn|triệu|tỷ|tỉ|m2|m²|ha\b))"
IDENTITY_NUMBER = (
    rf"(?<![\d.,])(?:0\d{{2}}[ .]?\d{{3}}[ .]?\d{{3}}[ .]?\d{{3}}|\d{{12}}|\d{{9}})(?![\d]|[.,]\d){_MONEY_AFTER}"
)
"""Căn cước (12 digits, also in groups of three, begins with 0) or chứng minh nhân dân (9 digits); not an amount of
money, which is grouped by dots or followed by its unit."""
PHONE_NUMBER = (
    r"(?<![\d.,])(?:\+?84|0)[ .]?(?:[35789]\d{1,2}|2\d{1,2})[ .]?(?:\d{3}[ .]?\d{3,4}|\d{4}[ .]?\d{3})(?![\d]|[.,]\d)"
)
"""Mobile numbers (10 digits) and land lines (11 digits)."""
_NUMBERS = re.compile(f"{IDENTITY_NUMBER}|{PHONE_NUMBER}", re.IGNORECASE)

_SURNAME = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Đào|Đoàn|Lương|Trương|Trịnh|Mai|Tô|"
    "Hà|Cao|Lâm|Phùng|Tạ|Thái|Chu|Quách|Vi|Lò|Giàng|Vàng|Sùng|Thào|Hơ|Lầu|Mùa|Cầm|Quàng|Tòng|Bạch|Kiều|Lưu|Nghiêm|Khúc"
)
_LOWER = "a-zàáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
# Without the range `a-z` at its beginning, whose capitals are the other way to write it.
_UPPER = _LOWER[3:].upper() + "A-Z"
_WORD = rf"[{_UPPER}][{_LOWER}]*"
_TITLE = r"(?:[ÔôBb](?:ng|à)|[Aa]nh|[Cc]hị|[Cc]ụ|[Cc]háu|[Ee]m|đối tượng|bị can|nghi phạm|Đối tượng)"
_TITLED = re.compile(rf"\b{_TITLE}\s+({_WORD}(?:\s+{_WORD}){{1,4}})(?!\w)")
_FULL = re.compile(rf"(?<!\w)((?:{_SURNAME})(?:\s+{_WORD}){{2,3}})(?!\w)")
_CAPITALS = re.compile(
    rf"(?<!\w)((?:{_SURNAME.upper()})\s+(?:VĂN|THỊ|ĐÌNH|ĐỨC|HỮU|XUÂN|QUANG)(?:\s+[{_UPPER}]+){{1,2}})(?!\w)"
)
"""In capitals only with a usual middle name: `HỒ SƠ VỤ VIỆC` begins with a surname too."""
_PLACE_BEFORE = re.compile(
    r"(?:đường|phố|xã|phường|thôn|bản|làng|xóm|trường|khu|thị trấn|huyện|quận|tỉnh|thành phố|tp\.?|công viên|đền|chợ|"
    r"học|thpt|thcs|tư tưởng|giải|quỹ|chùa|cầu|núi|sông|đội|chi bộ|điểm|đặc khu|tổ dân phố)\s*$",
    re.IGNORECASE,
)


def free_texts(layout: Layout) -> tuple[CellSpec, ...]:
    """Cells in which somebody writes sentences, explanation columns among them."""
    return tuple(s for s in layout.specs.values() if s.entered and s.type is ValueType.TEXT)


def number_of_a_person(text: str) -> str | None:
    """The first identity or phone number in `text`."""
    found = _NUMBERS.search(text)
    return found.group() if found else None


def name_of_a_person(text: str, places: frozenset[str] = frozenset()) -> str | None:
    """The first thing that looks like a person's name: after a form of address, or a surname and two more names.

    Names after a word for a place (`đường Lê Lợi`) and names that hold a unit's name (`places`, folded) are not.
    """
    text = nfc(text)
    for pattern in (_TITLED, _FULL, _CAPITALS):
        for match in pattern.finditer(text):
            name = match.group(1)
            # Streets and schools are named after persons; after a form of address it is a person all the same.
            if pattern is not _TITLED and _PLACE_BEFORE.search(text[: match.start()]):
                continue
            if fold(name) in places:
                continue
            return name
    return None


@lru_cache(maxsize=16)
def _place_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(name) for name in names)


def check_texts(reading: Reading, texts: Iterable[tuple[CellSpec, str]]) -> None:
    """Numbers of persons block, names are asked about. What was found is masked: the finding has more readers than the
    text."""
    places: frozenset[str] | None = None
    for spec, text in texts:
        number = number_of_a_person(text)
        if number is not None:
            reading.report(
                RuleKind.NO_PERSONAL_DATA,
                spec,
                "Ô này có dãy số giống số căn cước, chứng minh nhân dân hoặc điện thoại. Báo cáo chỉ ghi số đếm: "
                "hãy xóa dãy số. Nếu là số tiền, hãy viết có dấu chấm ngăn hàng nghìn hoặc kèm chữ «đồng».",
                expected="không có số giấy tờ, số điện thoại của cá nhân",
                # Masked, because the finding goes into letters and pages that the text itself never enters.
                actual=number[:3] + "…",
            )
            continue
        if places is None:
            places = _place_names(tuple(u.name for u in reading.layout.pack.units))
        name = name_of_a_person(text, places)
        if name is not None:
            reading.report(
                RuleKind.NO_PERSONAL_DATA,
                spec,
                "Ô này có chữ giống họ tên cá nhân. Báo cáo chỉ ghi số đếm: hãy xóa họ tên; nếu không phải tên người "
                "thì ghi rõ ở cột giải trình.",
                expected="không có họ tên cá nhân",
                actual=" ".join(word[0] + "…" for word in name.split()),
                # What looks like a name may be something else; such a number hardly is.
                severity=Severity.EXPLAIN,
            )
