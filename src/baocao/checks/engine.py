"""Checking one workbook: rules compiled once per pack and slice, run in stages, each fault reported at its cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from baocao.checks.cell_specs import CellSpec, Layout, lay_out
from baocao.checks.history import History
from baocao.checks.reading import Reading, written
from baocao.checks.rules.answers import check_answers
from baocao.checks.rules.decisions import Decided, check_dates, check_decisions, dates, decided_statuses
from baocao.checks.rules.derived import check_derived
from baocao.checks.rules.identity import check_identity
from baocao.checks.rules.lists import ListSpec, check_lists, check_totals, list_specs
from baocao.checks.rules.money import AmountCell, amounts, check_amounts
from baocao.checks.rules.past import CellsWithPast, against_the_past, check_against_past
from baocao.checks.rules.plausible import ProjectMoney, check_money_and_activity, projects_with_money
from baocao.checks.rules.ratios import RatioPair, check_ratios, ratio_pairs
from baocao.checks.rules.register import check_against_register
from baocao.checks.rules.relations import CompiledRelation, Instance, check_relations, compile_relations
from baocao.checks.rules.term import check_against_term
from baocao.checks.rules.unusual import Comparable, check_unusual, comparable
from baocao.checks.texts.legible import check_wording
from baocao.checks.texts.nil_answers import check_nil_denominators, check_nil_equals, check_nil_openings, ties_two_cells
from baocao.checks.texts.privacy import check_texts, free_texts
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import once_per_slice
from baocao.model.period import Period
from baocao.model.submission import Finding, Severity, Status, Workbook
from baocao.model.unit import Unit

__all__ = ["CompiledRules", "History", "check", "compile_rules", "decide"]


@dataclass(frozen=True)
class CompiledRules:
    """Everything that can be known about a slice before a workbook arrives."""

    layout: Layout
    within_forms: tuple[CompiledRelation, ...]
    between_forms: tuple[CompiledRelation, ...]
    tied: tuple[Instance, ...]
    """of both, those that make one cell equal to another"""
    ratios: tuple[RatioPair, ...]
    texts: tuple[CellSpec, ...]
    dates: tuple[CellSpec, ...]
    decided: tuple[Decided, ...]
    projects: tuple[ProjectMoney, ...]
    against: CellsWithPast
    amounts: tuple[AmountCell, ...]
    comparable: Comparable
    lists: tuple[ListSpec, ...] = ()

    @cached_property
    def shared_plans(self) -> frozenset[CellKey]:
        """The plan amounts that are held against those of other units."""
        return frozenset(amount.spec.key for amount in self.amounts if amount.shared)


@once_per_slice
def compile_rules(pack: Pack, unit: Unit) -> CompiledRules:
    """The rules of the slice `unit` fills.

    Raises ConfigurationError when a relation or a derivation of the pack cannot be compiled.
    """
    return _compile(lay_out(pack, unit))


def _compile(layout: Layout) -> CompiledRules:
    relations = compile_relations(layout)
    within = tuple(r for r in relations if not r.instance.between_forms)
    between = tuple(r for r in relations if r.instance.between_forms)
    return CompiledRules(
        layout=layout,
        within_forms=within,
        between_forms=between,
        tied=tuple(r.instance for r in (*within, *between) if ties_two_cells(r.instance)),
        ratios=ratio_pairs(layout),
        texts=free_texts(layout),
        dates=dates(layout),
        decided=decided_statuses(layout),
        projects=projects_with_money(layout),
        against=against_the_past(layout),
        amounts=amounts(layout),
        comparable=comparable(layout, (r.instance for r in relations)),
        lists=list_specs(layout),
    )


def check(
    workbook: Workbook, pack: Pack, unit: Unit, period: Period, history: History, *, received_at: datetime
) -> tuple[Finding, ...]:
    """Everything found in a workbook: blocking findings first, then in printed order.

    A relation or a comparison with the past is not looked at when one of its cells is unanswered or at fault itself:
    the cause is reported, what follows from it is not. `received_at` carries a time zone.
    """
    rules = compile_rules(pack, unit)
    reading = Reading(workbook, rules.layout, unit, period, history, received_at)
    # The order is part of the rules: a cell found at fault is left out by the rules after it, so the cause is reported
    # and what follows from it is not. Cells first, then NP where a figure is needed, computed cells, relations, the
    # past.
    check_identity(reading)
    check_answers(reading)
    texts = written(reading, (*rules.texts, *check_lists(reading, rules.lists)))
    check_wording(reading, texts)
    check_texts(reading, texts)
    check_dates(reading, rules.dates)
    check_nil_openings(reading, rules.against)
    check_nil_denominators(reading, rules.ratios)
    check_derived(reading)
    check_nil_equals(reading, rules.tied)
    check_ratios(reading, rules.ratios)
    check_relations(reading, rules.within_forms)
    check_relations(reading, rules.between_forms)
    check_totals(reading, rules.lists)
    check_money_and_activity(reading, rules.projects)
    check_against_term(reading, rules.against)
    check_against_past(reading, rules.against)
    check_decisions(reading, rules.decided)
    check_amounts(reading, rules.amounts)
    check_unusual(reading, rules.comparable)
    check_against_register(reading)
    # By rule as well: the order must not depend on that of the calls above, letters and golden files print it.
    ordered = sorted(reading.found, key=lambda item: (item[1].severity is not Severity.BLOCKS, item[0], item[1].rule))
    return tuple(finding for _, finding in ordered)


def decide(findings: Iterable[Finding]) -> Status:
    """ACCEPTED when nothing blocks, else RETURNED. Findings to explain never return a file by themselves."""
    return Status.RETURNED if any(f.severity is Severity.BLOCKS for f in findings) else Status.ACCEPTED
