"""A loaded regime pack, as a whole or as one period sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from baocao.model.form import CellKey, ColumnRole, EntryLevel, Form, Relation, Row, Table
from baocao.model.pack_parts.bridge import Bridge
from baocao.model.pack_parts.cascade import Cascade
from baocao.model.pack_parts.period_rules import Cycle, LevelDeadline, PeriodDay, PeriodRule
from baocao.model.pack_parts.rules import RuleBook
from baocao.model.pack_parts.slices import Asked, concrete_relations, only_rows, slice_forms
from baocao.model.pack_parts.succession import Succession
from baocao.model.period import Deadline, Period, Request
from baocao.model.regime import ASKED_BY, Recipient, Regime, Target
from baocao.model.unit import Unit


@dataclass(frozen=True)
class Pack:
    """A loaded regime: the regime itself, its units, forms and targets."""

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
    """Which view of the pack this is: what may be cached for one must not be used for another."""
    cascade: Cascade | None = field(default=None, repr=False)
    """How the signed result goes on to a higher regime; None: it does not."""
    _by_code: dict[str, Unit] = field(default_factory=dict, repr=False, compare=False)
    _views: dict[object, Pack] = field(default_factory=dict, repr=False, compare=False)
    _whole: Pack | None = field(default=None, repr=False, compare=False)
    """Of a period's view: the pack it is a view of."""

    def __post_init__(self) -> None:
        self._by_code.update({u.code: u for u in self.units})

    @property
    def code(self) -> str:
        return self.regime.code

    @cached_property
    def rules(self) -> RuleBook:
        """The rules that run in this regime."""
        return RuleBook(self.regime.rules)

    def unit(self, code: str) -> Unit | None:
        """The unit with that code, whether or not it still exists; None where the pack has none."""
        return self._by_code.get(code)

    @cached_property
    def unit_codes(self) -> frozenset[str]:
        """The codes of all its units, those included that exist no more."""
        return frozenset(self._by_code)

    def unit_name(self, code: str) -> str:
        """How a unit is named to a reader; its code where the pack does not have it."""
        unit = self._by_code.get(code)
        return code if unit is None else unit.full_name

    def form(self, code: str) -> Form:
        """The newest version of the form. Raises StopIteration where the pack has none of that code."""
        return next(f for f in (*self.forms, *reversed(self.others)) if f.code == code)

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """Who owes a report for a period cut off on `day`."""
        return tuple(u for u in self.units if u.valid_on(day))

    def rule_of(self, kind: str) -> PeriodRule:
        """The kind of report with that id. Raises StopIteration where the pack has none."""
        return next(r for r in self.regime.periods if r.kind == kind)

    def narrative_of(self, rule: PeriodRule) -> Form | None:
        """The form whose texts are the sections of that kind of report; None: its forms hold figures alone."""
        if rule.narrative_form is not None:
            return self.form(rule.narrative_form) if rule.narrative_form else None
        told = [f for f in self.forms if any(c.role is ColumnRole.TEXT for t in f.tables for c in t.columns)]
        return told[-1] if told else None

    @property
    def whole(self) -> Pack:
        """The pack itself, of which this may be the view of one period."""
        return self._whole or self

    def with_every_form(self) -> Pack:
        """The forms that only some kinds of report use among the others: what a reader of the rules wants to see."""
        more = {(code, versions[-1].version) for code, versions in self.regime.more_forms.items()}
        others = tuple(form for form in self.others if (form.code, form.version) in more)
        if not others:
            return self
        return replace(self, forms=(*self.forms, *others), view="every form", _by_code={}, _views={}, _whole=self.whole)

    def for_period(self, period: Period) -> Pack:
        """The pack as one period sees it: the forms of its kind of report in the versions in force for its cut-off
        day, cut down to what was asked for where it is an ad hoc request, and the units that owe it.

        Of a view as of the whole pack: the view of another period has all its own forms.
        """
        if self._whole is not None:
            return self._whole.for_period(period)
        return self._for(self._rule_for(period), period.cutoff_on, period.code, period.request)

    def before_go_live(self, kind: str, cutoff_on: date) -> Pack:
        """The pack as a period of that kind saw it that lies before the calendar."""
        return self.whole._for(self.rule_of(kind), cutoff_on)

    def _for(self, rule: PeriodRule, cutoff_on: date, code: str = "", asked: Request | None = None) -> Pack:
        codes = rule.forms or tuple(self.regime.forms)
        if asked is not None and asked.forms:
            codes = tuple(form for form in codes if form in (*asked.forms, rule.narrative_form))
        versions = tuple((form, self.regime.version_on(form, cutoff_on)) for form in codes)
        left_out = self._left_out(rule.kind)
        key = (versions, left_out, asked and (code, asked))
        if key not in self._views:
            self._views[key] = self._view(versions, left_out, rule, asked)
        return self._views[key]

    def _rule_for(self, period: Period) -> PeriodRule:
        """The rule of the period's kind; an ad hoc request is its own rule, sent to who asked and to nobody else.

        Raises LookupError when the regime knows no ad hoc reports.
        """
        if period.request is None:
            return self.rule_of(period.kind)
        ad_hoc = self.regime.ad_hoc
        if ad_hoc is None:
            raise LookupError(f"{self.code}/regime.yaml: ad_hoc: chế độ này không khai báo cáo đột xuất")

        def before(deadline: Deadline, locked: int) -> LevelDeadline:
            day = PeriodDay(on=deadline.due_at.date() + timedelta(days=1))
            return LevelDeadline(before=day, locked_days_after_due=locked, anchor=ad_hoc.anchor)

        return PeriodRule(
            kind=period.kind,
            cycle=Cycle(months=12),
            scope=period.scope,
            code=period.code,
            name=period.name,
            years=(period.year,),
            covers_from=PeriodDay(on=period.covers_from),
            cutoff=PeriodDay(on=period.cutoff_on),
            opens=PeriodDay(on=period.opens_at.date()),
            unit=before(period.unit, ad_hoc.unit_locked_days_after_due),
            province=before(period.province, ad_hoc.province_locked_days_after_due),
            anchor=ad_hoc.anchor,
            recipients=(ASKED_BY,),
            narrative_form=ad_hoc.narrative_form,
            forms=ad_hoc.forms,
        )

    def _left_out(self, kind: str) -> tuple[str, ...]:
        """Ids of the relations that do not hold for this kind of report."""
        return tuple(sorted({r.id for r in self._of_some_kinds if kind not in r.only_for}))

    @cached_property
    def _of_some_kinds(self) -> tuple[Relation, ...]:
        every = (*self.regime.relations, *(r for f in (*self.forms, *self.others) for r in f.relations))
        return tuple(r for r in every if r.only_for)

    def _view(
        self, versions: Sequence[tuple[str, str]], left_out: Sequence[str], rule: PeriodRule, asked: Request | None
    ) -> Pack:
        there = {(f.code, f.version): f for f in (*self.others, *self.forms)}
        forms = tuple(there[version] for version in versions)
        if forms == self.forms and not left_out and asked is None:
            return self
        forms = only_rows(tuple(_without(form, left_out) for form in forms), asked.rows if asked else ())
        codes, cells = {f.code for f in forms}, {str(key) for f in forms for key in f.cells}
        named = {name.rpartition("/")[0] for name in cells}
        projects = tuple(
            p.model_copy(update={"activity": tuple(a for a in p.activity if a in cells)}) for p in self.regime.projects
        )
        nil = {code: reason for code, reason in self.regime.default_nil.items() if code in codes}
        relations = tuple(r for r in self.regime.relations if r.id not in left_out)
        changes: dict[str, Any] = {"projects": projects, "default_nil": nil, "relations": relations}
        if asked is not None:
            who = Recipient(id=ASKED_BY, name=asked.asked_by, email=asked.address, verified=False, anchor=rule.anchor)
            changes |= {"periods": (*self.regime.periods, rule), "recipients": (*self.regime.recipients, who)}
        return replace(
            self,
            regime=self.regime.model_copy(update=changes),
            units=tuple(u for u in self.units if not (asked and asked.units) or u.code in asked.units),
            forms=forms,
            targets=tuple(t for t in self.targets if t.indicator in named),
            view=" ".join(
                [
                    *(f"{code}@{version}" for code, version in versions),
                    *(f"-{relation}" for relation in left_out),
                    repr(asked) if asked else "",
                ]
            ),
            _by_code={},
            _views={},
            _whole=self,
        )

    def entered_by(self, unit: Unit) -> tuple[Form, ...]:
        """The forms this unit must fill, each cut down to the rows it enters.

        A territorial unit enters the rows of level `commune`; a lead body the rows of level `province` whose project
        it leads (and all narrative rows). Headings stay where a row below them stays. Relations are those of the pack.
        """
        return self._entered[self._slice_of(unit)]

    def relations_for(self, unit: Unit) -> tuple[Relation, ...]:
        """The relations that can be judged on this unit's workbook alone: all cells exist in its forms, its level is
        meant, and every `*` is replaced by concrete rows and columns."""
        return self._relations[self._slice_of(unit)]

    @property
    def units_without_email(self) -> tuple[Unit, ...]:
        """Nobody can be written to there: the operator is alarmed."""
        return tuple(u for u in self.units if not u.email)

    def row(self, form: str, code: str) -> tuple[Table, Row]:
        """The row of that code with its table. Raises KeyError."""
        for table in self.form(form).tables:
            for row in table.rows:
                if row.code == code:
                    return table, row
        raise KeyError(f"{form}/{code}")

    @staticmethod
    def _slice_of(unit: Unit) -> tuple[str, ...]:
        return unit.projects if unit.is_lead_body else ("commune",)

    @cached_property
    def _entered(self) -> dict[tuple[str, ...], tuple[Form, ...]]:
        slices = {("commune",), *(u.projects for u in self.units if u.is_lead_body)}
        return {key: slice_forms(self.forms, _entered_in(key)) for key in sorted(slices)}

    @cached_property
    def _relations(self) -> dict[tuple[str, ...], tuple[Relation, ...]]:
        every = self.regime.relations + tuple(r for f in self.forms for r in f.relations)
        return {
            key: concrete_relations([r for r in every if _level_of(key) in r.levels], forms)
            for key, forms in self._entered.items()
        }

    @cached_property
    def cells(self) -> dict[CellKey, tuple[Form, object]]:
        return {key: (form, spec) for form in self.forms for key, spec in form.cells.items()}


def _without(form: Form, relations: Sequence[str]) -> Form:
    """The form without the relations of these ids."""
    left = tuple(r for r in form.relations if r.id not in relations)
    return form if left == form.relations else form.model_copy(update={"relations": left})


def _level_of(key: tuple[str, ...]) -> EntryLevel:
    return EntryLevel.COMMUNE if key == ("commune",) else EntryLevel.PROVINCE


def _entered_in(key: tuple[str, ...]) -> Callable[[Asked], bool]:
    """Which rows a slice enters: `("commune",)` or the projects of a lead body."""
    level = _level_of(key)
    return lambda row: level in row.levels and (level is EntryLevel.COMMUNE or not row.project or row.project in key)
