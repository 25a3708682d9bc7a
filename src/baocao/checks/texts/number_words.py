"""What stands in a number cell and is no number: what it may mean here, said in the words of the form.

Nothing is guessed: `-` may be 0 or NP, `chưa có số liệu` is neither, `l2` may be 12. A suggestion is only given where
the text means one number whoever reads it; everything else is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import printed
from baocao.checks.texts.suggestions import likely_number
from baocao.model.form import ColumnRole, Nature, ValueType
from baocao.model.period import Period
from baocao.text import day_text, fold, halfwidth, without_unseen

_EDGES = " .…,;:?*\"'()[]"
_NOTHING = {
    *(
        "",
        "-",
        "–",
        "—",
        "_",
        "/",
        "\\",
        "không",
        "không có",
        "ko",
        "ko có",
        "k",
        "k có",
        "kg có",
        "hk",
        "hông",
        "khong",
    ),
    *(
        "khong co",
        "không ps",
        "kps",
        "k ps",
        "ko ps",
        "kpsinh",
        "nil",
        "none",
        "no",
        "null",
        "n/a",
        "na",
        "không áp dụng",
    ),
    *("rỗng", "trống", "không phát sinh trong kỳ", "không có phát sinh", "chưa phát sinh", "ktb", "không thực hiện"),
}
_UNKNOWN = {"đang cập nhật", "sẽ bổ sung", "bổ sung sau", "không rõ", "ko rõ", "tbc", "n.a.", "chờ số liệu"}
_UNKNOWN_BEGINS = (
    *("chưa có", "chưa tổng hợp", "chưa thống kê", "chưa rõ", "chưa cập nhật", "chưa báo cáo", "chưa xác định"),
    *("đang thống kê", "đang rà soát", "đang tổng hợp", "chờ "),
)
_MARKS = {"x", "xx", "v", "√", "✓", "✔", "có", "co", "đạt", "rồi", "yes", "y", "ok"}
_ZERO_AND_WORDS = re.compile(r"0[^\d]*[a-zà-ỹđ][^\d]*")
# Letters typed where they look like digits.
_LOOK_ALIKE = str.maketrans({"l": "1", "I": "1", "i": "1", "|": "1", "O": "0", "o": "0"})
_LIKE_DIGITS = re.compile(r"[0-9lIi|Oo]+")
_BRACKETED = re.compile(r"\(\s*([0-9][0-9.,]*)\s*\)")
_SEVERAL = re.compile(r"[0-9][0-9.,]*\s*([-–+/x×*:;])\s*[0-9][0-9.,]*")
_SCALED = re.compile(r"([0-9][0-9.,]*)\s*(nghìn|ngàn|triệu|tr|tỷ|tỉ)\b.*")
_SCALES = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tr": 6, "tỷ": 9, "tỉ": 9}
_ONE_NUMBER = re.compile(r"[^0-9]*([0-9](?:[0-9.,]*[0-9])?)[^0-9]*")
_CURRENCY = {"đồng", "đ", "vnđ", "vnd", "vn đồng"}
_A_DATE = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_FIRST_DAY = date(1899, 12, 30)


class Meaning(Enum):
    """What a word typed in place of a figure says."""

    NOTHING = "nothing"
    """nil or zero: which of them must be said"""
    UNKNOWN = "unknown"
    """not known yet: neither nil nor zero"""
    MARK = "mark"
    """ticked, not counted"""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a message about the cell says, and the value it offers: empty when it asks."""

    message: str
    suggestion: object = ""


def meaning_of(raw: str) -> Meaning | None:
    """What a text without digits says in the place of a number; None when it is none of the usual words."""
    text = fold(halfwidth(raw))
    bare = text.strip(_EDGES)
    # Before `_NOTHING`: dots alone, a place left to be filled, are stripped to an empty text and mean neither.
    if not bare or bare in _UNKNOWN or bare.startswith(_UNKNOWN_BEGINS):
        return Meaning.UNKNOWN
    if bare in _NOTHING or set(bare) <= set("-–—_/=~"):
        return Meaning.NOTHING
    return Meaning.MARK if bare in _MARKS else None


