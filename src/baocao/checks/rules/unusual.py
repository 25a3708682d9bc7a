"""Figures that are possible but ask for a word: large change, a report copied from the last one.

A commune's counts are small and mostly zero, so a percentage alone asks too often: from 1 to 3 is +200 %. It therefore
asks for both a relative change (`relative`, default more than 50 %) and an absolute one (`absolute`, default more than
10). Read as Poisson counts, the smallest changes that pass both (0 -> 11, 10 -> 21, 21 -> 32) lie between 1,5 and 3,3
standard deviations sqrt(now + then), and larger ones further out; so nothing that chance explains easily is asked
about, and no second threshold is needed. Money uses millions of đồng for `absolute`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading, printed
from baocao.checks.rules.past import number
from baocao.checks.rules.relations import Instance
from baocao.model.form import CellKey, ColumnRole, Nature, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind

_COMPARED = {ColumnRole.ACTUAL, ColumnRole.DENOMINATOR, ColumnRole.INCREASE, ColumnRole.DECREASE}
_MONEY_UNIT = 1_000_000
MIN_COPIED = 10
"""A copied report is suspected only when at least so many non-zero flow figures were there to differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparable:
    """Which cells of a slice are held against the unit's own past."""

    compared: tuple[CellSpec, ...]
    """figures of the period, to compare"""
    moving: tuple[CellSpec, ...]
    """figures that count events of the period, to find a copy by: stocks and plans may well stay as they were"""
    twins: dict[CellKey, CellKey]
    """cell -> the cell it must equal anyway: one remark is enough"""


def comparable(layout: Layout, relations: Iterable[Instance]) -> Comparable:
    """Sort the typed figures of the slice for both."""
    entered = [s for s in layout.specs.values() if s.entered and s.numeric]
    twins: dict[CellKey, CellKey] = {}
    for relation in relations:
        if relation.kind == "equal" and all(len(side) == 1 for side in relation.sides):
            (one,), (other,) = relation.sides
            # The one printed first is reported.
            if layout.specs[one].order <= layout.specs[other].order:
                twins[other] = one
            else:
                twins[one] = other
    moving = tuple(
        s
        for s in entered
        if s.column.role in {ColumnRole.INCREASE, ColumnRole.DECREASE}
        or (s.column.role is ColumnRole.ACTUAL and s.row.nature is not Nature.STOCK)
    )
    return Comparable(tuple(s for s in entered if s.column.role in _COMPARED), moving, twins)


def check_unusual(reading: Reading, what: Comparable) -> None:
    """A copied report first: it explains itself, so changes are then left out."""
    if reading.history.previous and _is_copy(reading, what):
        return
    if reading.history.last_year:
        _check_large_changes(reading, what)


def _check_large_changes(reading: Reading, what: Comparable) -> None:
    """Report figures that differ from the same period of last year by more than both limits of the pack."""
    parameters = reading.layout.pack.regime.history
    relative, last_year = parameters.relative, reading.history.last_year
    told: set[CellKey] = set()
    for spec in what.compared:
        now, then = reading.figures.get(spec.key), number(last_year, spec.key)
        if now is None or then is None or now == then or spec.key in reading.at_fault:
            continue
        floor = parameters.absolute * (_MONEY_UNIT if spec.type is ValueType.MONEY else 1)
        change = abs(now - then)  # type: ignore[operator]
        # From 0 every change passes the second, so only the first limit keeps small counts from being asked about.
        if change <= floor or change <= relative * Decimal(then):
            continue
        told.add(spec.key)
        if what.twins.get(spec.key) in told:
            continue
        direction = "tăng" if now > then else "giảm"
        percent = f" ({printed(round(change * 100 / Decimal(then)), ValueType.COUNT)} %)" if then else ""
        reading.report(
            RuleKind.LARGE_CHANGE,
            spec,
            f"Số này {direction} {printed(change, spec.type)}{percent} so với cùng kỳ năm trước "
            f"({printed(then, spec.type)}). Nếu đúng, hãy ghi lý do ở cột giải trình; nếu nhầm, hãy sửa.",
            expected=f"gần {printed(then, spec.type)}",
            actual=now,
        )


def _is_copy(reading: Reading, what: Comparable) -> bool:
    """Whether all figures but zeros equal those of the previous period; if so, reports it."""
    previous = reading.history.previous
    same: list[CellSpec] = []
    for spec in what.moving:
        now, then = reading.figures.get(spec.key), number(previous, spec.key)
        # Zeros prove nothing: most figures of a small unit are 0 in every period.
        if now is None or then is None or (now == 0 and then == 0):
            continue
        if now != then:
            return False
        same.append(spec)
    if len(same) < MIN_COPIED:
        return False
    reading.report_whole(
        RuleKind.COPIED_REPORT,
        f"Cả {len(same)} số khác 0 trong kỳ đều giống hệt kỳ trước. Hãy kiểm tra xem có phải số liệu kỳ trước còn "
        "để nguyên; nếu đúng là trùng thì ghi lý do.",
        sheet=same[0].form.short,
        name="Toàn bộ báo cáo",
        actual=f"{len(same)} số trùng",
    )
    return True
