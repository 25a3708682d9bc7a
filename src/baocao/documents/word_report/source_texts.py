"""Two figures of one row in words: beside the figure and as a note. Such a figure never stands alone."""

from __future__ import annotations

import re
from datetime import tzinfo

from baocao.documents.word_report.numerals import figure, unit_of
from baocao.model.form import CellKey, EntryLevel
from baocao.model.pack_parts.wording import Wording
from baocao.model.sources import SourceConflict, TwoFigures
from baocao.text import day_text, lowered

MARK = " (*)"
"""Behind the name of a row that has two figures."""


def whose(level: EntryLevel, words: Wording) -> str:
    """`số của cơ quan cấp tỉnh`, `cộng báo cáo cấp xã`."""
    return f"số của {words.body}" if level is EntryLevel.PROVINCE else f"cộng báo cáo {words.unit_level}"


def beside(conflict: SourceConflict, key: CellKey, words: Wording) -> str:
    """Behind the figure in a sentence: `số của cơ quan cấp tỉnh; cộng báo cáo cấp xã: 120 vụ`; empty if they agree."""
    two = conflict.cell(key)
    if two is None:
        return ""
    other = figure(two.of(conflict.other), two.type)
    unit = unit_of(conflict.unit, two.type)
    return f"{whose(conflict.stands, words)}; {whose(conflict.other, words)}: {other} {unit}".rstrip()


def note(conflict: SourceConflict, words: Wording, zone: tzinfo, *, named: bool, outgoing: bool = False) -> str:
    """Everything about the row: both figures of each column, whose is used, why, and that or whether somebody decided.
    `named` is for the office: the row's number, and who decided, or that nobody has; an `outgoing` one says only what
    concerns the reader: both figures and whose is used."""
    both = "; ".join(_both(two, words) for two in conflict.cells)
    used = whose(conflict.stands, words)
    plain = conflict.name.lstrip("-– ")
    name = f"{conflict.item} {plain}" if named else f"“{plain}”"
    if outgoing:
        return f"{name}: {both}. Báo cáo dùng {used}."
    why = _why(conflict, words, zone, named=named)
    return f"{name}: {both}. Báo cáo dùng {used}. {why}".rstrip()


def _both(two: TwoFigures, words: Wording) -> str:
    sides = (whose(level, words) + " " + figure(two.of(level), two.type) for level in EntryLevel)
    # `Thực hiện trong kỳ (tử số)`: what the column is to whoever fills it in is no part of a sentence.
    title = re.sub(r"\s*\([^()]*\)$", "", two.title)
    return f"{lowered(title)}: {', '.join(sides)}"


def _why(conflict: SourceConflict, words: Wording, zone: tzinfo, *, named: bool) -> str:
    said = f" Giải trình của {words.body}: {_closed(conflict.explanation)}" if conflict.explanation else ""
    decision = conflict.decision
    if decision is None and not named:
        return said.strip()  # the report goes to others, who need not know what the office has still to decide
    if decision is None:
        return f"Chưa có quyết định chọn nguồn số liệu.{said or ' Chưa có giải trình.'}"
    by = f" ({decision.by})" if named else ""
    on = day_text(decision.at.astimezone(zone).date())
    return f"Nguồn số liệu do {words.approver}{by} chọn ngày {on}, lý do: {_closed(decision.reason)}{said}"


def _closed(text: str) -> str:
    return f"{text.rstrip(' .')}."
