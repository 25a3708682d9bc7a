"""From accepted reports to the province's figures: exact sums, ratios from sums, coverage for every cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from functools import partial

from baocao.consolidation.comparing import PeriodComparison, plan_shares, share_of
from baocao.consolidation.counting import counted, populations
from baocao.consolidation.findings import province_findings
from baocao.consolidation.presence import Presence
from baocao.consolidation.sources import conflicts
from baocao.consolidation.tally import EXACT, CellKind, Tally, UnitTotals, add_up
from baocao.consolidation.targets import judge
from baocao.exact import Number
from baocao.forms.derivation import Derivation, DerivationKind, compute, is_over_nothing, pack_derivations
from baocao.model.consolidated import NOTHING_KNOWN, Change, Consolidation, Earlier, PlanShare
from baocao.model.form import CellKey, EntryLevel
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Coverage, ProvinceValue
from baocao.model.sources import SourceDecision
from baocao.model.submission import AcceptedCells
from baocao.model.unit import Unit

_LAST_YEAR, _LAST_REPORT = "cùng kỳ năm trước", "báo cáo trước"


def consolidate(
    pack: Pack,
    period: Period,
    accepted: Iterable[AcceptedCells],
    expected: Sequence[Unit],
    waived: Collection[str] = (),
    year_ago: Earlier | None = None,
    just_before: Earlier | None = None,
    sources: Sequence[SourceDecision] = (),
) -> Consolidation:
    """The province values of one period.

    `accepted` may be a stream, in any order: the result does not depend on it. `expected` are the units that owed a
    report when the window opened; those in `waived` owe nothing. `year_ago` holds what the units had reported in the
    same kind of report a year ago, `just_before` in the report just before: figures are compared over the units that
    are in both. `sources` are the decisions about rows that two levels report differently. Missing units are named,
    never imputed.

    Raises ConsolidationError when what was accepted cannot be added up, ConfigurationError when the pack derives a
    cell from one that does not exist.
    """
    # On the cut-off day: communes are merged and split between two reports.
    valid_units = sum(not u.is_lead_body for u in pack.units_on(period.cutoff_on))
    # Every sum and comparison inside raises rather than rounds.
    with localcontext(EXACT):
        decided = {(d.form, d.row): d.stands for d in sources}
        roll = add_up(pack, expected, accepted, waived, decided)
        order = pack_derivations(pack)
        now = Presence(roll, order)
        shares = plan_shares(pack, now)
        last_year = _changes(pack, now, year_ago, _LAST_YEAR, decided)
        last_report = _changes(pack, now, just_before, _LAST_REPORT, decided)
        asked = populations(pack, period, roll)
        values = _values(pack, now, shares, last_year, asked)
    targets = judge(pack, period, values, asked, last_year, shares)
    differing = conflicts(pack, roll, sources)
    missing = tuple(u for i, u in enumerate(roll.units) if i not in roll.received and i not in roll.excused)
    excused = tuple(roll.units[i] for i in sorted(roll.excused))
    return Consolidation(
        regime=pack.code,
        period=period.code,
        values=values,
        texts=_texts(roll),
        targets=targets,
        findings=province_findings(pack, roll, targets, missing, excused, asked, last_report, differing),
        coverage=Coverage(len(roll.received), len(roll.owing), tuple(u.code for u in missing)),
        expected=roll.owing,
        missing=missing,
        waived=excused,
        valid_units=valid_units,
        populations=asked,
        conflicts=differing,
        last_year=last_year,
        last_report=last_report,
        plan_shares=shares,
        share_of=partial(share_of, pack, now),
    )


def _changes(
    pack: Pack,
    now: Presence,
    earlier: Earlier | None,
    when: str,
    decided: Mapping[tuple[str, str], EntryLevel],
) -> dict[CellKey, Change]:
    if earlier is None:
        return {}
    # The same source then as now, or the difference would be one of sources.
    then = add_up(pack, now.roll.units, earlier.reports, decided=decided)
    return PeriodComparison(now, Presence(then, now.order), earlier, pack.regime.wording, when).changes()


def _values(
    pack: Pack,
    presence: Presence,
    shares: Mapping[CellKey, PlanShare],
    last_year: Mapping[CellKey, Change],
    asked: Mapping[CellKey, int],
) -> dict[CellKey, ProvinceValue]:
    """Every consolidated cell: entered ones from the tallies, then derived ones from those."""
    roll = presence.roll
    found = {
        key: _entered(tally, presence, asked) for key, tally in roll.tallies.items() if tally.kind is not CellKind.TEXT
    }
    now: dict[CellKey, Number | None] = {key: value.value for key, value in found.items()}
    nil = {key: value.nil for key, value in found.items()}
    for key, derivation in presence.order.items():
        value, is_nil, coverage = _derived(derivation, presence, now, shares, last_year)
        if value is not None and not is_nil:
            # A total is nil only when every part that is known is; 0 + nil is the figure 0.
            is_nil = all(nil.get(c, False) for c in derivation.components if now.get(c) is not None)
        now[key], nil[key] = value, is_nil
        found[key] = ProvinceValue(key, value, is_nil, coverage)
    for key, change in last_year.items():
        if key in found and change.previous is not None:
            found[key] = replace(found[key], previous=change.previous)
    # In printed order: the rows of the database, the hash of the values and the sheets follow it.
    return {key: found[key] for form in pack.forms for key in form.cells if key in found}


def _derived(
    derivation: Derivation,
    presence: Presence,
    now: Mapping[CellKey, Number | None],
    shares: Mapping[CellKey, PlanShare],
    last_year: Mapping[CellKey, Change],
) -> tuple[Number | None, bool, Coverage]:
    """(value, nil, coverage). A ratio is of the units that have both its sides, a change of those in both years."""
    key, coverage = derivation.key, presence.behind(derivation.key)
    if derivation.kind is DerivationKind.LINEAR:
        return compute(derivation, now), False, coverage
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        change = last_year.get(derivation.plus[0], NOTHING_KNOWN)
        if change.percent is None:
            return None, False, coverage
        return change.percent, False, Coverage(change.counted, change.expected, change.left_out)
    if key in shares:
        share = shares[key]
        if share.reason:
            return None, False, Coverage(share.counted, share.expected, share.left_out)
        # Over a plan of 0 there is nothing to reach: "không phát sinh", not 0 % nor 100 %.
        nothing = share.plan is not None and not share.plan
        return share.percent, nothing, coverage if share.is_all else _of_share(share)
    both = presence.both(derivation)
    over = {c: presence.total(c, both) for c in derivation.components}
    # The coverage printed is the one the figure has: without the units that gave only one side.
    if both != presence.there(key):
        left_out = presence.owing(key) & ~both
        coverage = replace(coverage, counted=both.bit_count(), missing=presence.codes(left_out))
    return compute(derivation, over), is_over_nothing(derivation, over), coverage


def _of_share(share: PlanShare) -> Coverage:
    return Coverage(share.counted, share.expected, share.left_out)


def _entered(tally: Tally, presence: Presence, asked: Mapping[CellKey, int]) -> ProvinceValue:
    coverage = presence.behind(tally.key)
    if tally.is_counted:
        return counted(tally, coverage, asked[tally.key])
    communes, provincial = tally.sides()
    value, values = _rolled_up(tally, communes, provincial, presence.roll.level_of(tally))
    return ProvinceValue(tally.key, value, value is not None and not values, coverage, communes, provincial)


def _rolled_up(
    tally: Tally, communes: int | Decimal | None, provincial: int | Decimal | None, level: EntryLevel | None
) -> tuple[int | Decimal | None, int]:
    """(value, number of figures behind it; 0 means that all who answered declared nil)."""
    if level is EntryLevel.PROVINCE:
        return provincial, tally.provincial_values
    if level is EntryLevel.COMMUNE:
        return communes, tally.commune_values
    figures = tally.commune_values + tally.provincial_values
    # A side nobody answered is left out and not added as 0, which would say that it had reported.
    if communes is None or provincial is None:
        return (communes if provincial is None else provincial), figures
    return communes + provincial, figures


def _texts(roll: UnitTotals) -> dict[CellKey, tuple[tuple[str, str], ...]]:
    result = {}
    for key, tally in roll.tallies.items():
        if tally.texts:
            # By place and not as they came: the stream's order must not show in the report.
            ordered = sorted(tally.texts, key=lambda t: (not roll.units[t[0]].is_lead_body, t[0]))
            result[key] = tuple((roll.units[i].code, text) for i, text in ordered)
    return result
