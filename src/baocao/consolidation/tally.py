"""Adding up the units' cells: one pass over the accepted submissions, linear in their cells.

Counts and đồng stay `int`, areas `Decimal`; every addition is exact or raises, so the order of units cannot matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, Inexact, localcontext
from enum import Enum

from baocao.model.form import CellKey, Column, ColumnRole, EntryLevel, RollUp, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, pack_cells
from baocao.model.submission import AcceptedCells, Answer, Cell
from baocao.model.unit import Unit
from baocao.text import day_text, yes_or_no

# Sixty digits hold any sum of đồng; what does not fit raises instead of losing its last digits.
EXACT = Context(prec=60, traps=[Inexact])
"""Decimal arithmetic that raises instead of rounding."""

_UNANSWERED, _VALUE, _NIL = 0, 1, 2


class ConsolidationError(Exception):
    """The store handed over something that cannot be accepted cells; never a finding about a unit's file. The message
    names the submission and the cell."""


class CellKind(Enum):
    """What is gathered from the units' cells."""

    NUMBER = "number"
    YES = "yes"
    CLASS = "class"
    TEXT = "text"


def kind_of(table: Table, row: Row, column: Column) -> CellKind:
    """How an entered cell is gathered: by its type first, then by the row's roll-up."""
    kind = table.type_of(row, column)
    if kind.is_number:
        return CellKind.NUMBER
    if kind is ValueType.BOOL and row.roll_up is RollUp.YES_COUNT:
        return CellKind.YES
    if kind is ValueType.CHOICE and row.roll_up is RollUp.CLASS_COUNT:
        return CellKind.CLASS
    return CellKind.TEXT


def is_optional(row: Row, column: Column) -> bool:
    """Whether a blank is simply no answer: then the unit does not owe the cell."""
    return (
        not row.required
        or column.role in {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM}
        or column.role is ColumnRole.EXPLANATION
        or column.role is ColumnRole.NOTE
    )


@dataclass(slots=True)
class Tally:
    """One entered cell of the province, while it is being added up. `state` has one byte a unit, in
    `UnitTotals.units`."""

    key: CellKey
    table: Table
    row: Row
    column: Column
    kind: CellKind
    optional: bool
    state: bytearray
    owing: list[int] = field(default_factory=list)
    """positions of the units that enter this cell"""
    communes: int | Decimal = 0
    """what that side adds: a sum, or how many answered yes, or how many named a class"""
    provincial: int | Decimal = 0
    commune_values: int = 0
    provincial_values: int = 0
    commune_answers: int = 0
    """values and declared nils"""
    provincial_answers: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    """`Có` and `Không` of a yes-count, the options of a class count: how many answered so"""
    excused: int = 0
    """units that would have been counted and owe nothing"""
    figures: list[int | Decimal] = field(default_factory=list, repr=False)
    """what each unit adds to the province's figure, in `UnitTotals.units`; 0 where it has none"""
    texts: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_counted(self) -> bool:
        """Whether answers are counted, not figures added."""
        return self.kind in {CellKind.YES, CellKind.CLASS}

    def takes(self, level: EntryLevel) -> bool:
        """Whether what a level answers goes into the province's figure or its count."""
        return not self.is_counted or self.row.counts(level)

    @property
    def values(self) -> int:
        """Units that gave a figure or an answer, not a declared nil."""
        return self.commune_values + self.provincial_values

    @property
    def answers(self) -> int:
        """Units that answered, a declared nil included."""
        return self.commune_answers + self.provincial_answers

    def sides(self) -> tuple[int | Decimal | None, int | Decimal | None]:
        """(communes' part, provincial part); None where nobody on that side answered. Nil counts zero."""
        zero: int | Decimal = Decimal(0) if self.table.type_of(self.row, self.column) is ValueType.DECIMAL else 0
        communes = (self.communes or zero) if self.commune_answers else None
        provincial = (self.provincial or zero) if self.provincial_answers else None
        return communes, provincial


