"""Phần số liệu của đơn vị chủ trì: everything one lead body is shown, cut out once, before anything is written.

The sheets are written from a `Slice` alone, so nothing of another project can reach them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from baocao.documents.consolidated_workbook.meta import exact
from baocao.exact import Number
from baocao.model.consolidated import NOTHING_KNOWN, Change, Consolidation
from baocao.model.form import CellKey, Column, Form, ListTable, Row, Table
from baocao.model.lead import LeadComment, cells_led, lists_led
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Coverage
from baocao.model.submission import AcceptedCells, Cell, Finding, ListName, ListRow, Timeliness
from baocao.model.unit import Unit
from baocao.text import canonical_json

Spec = tuple[CellKey, Table, Row, Column]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to explain on one cell, and what the unit says about it. The rule's sentence is left out: it may name
    figures of other projects."""

    key: CellKey
    rule: str
    explanation: str


@dataclass(frozen=True)
class UnitPart:
    """One unit's part of the slice."""

    unit: Unit
    reported: bool
    waived: bool
    timeliness: Timeliness
    """of a unit that reported"""
    cells: Mapping[CellKey, Cell]
    previous: Mapping[CellKey, Cell]
    marks: tuple[Mark, ...]
    lists: Mapping[ListName, tuple[ListRow, ...]] = field(default_factory=dict)
    """its cases, of the lists of the slice"""
    empty_lists: frozenset[ListName] = frozenset()
    """lists it states empty"""


@dataclass(frozen=True, slots=True)
class Total:
    """The province's figure of a cell, and how it changed since the period before."""

    value: Number | None
    change: Change

    @property
    def previous(self) -> Number | None:
        """Over the units that have the figure in both periods."""
        return self.change.previous


@dataclass(frozen=True)
class Slice:
    """What one lead body sees of one period."""

    pack: Pack
    period: Period
    lead: Unit
    forms: tuple[tuple[Form, tuple[Spec, ...]], ...]
    parts: tuple[UnitPart, ...]
    """communes by code, then the body itself"""
    totals: Mapping[CellKey, Total]
    handled: tuple[LeadComment, ...]
    """the body's own comments that were answered, overruled or withdrawn"""
    as_of: datetime
    previous_name: str
    """name of the period the previous figures are of; empty when there are none"""
    lists: tuple[tuple[Form, ListTable], ...] = ()
    """of its projects, in printed order"""

    @property
    def coverage(self) -> Coverage:
        """Of the units that owe the body's part: how many have reported, and the codes of the others."""
        owed = [p for p in self.parts if not p.waived or p.reported]
        missing = tuple(p.unit.code for p in owed if not p.reported)
        return Coverage(len(owed) - len(missing), len(owed), missing)

    @property
    def missing(self) -> tuple[Unit, ...]:
        """Who owes a report and has sent none."""
        return tuple(p.unit for p in self.parts if not p.reported and not p.waived)

    @property
    def cells(self) -> dict[CellKey, tuple[Row, Column]]:
        """Every cell a comment may name."""
        return {key: (row, column) for _, specs in self.forms for key, _, row, column in specs}