def zero_or_nil(spec: CellSpec, period: Period) -> str:
    """What 0 and NP mean in this cell."""
    what = spec.row.unit if spec.row.unit and spec.row.unit not in {"%", "số"} else "trường hợp"
    role = spec.column.role
    if role.is_plan:
        return f"0 là có kế hoạch và kế hoạch là 0 {what}; NP là không được giao kế hoạch"
    if role is ColumnRole.OPENING:
        return f"0 là có theo dõi và đầu kỳ không có {what} nào; NP là việc này không thuộc phạm vi của đơn vị"
    if spec.type is ValueType.MONEY:
        return "0 là được giao, theo dõi khoản này và số tiền bằng 0; NP là đơn vị không có khoản này"
    if spec.row.nature is Nature.STOCK and role not in {ColumnRole.INCREASE, ColumnRole.DECREASE}:
        return (
            f"0 là có theo dõi và đến ngày chốt {day_text(period.cutoff_on)} không có {what} nào; NP là việc này không "
            "thuộc phạm vi của đơn vị"
        )
    return (
        f"0 là có theo dõi và trong kỳ không có {what} nào; NP là không phát sinh hoặc việc này không thuộc phạm vi "
        "của đơn vị"
    )


def advice_for(raw: str, spec: CellSpec, period: Period, wanted: str) -> Advice:
    """What to say about a text in a number cell that is no number."""
    meaning = meaning_of(raw)
    both = zero_or_nil(spec, period)
    blank = " Cả dòng không có gì thì để trống cả dòng." if spec.optional else ""
    if not (spec.required or spec.optional):
        blank = " Ô này được để trống."
    if meaning is Meaning.NOTHING:
        return Advice(f"«{raw}» chưa cho biết là 0 hay NP. Ở ô này {both}. Hãy gõ 0 hoặc NP.{blank}", "0 hoặc NP")
    if meaning is Meaning.UNKNOWN:
        return Advice(
            f"«{raw}» là chưa biết, không phải 0 cũng không phải NP. Hãy lấy số tính đến hết "
            f"{day_text(period.cutoff_on)} rồi nhập {wanted}. Ở ô này {both}.{blank}"
        )
    if meaning is Meaning.MARK:
        return Advice(f"«{raw}» là đánh dấu, chưa cho biết bao nhiêu. Hãy nhập {wanted}. Ở ô này {both}.{blank}")
    if _ZERO_AND_WORDS.fullmatch(fold(raw).strip(_EDGES)) and not _only_the_unit(raw, spec):
        return Advice(f"«{raw}» ghi số 0 kèm chữ. Ở ô này {both}. Hãy chỉ gõ 0, hoặc chỉ gõ NP.", "0 hoặc NP")
    return _about_a_number(raw, spec, wanted)


