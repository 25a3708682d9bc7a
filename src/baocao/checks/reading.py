"""One workbook under examination: usable figures, what has been found so far, and how a finding is worded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.history import History
from baocao.exact import Number
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Form, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_parts.rules import Rule
from baocao.model.period import Period
from baocao.model.submission import Answer, Cell, Finding, Severity, Workbook
from baocao.model.unit import Unit
from baocao.rounding import rounded


@dataclass
class Reading:
    """State of one check. `figures` holds every number that may be used: typed ones, 0 for declared nil, and derived
    cells as recomputed; a cell that is unanswered, unreadable or at fault itself is not in it."""

    workbook: Workbook
    layout: Layout
    unit: Unit
    period: Period
    history: History
    received_at: datetime
    figures: dict[CellKey, Number] = field(default_factory=dict)
    nil_forms: dict[str, str] = field(default_factory=dict)
    """forms answered as a whole by nil, those included that may be left out"""
    at_fault: set[CellKey] = field(default_factory=set)
    """cells named by a blocking finding"""
    found: list[tuple[int, Finding]] = field(default_factory=list)
    """(place in the printed workbook, finding)"""
    _keys: set[str] = field(default_factory=set)

    def cell(self, key: CellKey) -> Cell | None:
        """The cell of a table or of a list."""
        return self.workbook.cells.get(key) or self.workbook.list_cells.get(key)

    def figure(self, key: CellKey) -> Number | None:
        """The figure that may be used for a cell; None where it has none."""
        return self.figures.get(key)

    def note(self, key: CellKey) -> str:
        """What the unit wrote in the row's explanation column."""
        return self.workbook.row_explanations.get((key.form, key.row), "")

    def rule(self, named: RuleKind | str) -> Rule | None:
        """The pack's rule of that kind, None where it declares none; or the one a relation names by its id."""
        rules = self.layout.pack.rules
        return rules.of(named) if isinstance(named, RuleKind) else rules[named]

    def report(
        self,
        named: RuleKind | str,
        spec: CellSpec,
        message: str,
        *,
        expected: object = "",
        actual: object = "",
        suggestion: object = "",
        severity: Severity | None = None,
        cells: Iterable[CellKey] = (),
        blames_only_itself: bool = False,
        tag: str = "",
    ) -> None:
        """Record a finding at a cell; nothing where the pack does not have the rule. Figures among expected, actual and
        suggestion are printed as the cell's type.

        `cells` are the others involved: at fault as well, unless the finding `blames_only_itself`.
        `tag` distinguishes two findings of one rule at one cell.
        """
        if (told := self._first(named, spec.name, tag)) is None:
            return
        rule, key = told
        severity = severity or rule.severity
        involved = tuple(dict.fromkeys((spec.key, *cells)))
        cell = self.cell(spec.key)
        # A question leaves the figure usable; only what must be corrected makes what is computed from it wrong.
        if severity is Severity.BLOCKS:
            self.at_fault.update((spec.key,) if blames_only_itself else involved)
        self.found.append(
            (
                spec.order,
                Finding(
                    rule=rule.id,
                    severity=severity,
                    sheet=cell.sheet if cell is not None else spec.form.short,
                    a1=cell.a1 if cell is not None else "",
                    item=spec.row.item,
                    name=spec.row.name,
                    message=message,
                    expected=printed(expected, spec.type),
                    actual=printed(actual, spec.type),
                    suggestion=printed(suggestion, spec.type),
                    key=key,
                    # The index sheet answers this very finding; the row's column may answer another.
                    explanation=self.workbook.explanations.get(key) or self.note(spec.key),
                    cells=tuple(map(str, involved)),
                ),
            )
        )

    def report_whole(
        self,
        named: RuleKind,
        message: str,
        *,
        form: Form | None = None,
        sheet: str | None = None,
        a1: str = "",
        item: str | None = None,
        name: str | None = None,
        expected: str = "",
        actual: str = "",
        suggestion: str = "",
        severity: Severity | None = None,
        tag: str = "",
    ) -> None:
        """Record a finding about the workbook, a form of it or the information sheet; nothing where the pack does not
        have the rule. A form's sheet, code and title are named unless others are given."""
        code, short, title = ("", "", "") if form is None else (form.code, form.short, form.title)
        if (told := self._first(named, code, tag)) is None:
            return
        rule, key = told
        # A form's stands at its first cell, the workbook's before everything.
        order = min((s.order for s in self.layout.specs.values() if s.key.form == code), default=-1)
        finding = Finding(
            rule=rule.id,
            severity=severity or rule.severity,
            sheet=short if sheet is None else sheet,
            a1=a1,
            item=code if item is None else item,
            name=title if name is None else name,
            message=message,
            expected=expected,
            actual=actual,
            suggestion=suggestion,
            key=key,
            explanation=self.workbook.explanations.get(key, ""),
        )
        self.found.append((order, finding))

    def _first(self, named: RuleKind | str, place: str, tag: str) -> tuple[Rule, str] | None:
        """The rule and the key of its finding in that place; None where the pack does not have the rule, and where the
        same was found before."""
        rule = self.rule(named)
        # Sent out with the marked workbook and back with explanations: spelled otherwise, those would be lost.
        key = "" if rule is None else f"{rule.id}|{place}" + (f"|{tag}" if tag else "")
        if rule is None or key in self._keys:
            return None
        self._keys.add(key)
        return rule, key


def printed(value: object, kind: ValueType) -> str:
    """A figure as Vietnamese print (`1.234,5`; percent with two decimals), anything else as it stands."""
    if isinstance(value, Fraction):
        if value.denominator == 1 and kind is not ValueType.RATIO:
            return format_value(int(value), kind)
        return format_value(rounded(value, 2), ValueType.RATIO)
    if isinstance(value, bool | int | Decimal):
        return format_value(value, kind)
    return str(value)


def label(spec: CellSpec) -> str:
    """How a message names a cell: item, and the column where the row has several."""
    return f"{spec.row.item} «{spec.row.name}», cột «{spec.column.title}»"


def written(reading: Reading, specs: Iterable[CellSpec]) -> list[tuple[CellSpec, str]]:
    """The cells in which a text stands, each with its text."""
    found = ((spec, reading.cell(spec.key)) for spec in specs)
    return [
        (spec, cell.value)
        for spec, cell in found
        if cell is not None and cell.answer is Answer.VALUE and isinstance(cell.value, str)
    ]


def cell_text(cell: Cell | None) -> str:
    """What was written in a cell of text; empty when nothing was."""
    if cell is None or cell.answer is not Answer.VALUE or cell.value is None:
        return ""
    return str(cell.value).strip()
