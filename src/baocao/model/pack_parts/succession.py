"""Kế thừa đơn vị: which unit took whose place when units were renamed, merged or split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Succession:
    """One line of `succession.csv`: from this day on, the area (or office) `old` is in `new`."""

    on: date
    """the first day of the new unit"""
    old: str
    new: str
    """the same code: the unit goes on, under another name or enlarged"""
    basis: str
    """the decision, as printed"""


@dataclass(frozen=True, slots=True)
class PredecessorUnits:
    """Whose figures of an earlier day are the past of a unit."""

    units: tuple[str, ...]
    """codes, sorted; several: their counts and amounts are added"""
    split: str = ""
    """code of the unit that was divided in between: nothing of the past can be told apart"""
    basis: str = ""
    """the decisions in between, as printed"""

    @property
    def merged(self) -> bool:
        return len(self.units) > 1


def origin_of(unit: str, then: date, now: date, changes: Sequence[Succession]) -> PredecessorUnits:
    """The predecessors, on the day `then`, of the unit as it is on the day `now`. Pure; a unit without any change is
    its own predecessor."""
    units, split, basis = {unit}, "", []
    # Back in time, day by day: a unit merged last year may have been renamed the year before.
    for day in sorted({c.on for c in changes if then < c.on <= now}, reverse=True):
        of_the_day = [c for c in changes if c.on == day]
        before: set[str] = set()
        for code in units:
            from_where = [c for c in of_the_day if c.new == code]
            # A unit no line names on that day was itself the day before.
            before |= {c.old for c in from_where} or {code}
            basis += [c.basis for c in from_where]
        # Two new units from one old: which part of its figures went where nobody wrote down (ADR 0017).
        divided = sorted(old for old in before if len({c.new for c in of_the_day if c.old == old}) > 1)
        split = split or (divided[0] if divided else "")
        units = before
    return PredecessorUnits(tuple(sorted(units)), split, "; ".join(dict.fromkeys(basis)))


def successors_of(unit: str, day: date, changes: Sequence[Succession]) -> tuple[str, ...]:
    """Codes of the units that stand in the place of `unit` on `day`, sorted; empty when nobody does."""
    units = {unit}
    for on in sorted({c.on for c in changes if c.on <= day}):
        of_the_day = [c for c in changes if c.on == on]
        units = {new for code in units for new in ({c.new for c in of_the_day if c.old == code} or {code})}
    return tuple(sorted(units - {unit}))


def changed_between(then: date, now: date, changes: Sequence[Succession]) -> bool:
    """Whether the number of units changed in between: a merger or a split."""
    return any(
        # A renaming, one line from one code to another, leaves the number of units as it was.
        c.old != c.new and sum(d.on == c.on and (d.new == c.new or d.old == c.old) for d in changes) > 1
        for c in changes
        if then < c.on <= now
    )
