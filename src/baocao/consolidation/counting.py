"""Counting answers: how many of the units that are asked say yes, or name each class.

Which levels are counted is the row's (`Row.counted`). The parts add up: the answers given, those that declared nil,
those that have not reported and those that were excused make all the units that are asked.
"""

from __future__ import annotations

from collections import Counter

from baocao.consolidation.tally import CellKind, Tally, UnitTotals
from baocao.model.consolidated import DECLARED_NIL, EXCUSED, NOT_REPORTED
from baocao.model.form import CellKey, EntryLevel
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.report import Coverage, ProvinceValue


def populations(pack: Pack, period: Period, roll: UnitTotals) -> dict[CellKey, int]:
    """Of every cell that counts answers, how many units are asked: those valid on the cut-off day, and whoever
    else was to report. In printed order."""
    keys = [key for key, tally in roll.tallies.items() if tally.is_counted]
    asked: Counter[CellKey] = Counter()
    entered: dict[tuple[str, ...] | None, list[CellKey]] = {}
    for unit in {u.code: u for u in (*pack.units_on(period.cutoff_on), *roll.units)}.values():
        level = EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE
        # Units with the same projects enter the same cells; asked once for all communes.
        who = unit.projects if unit.is_lead_body else None
        if who not in entered:
            theirs = {key for form in entered_by(pack, unit) for key in form.cells}
            rows = {key: roll.tallies[key].row for key in keys if key in theirs}
            entered[who] = [key for key, row in rows.items() if level in row.levels and row.counts(level)]
        asked.update(entered[who])
    return {key: asked[key] for key in keys}


def counted(tally: Tally, coverage: Coverage, population: int) -> ProvinceValue:
    """The count, its two sides, and how all units that are asked divide."""
    options = ("Có", "Không") if tally.kind is CellKind.YES else tally.row.options
    # In the form's order, with 0; an answer of an older form version that is no option any more is not dropped.
    named = [*options, *sorted(set(tally.classes) - set(options))]
    classes = [(name, tally.classes.get(name, 0)) for name in named]
    nil = tally.answers - tally.values
    rest = ((DECLARED_NIL, nil), (NOT_REPORTED, population - tally.answers - tally.excused), (EXCUSED, tally.excused))
    # "Not reported" is printed even at 0: it shows that everybody was asked.
    classes += [(name, number) for name, number in rest if number or name == NOT_REPORTED]
    communes, provincial = tally.sides()
    value = int(tally.communes + tally.provincial) if tally.answers else None
    return ProvinceValue(tally.key, value, False, coverage, communes, provincial, classes=tuple(classes))
