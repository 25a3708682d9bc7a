"""The pictures of a report, from the consolidated figures: the same ones in Word and in the workbook.

Every printed figure is worded by `numerals` from the value the tables print; the length of a bar follows
the exact value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from baocao.documents.charts.bars import Bar, bars
from baocao.documents.charts.picture import DARK, LIGHT, MIDDLE, Picture
from baocao.documents.charts.unit_map import MapPoint, unit_map
from baocao.documents.row_figures import RowFigures, row_figures
from baocao.documents.word_report.numerals import count, figure, magnitude, percent
from baocao.documents.word_report.tables import wanted_in_words
from baocao.model.consolidated import Consolidation
from baocao.model.form import CellKey, ColumnRole, Form, ValueType
from baocao.model.report import TargetResult, TargetVerdict

_MOST_CHANGES = 10
_SHADES = {
    TargetVerdict.MET: DARK,
    TargetVerdict.NOT_MET: "#ffffff",
    TargetVerdict.STILL_OPEN: MIDDLE,
    TargetVerdict.NOT_JUDGED: LIGHT,
}
ON_TIME, LATE, WAIVED, MISSING = KINDS = ("Đúng hạn", "Sau thời hạn", "Được miễn", "Chưa có báo cáo")


@dataclass(slots=True)
class CaptionedPicture:
    """A picture with the caption under it; its number is given when all pictures of the document are known."""

    caption: str
    picture: Picture
    number: int = 0

    @property
    def title(self) -> str:
        """`Hình 2. Giải ngân lũy kế …`."""
        return f"Hình {self.number}. {self.caption}"


def target_pictures(result: Consolidation) -> list[CaptionedPicture]:
    """Targets that are a share: how far, and where the wanted value stands. Empty without such a target."""
    shares = [t for t in result.targets if t.actual is not None and _is_share(t)]
    if not shares:
        return []
    rows = [Bar(t.name, float(t.actual or 0), _against(t), _SHADES[t.verdict], mark=float(t.wanted)) for t in shares]
    alt = "Biểu đồ mức đạt mục tiêu: " + _in_words(rows)
    return [CaptionedPicture("Mức đạt so với mục tiêu (vạch đứng: mức phải đạt)", bars(rows, "Tỷ lệ (%)", alt))]


def _in_words(shown: Iterable[Bar]) -> str:
    return "; ".join(f"{bar.name}: {bar.text}" for bar in shown) + "."


def _is_share(target: TargetResult) -> bool:
    """A part of a whole: percent, wanted between nought and all. A change against last year is another picture."""
    # A few percent are a target to grow (`> 3 %` more than last year), no part of a whole.
    return target.unit.strip() == "%" and target.operator in {">", ">=", "="} and target.wanted >= 10


def _against(target: TargetResult) -> str:
    assert target.actual is not None
    return f"{percent(target.actual)} ({wanted_in_words(target)}): {target.verdict.label.lower()}"


def change_pictures(result: Consolidation, form: Form | None) -> list[CaptionedPicture]:
    """The largest rates of change against last year in the indicator form, over the units that have both figures."""
    if form is None:
        return []
    rows = (row_figures(result, form, table, row) for table in form.tables for row in table.rows if not row.heading)
    found = [(Fraction(f.percent.value), f) for f in rows if f.percent.value is not None]
    largest = sorted(found, key=lambda pair: -abs(pair[0]))[:_MOST_CHANGES]
    if not largest:
        return []
    shown = [
        Bar(f.row.name.lstrip("- "), float(rate), _changed(f), DARK if f.change.is_all else MIDDLE)
        for rate, f in sorted(largest, key=lambda pair: -pair[0])
    ]
    alt = "Biểu đồ tăng, giảm so với cùng kỳ năm trước: " + _in_words(shown)
    caption = "Tăng, giảm so với cùng kỳ năm trước, tính trên các đơn vị có số liệu cả hai kỳ"
    return [CaptionedPicture(caption, bars(shown, "Tăng (+), giảm (-), %", alt))]


def _changed(row: RowFigures) -> str:
    """`giảm 17 (0,51 %); 163/166 đơn vị`."""
    difference, rate = row.difference.value, row.percent.value
    assert difference is not None and rate is not None
    word = "tăng" if difference > 0 else "giảm" if difference < 0 else "bằng"
    amount = f"{word} {figure(magnitude(difference), row.difference.type)} ({percent(magnitude(rate))})"
    return amount if row.change.is_all else f"{amount}; {row.compared_units} đơn vị"


def disbursement_pictures(result: Consolidation, form: Form | None) -> list[CaptionedPicture]:
    """The sums of the money form: cumulative disbursement against the year's plan, as far as both are known."""
    if form is None:
        return []
    rows: list[Bar] = []
    for table in form.tables:
        codes = {c.role: c.code for c in table.columns}
        for row in (r for r in table.rows if r.derive is not None):
            share = result.plan_shares.get(CellKey(form.code, row.code, codes.get(ColumnRole.RATIO, "")))
            if share is not None and share.percent is not None and share.result is not None and share.plan is not None:
                money = f"{figure(share.result, ValueType.MONEY)}/{figure(share.plan, ValueType.MONEY)}"
                rows.append(Bar(row.name, float(share.percent), f"{percent(share.percent)} ({money})"))
    if not rows:
        return []
    alt = "Biểu đồ giải ngân lũy kế so với kế hoạch giao: " + _in_words(rows)
    caption = "Giải ngân lũy kế năm so với kế hoạch giao (triệu đồng; nền nhạt: kế hoạch giao)"
    return [CaptionedPicture(caption, bars(rows, "Tỷ lệ giải ngân (%)", alt, whole=100.0))]


def unit_pictures(result: Consolidation, late: Collection[str]) -> list[CaptionedPicture]:
    """The schematic map of the units by what they have sent; empty where fewer than three have a place on it."""
    missing, waived = ({u.code for u in units} for units in (result.missing, result.waived))

    def kind(code: str) -> str:
        return MISSING if code in missing else WAIVED if code in waived else LATE if code in late else ON_TIME

    units = {u.code: u for u in (*result.expected, *result.waived)}
    placed = [(u, u.latitude, u.longitude) for u in units.values()]
    places = [
        MapPoint(u.full_name, north, east, kind(u.code))
        for u, north, east in placed
        if north is not None and east is not None
    ]
    if len(places) < 3:
        return []
    counted = {k: sum(p.kind == k for p in places) for k in KINDS}
    said = "; ".join(f"{k.lower()}: {count(n)} đơn vị" for k, n in counted.items() if n)
    off = len([u for u in units.values() if u.kind.is_territorial]) - len(places)
    caption = "Sơ đồ các đơn vị theo tình hình gửi báo cáo (vị trí tương đối, không phải bản đồ hành chính)"
    caption += f"; {count(off)} đơn vị chưa có tọa độ" if off > 0 else ""
    return [CaptionedPicture(caption, unit_map(places, KINDS, f"Sơ đồ các đơn vị: {said}."))]
