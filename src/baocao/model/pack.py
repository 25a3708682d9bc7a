"""A loaded regime pack: what its files declare, and how one of it is found."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from baocao.model.form import ColumnRole, Form, Row, Table
from baocao.model.pack_parts.bridge import Bridge
from baocao.model.pack_parts.cascade import Cascade
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.pack_parts.rules import RuleBook
from baocao.model.pack_parts.succession import Succession
from baocao.model.regime import Regime, Target
from baocao.model.unit import Unit


@dataclass(frozen=True, eq=False)
class Pack:
    """A loaded regime: the regime itself, its units, forms and targets.

    Two packs are the same when they are one object: `model.pack_views` keeps by it what follows from a pack, and a copy
    with other units never gets the answers of the pack it was copied from.
    """

    regime: Regime
    units: tuple[Unit, ...]
    forms: tuple[Form, ...]
    """Those under `forms` of the regime, in workbook order; the newest version of each."""
    targets: tuple[Target, ...]
    sha256: str
    """Of all pack files, sorted by name: goes into every manifest."""
    others: tuple[Form, ...] = ()
    """Versions that were replaced, and forms that only some kinds of report use: for the periods that need them."""
    bridges: tuple[Bridge, ...] = ()
    """How figures of a replaced form version are read in the one that replaced it."""
    succession: tuple[Succession, ...] = ()
    """Renamed, merged and split units."""
    view: str = ""
    """Which view of the pack this is: what is kept on disk for one must not be used for another."""
    view_of: Pack | None = field(default=None, repr=False)
    """Of a period's view: the pack it is a view of."""
    cascade: Cascade | None = field(default=None, repr=False)
    """How the signed result goes on to a higher regime; None: it does not."""

    @property
    def code(self) -> str:
        return self.regime.code

    @property
    def whole(self) -> Pack:
        """The pack itself, of which this may be the view of one period."""
        return self.view_of or self

    @cached_property
    def rules(self) -> RuleBook:
        """The rules that run in this regime."""
        return RuleBook(self.regime.rules)

    @cached_property
    def _by_code(self) -> dict[str, Unit]:
        return {u.code: u for u in self.units}

    @property
    def unit_codes(self) -> Set[str]:
        """The codes of all its units, those included that exist no more."""
        return self._by_code.keys()

    def unit(self, code: str) -> Unit | None:
        """The unit with that code, whether or not it still exists; None where the pack has none."""
        return self._by_code.get(code)

    def unit_name(self, code: str) -> str:
        """How a unit is named to a reader; its code where the pack does not have it."""
        unit = self._by_code.get(code)
        return code if unit is None else unit.full_name

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """Who owes a report for a period cut off on `day`."""
        return tuple(u for u in self.units if u.valid_on(day))

    def form(self, code: str) -> Form:
        """The newest version of the form. Raises StopIteration where the pack has none of that code."""
        # Replaced versions stand in `others` oldest first, so the first met from the end is the newest.
        return next(f for f in (*self.forms, *reversed(self.others)) if f.code == code)

    def row(self, form: str, code: str) -> tuple[Table, Row]:
        """The row of that code with its table. Raises KeyError."""
        for table in self.form(form).tables:
            for row in table.rows:
                if row.code == code:
                    return table, row
        raise KeyError(f"{form}/{code}")

    def rule_of(self, kind: str) -> PeriodRule:
        """The kind of report with that id. Raises StopIteration where the pack has none."""
        return next(r for r in self.regime.periods if r.kind == kind)

    def narrative_of(self, rule: PeriodRule) -> Form | None:
        """The form whose texts are the sections of that kind of report; None: its forms hold figures alone."""
        if rule.narrative_form is not None:
            return self.form(rule.narrative_form) if rule.narrative_form else None
        told = [f for f in self.forms if any(c.role is ColumnRole.TEXT for t in f.tables for c in t.columns)]
        return told[-1] if told else None
