"""What follows from a pack: how one period and one unit see it. Worked out once for each pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache, wraps
from typing import Any, TypeVar

from baocao.model.form import CellKey, Column, EntryLevel, Form, Relation, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import Cycle, LevelDeadline, PeriodDay, PeriodRule
from baocao.model.pack_parts.slices import concrete_relations, only_rows, slice_forms
from baocao.model.period import Deadline, Period
from baocao.model.regime import ASKED_BY, Recipient
from baocao.model.unit import Unit

T = TypeVar("T")

# Bounded because a long-lived server meets new packs (replayed ones, drafts of what-if) and would keep each for ever.
KEPT = 64
"""Packs, and views of packs, whose answers a process keeps: a handful of regimes, each in a few views."""


def once_per_pack(work: Callable[[Pack], T]) -> Callable[[Pack], T]:
    """Keep the answers of a function of a pack, for the packs last used."""
    return wraps(work)(lru_cache(KEPT)(work))


def once_per_slice(work: Callable[[Pack, Unit], T]) -> Callable[[Pack, Unit], T]:
    """The same for a function of a pack and of the slice a unit fills: units with the same projects share an answer."""

    @lru_cache(KEPT)
    def answers(pack: Pack) -> dict[tuple[str, ...], T]:
        return {}

    @wraps(work)
    def answer(pack: Pack, unit: Unit) -> T:
        known = answers(pack)
        if unit.projects not in known:
            known[unit.projects] = work(pack, unit)
        return known[unit.projects]

    return answer


@once_per_pack
def with_every_form(pack: Pack) -> Pack:
    """The forms that only some kinds of report use among the others: what a reader of the rules wants to see."""
    more = {(code, versions[-1].version) for code, versions in pack.regime.more_forms.items()}
    others = tuple(form for form in pack.others if (form.code, form.version) in more)
    if not others:
        return pack
    return replace(pack, forms=(*pack.forms, *others), view="every form", view_of=pack.whole)


def for_period(pack: Pack, period: Period) -> Pack:
    """The pack as one period sees it: the forms of its kind of report in the versions in force for its cut-off day, cut
    down to what was asked for where it is an ad hoc request, and the units that owe it.

    Of a view as of the whole pack: the view of another period has all its own forms. Raises LookupError for an ad hoc
    request when the regime knows none.
    """
    return _for_period(pack.whole, period)


@lru_cache(KEPT)
def before_go_live(pack: Pack, kind: str, cutoff_on: date) -> Pack:
    """The pack as a period of that kind saw it that lies before the calendar."""
    return _on(pack.whole, pack.whole.rule_of(kind), cutoff_on)


@lru_cache(KEPT)
def _for_period(pack: Pack, period: Period) -> Pack:
    # Ordinary periods share a view, so the period itself is left out of the key wherever nothing was asked for.
    return _on(pack, _rule_for(pack, period), period.cutoff_on, period if period.request else None)


def _on(pack: Pack, rule: PeriodRule, cutoff_on: date, ad_hoc: Period | None = None) -> Pack:
    asked = ad_hoc and ad_hoc.request
    codes = rule.forms or tuple(pack.regime.forms)
    if asked and asked.forms:
        codes = tuple(form for form in codes if form in (*asked.forms, rule.narrative_form))
    versions = tuple((form, pack.regime.version_on(form, cutoff_on)) for form in codes)
    left_out = tuple(sorted({r.id for r in _of_some_kinds(pack) if rule.kind not in r.only_for}))
    return _view(pack, versions, left_out, ad_hoc)


@once_per_pack
def _of_some_kinds(pack: Pack) -> tuple[Relation, ...]:
    return tuple(r for r in every_relation(pack) if r.only_for)


def _rule_for(pack: Pack, period: Period) -> PeriodRule:
    """The rule of the period's kind; an ad hoc request is its own rule, sent to who asked and to nobody else."""
    if period.request is None:
        return pack.rule_of(period.kind)
    ad_hoc = pack.regime.ad_hoc
    if ad_hoc is None:
        raise LookupError(f"{pack.code}/regime.yaml: ad_hoc: chế độ này không khai báo cáo đột xuất")

    def before(deadline: Deadline, locked: int) -> LevelDeadline:
        # A rule says `before`, the row of a special period keeps the last instant in time: the day after it.
        day = PeriodDay(on=deadline.due_at.date() + timedelta(days=1))
        return LevelDeadline(before=day, locked_days_after_due=locked, anchor=ad_hoc.anchor)

    return PeriodRule(
        kind=period.kind,
        # Any cycle will do: no calendar is computed from this rule, the period is there already (ADR 0019).
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


@lru_cache(KEPT)
def _view(pack: Pack, versions: tuple[tuple[str, str], ...], left_out: tuple[str, ...], ad_hoc: Period | None) -> Pack:
    """The view of all periods that see these versions without these relations; an ad hoc request has its own."""
    there = {(f.code, f.version): f for f in (*pack.others, *pack.forms)}
    forms = tuple(there[version] for version in versions)
    asked = ad_hoc and ad_hoc.request
    # The pack itself, so that whatever is kept by it (`once_per_pack`) is found again.
    if forms == pack.forms and not left_out and not asked:
        return pack
    forms = only_rows(tuple(_without(form, left_out) for form in forms), asked.rows if asked else ())
    codes, cells = {f.code for f in forms}, {str(key) for f in forms for key in f.cells}
    named = {name.rpartition("/")[0] for name in cells}
    # Money without activity must not be asked about where the period leaves the cells of the activity out.
    projects = tuple(
        p.model_copy(update={"activity": tuple(a for a in p.activity if a in cells)}) for p in pack.regime.projects
    )
    nil = {code: reason for code, reason in pack.regime.default_nil.items() if code in codes}
    relations = tuple(r for r in pack.regime.relations if r.id not in left_out)
    changes: dict[str, Any] = {"projects": projects, "default_nil": nil, "relations": relations}
    if ad_hoc and asked:
        rule = _rule_for(pack, ad_hoc)
        who = Recipient(id=ASKED_BY, name=asked.asked_by, email=asked.address, verified=False, anchor=rule.anchor)
        changes |= {"periods": (*pack.regime.periods, rule), "recipients": (*pack.regime.recipients, who)}
    return replace(
        pack,
        regime=pack.regime.model_copy(update=changes),
        units=tuple(u for u in pack.units if not (asked and asked.units) or u.code in asked.units),
        forms=forms,
        targets=tuple(t for t in pack.targets if t.indicator in named),
        view=" ".join(
            [
                *(f"{code}@{version}" for code, version in versions),
                *(f"-{relation}" for relation in left_out),
                repr(asked) if asked else "",
            ]
        ),
        view_of=pack,
    )


def _without(form: Form, relations: Sequence[str]) -> Form:
    """The form without the relations of these ids."""
    left = tuple(r for r in form.relations if r.id not in relations)
    return form if left == form.relations else form.model_copy(update={"relations": left})


@once_per_slice
def entered_by(pack: Pack, unit: Unit) -> tuple[Form, ...]:
    """The forms this unit must fill, each cut down to the rows it enters.

    A territorial unit enters the rows of level `commune`; a lead body the rows of level `province` whose project it
    leads (and all narrative rows). Headings stay where a row below them stays. Relations are those of the pack.
    Raises KeyError for a lead body of projects that none of the pack's leads.
    """
    level, projects = _level_of(unit), unit.projects
    if projects and all(other.projects != projects for other in pack.units):
        raise KeyError(projects)
    # A row of no project (texts, the body's own words) is entered by every lead body.
    return slice_forms(
        pack.forms,
        lambda row: level in row.levels and (not projects or not row.project or row.project in projects),
    )


@once_per_slice
def relations_for(pack: Pack, unit: Unit) -> tuple[Relation, ...]:
    """The relations that can be judged on this unit's workbook alone: all cells exist in its forms, its level is meant,
    and every `*` is replaced by concrete rows and columns."""
    level, forms = _level_of(unit), entered_by(pack, unit)
    every = pack.regime.relations + tuple(r for f in pack.forms for r in f.relations)
    return concrete_relations([r for r in every if level in r.levels], forms)


def _level_of(unit: Unit) -> EntryLevel:
    return EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE


@once_per_pack
def pack_cells(pack: Pack) -> dict[CellKey, tuple[Table, Row, Column]]:
    """Every cell of the pack's forms, in printed order."""
    return {key: spec for form in pack.forms for key, spec in form.cells.items()}


@once_per_pack
def pack_rows(pack: Pack) -> dict[tuple[str, str], tuple[Form, Table, Row]]:
    """Every row of the pack's forms by the codes of form and row, in printed order; headings included."""
    return {
        (form.code, row.code): (form, table, row) for form in pack.forms for table in form.tables for row in table.rows
    }


def every_relation(pack: Pack) -> tuple[Relation, ...]:
    """The relations of the pack and of all its forms, also of those that no period has now."""
    return (*pack.regime.relations, *(r for f in (*pack.forms, *pack.others) for r in f.relations))


def figure_rows(pack: Pack) -> Iterator[tuple[Form, Table, Row]]:
    """Every row of the pack that holds figures, in printed order."""
    return (place for place in pack_rows(pack).values() if not place[2].heading)