def _about_a_number(raw: str, spec: CellSpec, wanted: str) -> Advice:
    text = " ".join(halfwidth(without_unseen(raw)).split())
    # `²`, `½`, digits of other scripts: Python reads some of them as numbers, a person sees something else.
    strange = [c for c in text if c.isnumeric() and not c.isascii()]
    if strange:
        names = ", ".join(f"«{c}» (U+{ord(c):04X})" for c in dict.fromkeys(strange))
        return Advice(f"«{raw}» có ký tự số lạ: {names}. Hãy gõ lại bằng các chữ số 0-9 thường: {wanted}.")
    if serial := _serial_of(text):
        return Advice(
            f"Bảng tính đã đổi ô này thành ngày «{raw}» (số lưu bên trong là {serial}). Hãy đổi định dạng ô về Số "
            f"(Number) rồi nhập lại {wanted}."
        )
    if text.endswith("%"):
        return Advice(f"«{raw}» là tỷ lệ, ô này nhận số lượng. Hãy nhập {wanted}, không kèm dấu %.")
    if match := _BRACKETED.fullmatch(text):
        return Advice(
            f"«{raw}» trong kế toán là số âm {match[1]}, ô này chỉ nhận số từ 0 trở lên. Nếu số đúng là {match[1]} thì "
            f"gõ {match[1]}, không có ngoặc."
        )
    if _LIKE_DIGITS.fullmatch(text) and (meant := text.translate(_LOOK_ALIKE)):
        letters = ", ".join(f"«{c}»" for c in dict.fromkeys(text) if not c.isdigit())
        return Advice(f"«{raw}» có chữ cái {letters} ở chỗ của chữ số. Nếu là {meant} thì gõ {meant} bằng các phím số.")
    if match := _SCALED.fullmatch(text.lower()):
        return _about_scale(raw, spec, match)
    if match := _SEVERAL.search(text):
        how = (
            "tử số và mẫu số ghi ở hai ô riêng" if match[1] in "/:" else "cần một con số: hãy cộng lại hoặc ghi số đúng"
        )
        return Advice(f"«{raw}» có hai số; {how}. Hãy nhập {wanted}.")
    return _with_words(raw, text, spec, wanted)


def _with_words(raw: str, text: str, spec: CellSpec, wanted: str) -> Advice:
    value = likely_number(text, spec.type)
    if value is not None and (_only_the_unit(text, spec) or _tidy(text)):
        return Advice(
            f"«{raw}» không phải là số. Hãy nhập {wanted}, không kèm chữ. Nếu đúng là số ở mục gợi ý thì nhập lại như "
            "gợi ý.",
            value,
        )
    if value is not None:
        number = printed(value, spec.type)
        return Advice(
            f"«{raw}» không phải là số. Nếu số đúng là {number} thì chỉ gõ {number}; nếu không, nhập {wanted}."
        )
    return Advice(f"«{raw}» không phải là số. Hãy nhập {wanted}, không kèm chữ.")


def _tidy(text: str) -> bool:
    """Nothing but digits, marks and blanks: `1 ,234`, not `~12` or `>12`."""
    return all(c.isdigit() or c in ".,' " for c in text)


def _only_the_unit(text: str, spec: CellSpec) -> bool:
    """`12 người` where the row counts người; `12.000 đ` where it is money."""
    match = _ONE_NUMBER.fullmatch(halfwidth(text))
    if match is None or text[: match.start(1)].strip():
        return False
    after = fold(text[match.end(1) :]).strip(" .")
    return after == fold(spec.row.unit) or (spec.type is ValueType.MONEY and after in _CURRENCY)


def _about_scale(raw: str, spec: CellSpec, match: re.Match[str]) -> Advice:
    """`1,5 tỷ`: an amount in words of scale is the amount in đồng, asked for."""
    amount = likely_number(match[1], ValueType.DECIMAL)
    if amount is None and "," in match[1]:
        amount = Decimal(match[1].replace(".", "").replace(",", "."))
    if amount is None:
        return Advice(f"«{raw}» không phải là số. Hãy viết đủ các chữ số, không viết «{match[2]}».")
    full = printed(int(amount * 10 ** _SCALES[match[2]]), ValueType.MONEY)
    unit = " đồng" if spec.type is ValueType.MONEY else ""
    return Advice(
        f"«{raw}» viết tắt bằng «{match[2]}». Ô này cần đủ các chữ số: nếu đúng là {full}{unit} thì gõ {full}."
    )


def _serial_of(text: str) -> int:
    """The number behind a date that a spreadsheet made of it; 0 when the text is none."""
    match = _A_DATE.fullmatch(text)
    if match is None:
        return 0
    try:
        day = date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return 0
    serial = (day - _FIRST_DAY).days
    # Spreadsheets count 29/02/1900, a day that never was, as number 60.
    return serial - 1 if serial <= 60 else serial
