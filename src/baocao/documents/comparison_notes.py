"""Notes under a table: which rows are not compared, or not over all units, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from baocao.documents.row_figures import _BY_NAME, RowFigures, row_figures, units_compared, units_planned
from baocao.model.consolidated import (
    NOT_COMPARABLE,
    Consolidation,
)
from baocao.model.form import Form, Row, Table
from baocao.text import lowered


@dataclass
class ComparisonNotes:
    """Why figures stand beside each other as they do: each reason with the rows it holds for, in printed order."""

    not_comparable: dict[str, list[RowFigures]] = field(default_factory=dict)
    compared: dict[str, list[RowFigures]] = field(default_factory=dict)
    not_shared: dict[str, dict[str, list[RowFigures]]] = field(default_factory=dict)
    """why -> how many units have a plan -> rows"""
    shared: dict[str, list[RowFigures]] = field(default_factory=dict)
    from_zero: list[RowFigures] = field(default_factory=list)

    def add(self, figures: RowFigures) -> None:
        """Take note of why a row is not compared, or not over all units."""
        change, share = figures.change, figures.share
        # In this order: what cannot be compared at all is not also said to be compared over some units.
        if change.reason:
            self.not_comparable.setdefault(change.reason, []).append(figures)
        elif figures.previous.value is not None and (said := units_compared(change)):
            self.compared.setdefault(said, []).append(figures)
        if change.from_zero and not change.reason:
            self.from_zero.append(figures)
        if share is not None and share.reason:
            # A reason that begins with the row's own count (`47/166 đơn vị có kế hoạch, …`) is printed once for all
            # rows, with each row's count behind it.
            units = f"{share.counted}/{share.expected}"
            why = share.reason.partition(", ")[2] if units in share.reason.partition(", ")[0] else ""
            same = self.not_shared.setdefault(why or share.reason, {})
            same.setdefault(units if why else "", []).append(figures)
        elif share is not None and share.percent is not None and (said := units_planned(share)):
            self.shared.setdefault(said, []).append(figures)

    def lines(self, named: Callable[[list[RowFigures]], str]) -> list[str]:
        """One sentence a reason; `named` says how rows are named, see `by_number` and `by_code`."""
        found = [
            f"{NOT_COMPARABLE.capitalize()} với cùng kỳ năm trước ({named(rows)}): {why.rstrip('.')}."
            for why, rows in self.not_comparable.items()
        ]
        if self.compared:
            said = "; ".join(f"{over} ({named(rows)})" for over, rows in self.compared.items())
            found.append(f"Cùng kỳ năm trước và tăng, giảm không phải hiệu số của toàn bộ hai kỳ: {said}.")
        if self.from_zero:
            found.append(
                f"Số cùng kỳ năm trước bằng 0 ({named(self.from_zero)}): không có tỷ lệ tăng, giảm, chỉ ghi mức "
                "chênh lệch."
            )
        if self.shared:
            said = "; ".join(f"{units} ({named(rows)})" for units, rows in self.shared.items())
            found.append(f"Tỷ lệ so với kế hoạch chỉ gồm kết quả của các đơn vị có kế hoạch: {said}.")
        for why, same in self.not_shared.items():
            said = "; ".join(f"{units} ({named(rows)})" if units else named(rows) for units, rows in same.items())
            units = "số đơn vị có kế hoạch " if any(same) else ""
            found.append(
                f"Tỷ lệ so với kế hoạch chưa tính, {lowered(why).rstrip('.')}: {units}{said}. Cột kế hoạch "
                "chỉ gồm các đơn vị có kế hoạch."
            )
        return found


def notes_of(result: Consolidation, form: Form, tables: tuple[Table, ...]) -> ComparisonNotes:
    """The notes of every row of these tables."""
    notes = ComparisonNotes()
    for table in tables:
        for row in table.rows:
            if not row.heading:
                notes.add(row_figures(result, form, table, row))
    return notes


def by_code(rows: list[RowFigures]) -> str:
    """`X01, X02`: for the office, whose tables print the codes."""
    return ", ".join(dict.fromkeys(figures.row.code for figures in rows))


def by_number(rows: list[RowFigures]) -> str:
    """For a reader of the document: a few rows by number and name, `X12 Diện tích trồng cây; X13 Số vụ`; more than
    that by number, `dòng X01, X02`. A number that other forms have too (`1`) never stands without the name, and a row
    without a number is named with the row it stands below: `Dự án 1 (Nguồn hợp pháp khác)`."""
    few = len(rows) <= _BY_NAME
    said = dict.fromkeys(_numbered(figures, few=few) for figures in rows)
    return "; ".join(said) if few else f"dòng {', '.join(said)}"


def _numbered(figures: RowFigures, *, few: bool) -> str:
    form, table, row = figures.form, figures.table, figures.row
    number = form.printed_number(row)
    if number:
        # A number with a letter names a row in the whole workbook; a bare one (`1`) stands in every form.
        own = number[0].isalpha()
        return f"{number} {_name(row)}" if own and few else number if own else row.printed_name
    above = (r for r in reversed(table.rows[: table.rows.index(row)]) if r.indent < row.indent and r.item)
    over = next(above, None)
    if over is None:
        return _name(row)
    short = form.printed_number(over)
    return f"{short if short[0].isalpha() else over.printed_name.partition(':')[0]} ({_name(row)})"


def _name(row: Row) -> str:
    return row.name.lstrip("-–").strip()
