"""What goes into the cells of one blank workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from baocao.exact import Number
from baocao.forms.blank_workbook.layout import (
    FormPlace,
)
from baocao.forms.derivation import Derivations
from baocao.model.form import CellKey
from baocao.model.pack_parts.wording import Wording
from baocao.model.period import Period
from baocao.model.submission import ListName, Value
from baocao.model.unit import Unit


@dataclass(slots=True)
class Content:
    """What goes into the cells of one workbook."""

    unit: Unit
    period: Period
    previous: Mapping[CellKey, Value]
    previous_name: str
    entered: Mapping[CellKey, object]
    """figures, dates, texts; the text `NP` for nil"""
    derivations: Derivations
    derived: Mapping[CellKey, Number]
    """values of derived cells, as a spreadsheet would have stored them"""
    nil_forms: Mapping[str, str]
    info: Mapping[str, str]
    top_level: str = Wording().top_level
    """Who computes what cannot be computed here."""
    origin: Mapping[str, str] = field(default_factory=dict)
    """`_meta` pairs that say which signed report the values come from"""
    places: dict[str, FormPlace] = field(default_factory=dict)
    """form code -> layout: formulas point into other sheets"""
    prefilled: frozenset[CellKey] = frozenset()
    """entry cells that come filled in from earlier reports"""
    unit_lines: int = 0
    """how many lines of the guide the unit's name takes; 0: as many as it needs"""
    notes: list[str] = field(default_factory=list)
    """what the guide says about the figures filled in"""
    lists: Mapping[ListName, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    """rows of lists that come filled in: column -> value, money in đồng"""
    nil_lists: Mapping[ListName, str] = field(default_factory=dict)
    """list -> reason why it is empty"""