@dataclass(slots=True)
class UnitTotals:
    """The outcome of the pass: every entered cell's tally, and who was counted."""

    units: tuple[Unit, ...]
    """who was to report, by code"""
    excused: frozenset[int]
    """positions of waived units that did not report: they owe nothing"""
    tallies: dict[CellKey, Tally]
    """in printed order"""
    received: set[int]
    """positions of the units whose report was accepted"""
    units_without_obligation: tuple[str, ...]
    """codes of units with an accepted report that owe none: their figures are not added"""
    stands: dict[tuple[str, str], EntryLevel]
    """of rows that both levels enter (`province_over_sum`): whose figures are the province's, by form and row. One
    level for the whole row, so that a result never stands beside the plan of the other level."""

    def level_of(self, tally: Tally) -> EntryLevel | None:
        """Whose entries make the province's figure of a cell; None: everybody's."""
        if tally.row.roll_up is RollUp.PROVINCE:
            return EntryLevel.PROVINCE
        if tally.row.roll_up is RollUp.PROVINCE_OVER_SUM:
            return self.stands[tally.key.form, tally.key.row]
        if tally.kind is CellKind.TEXT:
            return EntryLevel.COMMUNE
        taken = [level for level in EntryLevel if tally.takes(level)]
        return taken[0] if len(taken) == 1 else None

    @property
    def owing(self) -> tuple[Unit, ...]:
        """Who owes a report."""
        return tuple(u for i, u in enumerate(self.units) if i not in self.excused)


def add_up(
    pack: Pack,
    units: Sequence[Unit],
    accepted: Iterable[AcceptedCells],
    waived: Collection[str] = (),
    decided: Mapping[tuple[str, str], EntryLevel] | None = None,
) -> UnitTotals:
    """Gather every accepted cell of the units that were to report.

    `accepted` may be a stream: each submission is looked at once and not kept. A waived unit (by code) owes nothing,
    but is counted when it reports all the same. `decided` says of rows that both levels enter whose figures stand.
    Raises ConsolidationError when a unit comes twice or a cell does not hold what its type promises.
    """
    # By code, so that positions, and with them every printed list of units, do not depend on how they were loaded.
    ordered = tuple(sorted(units, key=lambda u: u.code))
    index = {unit.code: i for i, unit in enumerate(ordered)}
    tallies = _empty(pack, len(ordered))
    slices = _slices(pack, ordered, tallies)
    received: set[int] = set()
    units_without_obligation = []
    with localcontext(EXACT):
        for submission in accepted:
            i = index.get(submission.unit)
            if i is None:
                # Not added and not dropped: it blocks the report until somebody says whether the unit owes one.
                units_without_obligation.append(submission.unit)
                continue
            if i in received:
                raise ConsolidationError(
                    f"đơn vị {submission.unit} có hai báo cáo được chấp nhận trong cùng kỳ "
                    f"(báo cáo sau: {submission.submission_id})"
                )
            received.add(i)
            _take(submission, i, slices[i], provincial=ordered[i].is_lead_body)
    # A waived unit that reports all the same counts as everybody else.
    excused = frozenset(i for i, unit in enumerate(ordered) if unit.code in waived and i not in received)
    if excused:
        for tally in tallies.values():
            owing = [i for i in tally.owing if i not in excused]
            tally.owing, tally.excused = owing, len(tally.owing) - len(owing)
    return UnitTotals(
        ordered, excused, tallies, received, tuple(sorted(units_without_obligation)), _standing(tallies, decided or {})
    )


def _standing(
    tallies: dict[CellKey, Tally], decided: Mapping[tuple[str, str], EntryLevel]
) -> dict[tuple[str, str], EntryLevel]:
    """The level whose results stand, row by row: as decided, else the provincial one where it gives a figure. A plan
    decides nothing."""
    rows: dict[tuple[str, str], list[Tally]] = {}
    for tally in tallies.values():
        if tally.row.roll_up is RollUp.PROVINCE_OVER_SUM and tally.kind is CellKind.NUMBER:
            rows.setdefault((tally.key.form, tally.key.row), []).append(tally)
    stands = {}
    for row, cells in rows.items():
        # By the results: a body that only plans for the whole must not push the communes' results aside (ADR 0025).
        results = [t for t in cells if not t.column.role.is_plan] or cells
        spoken = any(t.provincial_values for t in results)
        silent = not any(t.commune_answers for t in results)
        stands[row] = decided.get(row, EntryLevel.PROVINCE if spoken or silent else EntryLevel.COMMUNE)
    for row, cells in rows.items():
        # The plan of another form's row is of the level whose results it is held against.
        measured = tuple(cells[0].row.measures.split("/"))
        stands[row] = stands.get(measured, stands[row])  # type: ignore[arg-type]
    return stands


