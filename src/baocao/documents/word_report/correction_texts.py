"""How a correction is worded: the same words in the Word report, the covering letter, the workbook and the summary."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from baocao.documents.row_figures import FROM_ZERO, NOT_SHARED
from baocao.documents.word_report.numerals import count, decimal, figure, long_day, magnitude, two_digits, unit_of
from baocao.exact import Number
from baocao.model.correction import CorrectedCell, Correction, Replaced
from baocao.model.form import ValueType
from baocao.model.report import ProvinceValue
from baocao.text import first_few

NIL = "không phát sinh"
WITHHELD = f"{NOT_SHARED} (chưa đủ đơn vị có kế hoạch)"
"""Instead of a share of the plan that is not the whole's."""
_NAMES = 3


def document(replaced: Replaced) -> str:
    """`Báo cáo số 05/BC-UBND ngày 05 tháng 6 năm 2026`."""
    number = replaced.number.strip()
    # NĐ 30/2020, Phụ lục I: numbers below 10 get a 0 before them. `05A` is left as the registry wrote it.
    number = number.zfill(2) if number.isdigit() else number
    return f"Báo cáo số {number}/{replaced.symbol} {long_day(replaced.signed_on)}"


def replaces(correction: Correction, issuer: str) -> str:
    """The sentence a correction opens with."""
    return f"Báo cáo này thay thế {document(correction.replaces)} của {issuer}."


def reason(correction: Correction) -> str:
    """Why, in the words of whoever opened the correction."""
    return f"Lý do đính chính: {correction.reason.rstrip(' .')}."


def extent(correction: Correction) -> list[str]:
    """How much differs and who sent anew, one sentence each; nothing is said about what does not differ."""
    # Only reached by a correction of the document itself (`correct --document`); one of figures that says nothing new
    # is refused (ADR 0015).
    if correction.is_empty:
        return ["Số liệu và lời văn không thay đổi; chỉ đính chính số, ký hiệu, ngày ký hoặc người ký của văn bản."]
    lines = [
        f"Số liệu thay đổi ở {two_digits(len(correction.changes))} ô"
        + (f"; lời văn thay đổi ở {two_digits(len(correction.texts))} nội dung." if correction.texts else ".")
    ]
    for title in dict.fromkeys(change.title for change in correction.lists):
        changed = [change for change in correction.lists if change.title == title]
        units = len({change.unit for change in changed})
        lines.append(
            f"Danh sách «{title}» thay đổi ở {two_digits(len(changed))} trường hợp, của {two_digits(units)} đơn vị."
        )
    if correction.resent:
        names = named(r.unit_name for r in correction.resent)
        lines.append(f"Có {two_digits(len(correction.resent))} đơn vị có báo cáo mới: {names}.")
    if correction.excused_or_owing:
        lines.append(f"Thay đổi về nghĩa vụ báo cáo: {named(correction.excused_or_owing)}.")
    if correction.compared:
        lines.append(
            f"Số cùng kỳ năm trước thay đổi ở {two_digits(correction.compared)} ô do báo cáo kỳ đó đã được đính chính."
        )
    return lines


def named(names: Iterable[str], most: int = 12) -> str:
    """The first names, and how many more."""
    return first_few(names, most, "đơn vị")


def printed(change: CorrectedCell) -> tuple[str, str, str]:
    """(old, new, difference with its sign) as texts; written out exactly where rounding would hide the difference."""
    old = _said(change, change.old, from_zero=change.old_from_zero, withheld=change.old_withheld)
    new = _said(change, change.new, from_zero=change.new_from_zero, withheld=change.new_withheld)
    difference = change.difference
    if not difference:
        return old, new, ""
    # Rounded they look alike: a change of 1.000 đồng in triệu đồng would be printed as no change.
    if old == new:
        old, new = (_exact(v.value, change.type) for v in (change.old, change.new) if v is not None)
        return old, new, _signed(difference, _exact(magnitude(difference), change.type))
    return old, new, _signed(difference, figure(magnitude(difference), _type(change.type, difference)))


def sources(change: CorrectedCell) -> str:
    """Whose cells explain the change."""
    names = list(dict.fromkeys(cause.unit_name for cause in change.causes))
    return named(names, _NAMES) if names else "số liệu kỳ trước hoặc danh mục đơn vị"


def row(change: CorrectedCell) -> dict[str, object]:
    """A row of the table in the Word report."""
    old, new, difference = printed(change)
    return {
        "item": change.item,
        "name": f"{change.name} ({change.column})",
        "unit": unit_of(change.measure, change.type),
        "old": old,
        "new": new,
        "difference": difference,
        "units": sources(change),
    }


def _said(change: CorrectedCell, value: ProvinceValue | None, *, from_zero: bool, withheld: bool) -> str:
    if value is None:
        return ""
    # The number of units stays, only their distribution over the classes differs.
    if value.classes and change.difference == 0:
        return "; ".join(f"{name}: {count(number)}" for name, number in value.classes)
    if value.nil:
        return NIL
    if value.value is None:
        return FROM_ZERO if from_zero else WITHHELD if withheld else ""
    return figure(value.value, _type(change.type, value.value))


def _type(kind: ValueType, value: Number) -> ValueType:
    if isinstance(value, Fraction):
        return ValueType.RATIO
    # A yes-count or a class count is a number of units.
    return kind if kind.is_number or kind is ValueType.RATIO else ValueType.COUNT


def _exact(value: Number | None, kind: ValueType) -> str:
    if value is None:
        return ""
    if kind is ValueType.MONEY and isinstance(value, int):
        return f"{count(value)} đồng"
    return decimal(value, 6).rstrip("0").rstrip(",")


def _signed(difference: Number, text: str) -> str:
    return ("+" if difference > 0 else "-" if difference < 0 else "") + text