def cut(
    pack: Pack,
    period: Period,
    lead: Unit,
    consolidation: Consolidation,
    accepted: Sequence[AcceptedCells],
    *,
    before: Mapping[str, Mapping[CellKey, Cell]],
    findings: Mapping[str, Sequence[Finding]],
    timeliness: Mapping[str, Timeliness],
    handled: Sequence[LeadComment],
    as_of: datetime,
    previous_name: str = "",
) -> Slice:
    """The slice of `lead`: only cells of rows of its projects. `before`, `findings` and `timeliness` are by
    unit code."""
    forms = [(form, cells_led(form, lead)) for form in pack.forms]
    seen = {key for _, cells in forms for key in cells}
    lists = [(form, one) for form in pack.forms for one in lists_led(form, lead)]
    named = {(form.code, one.code) for form, one in lists}
    sent = {a.unit: a for a in accepted}
    waived = set(consolidation.waived)
    everybody = {u.code: u for u in (*consolidation.expected, *consolidation.waived)}
    # Other lead bodies' own entries are of their projects.
    units = [u for u in everybody.values() if not u.is_lead_body or u.code == lead.code]
    parts = []
    for unit in sorted(units, key=lambda u: (u.is_lead_body, u.code)):
        submission = sent.get(unit.code)
        parts.append(
            UnitPart(
                unit=unit,
                reported=submission is not None,
                waived=unit in waived,
                timeliness=timeliness.get(unit.code, Timeliness.ON_TIME),
                cells=_within(submission.cells if submission else {}, seen),
                previous=_within(before.get(unit.code, {}), seen),
                marks=_marks(submission, findings.get(unit.code, ()), seen) if submission else (),
                lists={n: rows for n, rows in submission.lists.rows.items() if n in named} if submission else {},
                empty_lists=frozenset(submission.lists.nil.keys() & named) if submission else frozenset(),
            )
        )
    past = consolidation.last_report
    return Slice(
        pack=pack,
        period=period,
        lead=lead,
        forms=tuple((form, tuple((key, *spec) for key, spec in cells.items())) for form, cells in forms if cells),
        parts=tuple(parts),
        totals={
            key: Total(v.value, past.get(key, NOTHING_KNOWN)) for key, v in consolidation.values.items() if key in seen
        },
        handled=tuple(c for c in handled if c.lead == lead.code),
        as_of=as_of,
        previous_name=previous_name,
        lists=tuple(lists),
    )


def _within(cells: Mapping[CellKey, Cell], seen: set[CellKey]) -> dict[CellKey, Cell]:
    return {key: cell for key, cell in cells.items() if key in seen}


def _marks(submission: AcceptedCells, findings: Sequence[Finding], seen: set[CellKey]) -> tuple[Mark, ...]:
    """Points to explain that stand on a cell of the slice; those on cells of others are left out."""
    # A finding names a place of the unit's sheet, the slice a cell: the two meet at the address.
    places = {(cell.sheet, cell.a1): key for key, cell in submission.cells.items() if key in seen}
    return tuple(Mark(places[f.sheet, f.a1], f.rule, f.explanation) for f in findings if (f.sheet, f.a1) in places)


def content_sha256(found: Slice) -> str:
    """One hash over everything the workbook shows but the moment it was written: the same content is sent once."""
    data = {
        "regime": found.pack.code,
        "period": found.period.code,
        "lead": found.lead.code,
        "previous": found.previous_name,
        "forms": [[form.code, form.version, [str(key) for key, *_ in specs]] for form, specs in found.forms],
        "parts": [_part(p) for p in found.parts],
        "totals": {
            str(k): [exact(t.value), exact(t.change.now), exact(t.previous), t.change.counted]
            for k, t in found.totals.items()
        },
        "handled": [[c.id, c.status.value, c.answer] for c in found.handled],
    }
    if found.lists:  # as before for the others: an upgrade sends no body its slice again
        data["lists"] = [[form.code, one.code, [_cases(p, (form.code, one.code)) for p in found.parts]]
                         for form, one in found.lists]  # fmt: skip
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def _cases(part: UnitPart, name: ListName) -> list[Any]:
    rows = part.lists.get(name, ())
    said = [[[code, c.answer.value, str(c.value)] for code, c in row.cells.items()] for row in rows]
    return [part.unit.code, name in part.empty_lists, said]


def _part(part: UnitPart) -> list[Any]:
    return [
        part.unit.code,
        part.reported,
        part.waived,
        # As before for the others: an upgrade sends no body its slice again.
        "corrected late" if part.timeliness is Timeliness.CORRECTED_LATE else part.timeliness is Timeliness.LATE,
        {str(k): [c.answer.value, str(c.value)] for k, c in part.cells.items()},
        {str(k): [c.answer.value, str(c.value)] for k, c in part.previous.items()},
        [[str(m.key), m.rule, m.explanation] for m in part.marks],
    ]