def _empty(pack: Pack, size: int) -> dict[CellKey, Tally]:
    tallies = {
        key: Tally(key, table, row, column, kind_of(table, row, column), is_optional(row, column), bytearray(size))
        for key, (table, row, column) in pack_cells(pack).items()
        if table.is_entered(row, column)
    }
    for tally in tallies.values():
        if tally.kind is not CellKind.TEXT:
            tally.figures = [0] * size
    return tallies


def _slices(pack: Pack, units: Sequence[Unit], tallies: dict[CellKey, Tally]) -> list[tuple[Tally, ...]]:
    """For each unit the tallies of the cells that it enters and that count; units with the same slice share one
    tuple."""
    shared: dict[tuple[str, ...] | None, tuple[Tally, ...]] = {}
    positions: dict[tuple[str, ...] | None, list[int]] = {}
    result = []
    for i, unit in enumerate(units):
        who = unit.projects if unit.is_lead_body else None
        if who not in shared:
            level = EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE
            shared[who] = tuple(
                tallies[key]
                for form in entered_by(pack, unit)
                for key, (table, row, column) in form.cells.items()
                if table.is_entered(row, column) and level in row.levels and tallies[key].takes(level)
            )
        positions.setdefault(who, []).append(i)
        result.append(shared[who])
    for who, mine in shared.items():
        for tally in mine:
            tally.owing += positions[who]
    for tally in tallies.values():
        # Slices were gone through one kind of unit after the other.
        tally.owing.sort()
    return result


def _take(submission: AcceptedCells, i: int, mine: tuple[Tally, ...], *, provincial: bool) -> None:
    cells = submission.cells
    for tally in mine:
        cell = cells.get(tally.key)
        if cell is None or cell.answer is Answer.BLANK:
            continue
        if cell.answer is Answer.NIL:
            tally.state[i] = _NIL
        elif cell.answer is Answer.VALUE:
            tally.state[i] = _VALUE
            _add(tally, cell, i, submission, provincial=provincial)
        else:
            raise _unfit(submission, cell, "ô không đọc được lại nằm trong báo cáo đã chấp nhận")
        if provincial:
            tally.provincial_answers += 1
        else:
            tally.commune_answers += 1


def _add(tally: Tally, cell: Cell, i: int, submission: AcceptedCells, *, provincial: bool) -> None:
    value = cell.value
    if tally.kind is CellKind.TEXT:
        tally.texts.append((i, _as_text(value)))
        return
    added: int | Decimal
    if tally.kind is CellKind.NUMBER:
        # By type: a bool is an int, and a float has lost digits already.
        if type(value) is not int and type(value) is not Decimal:
            raise _unfit(submission, cell, f"phải là số, đang là {value!r}")
        added = value
    else:
        if tally.kind is CellKind.YES and type(value) is not bool:
            raise _unfit(submission, cell, f"phải là Có hoặc Không, đang là {value!r}")
        name = _as_text(value)
        tally.classes[name] = tally.classes.get(name, 0) + 1
        # A class adds 1 like a yes: how many named one.
        added = int(value is not False)
    tally.figures[i] = added
    if provincial:
        tally.provincial += added
        tally.provincial_values += 1
    else:
        tally.communes += added
        tally.commune_values += 1


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, date):
        return day_text(value)
    return str(value)


def _unfit(submission: AcceptedCells, cell: Cell, why: str) -> ConsolidationError:
    return ConsolidationError(
        f"báo cáo {submission.submission_id} của đơn vị {submission.unit}, ô {cell.key} "
        f"(trang {cell.sheet}, ô {cell.a1}): {why}"
    )
