"""Which earlier figures the rules against the past, and the comparisons of the report, look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

from sqlalchemy import Connection

from baocao.calendar.periods import before_calendar
from baocao.checks.engine import compile_rules
from baocao.checks.history import History
from baocao.checks.rules.peers import Peers
from baocao.forms.earlier_figures import in_forms_of, joined, nothing_comparable
from baocao.model.consolidated import Earlier
from baocao.model.form import CellKey, RollUp, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.bridge import EarlierFigures, is_compared
from baocao.model.pack_parts.succession import PredecessorUnits, changed_between, origin_of
from baocao.model.pack_views import before_go_live, for_period, pack_cells
from baocao.model.period import Period, PeriodKind
from baocao.model.submission import AcceptedCells, Answer, Cell, Timeliness, Value
from baocao.model.term_totals import TermAggregation, UnitTerm
from baocao.store.reports import corrections, reports
from baocao.store.submissions import cells, submissions
from baocao.store.submissions.submissions import accepted_periods
from baocao.store.submissions.timeliness import unit_timeliness
from baocao.store.values import typed_by
from baocao.workflow.inspections.register_figures import register_figures
from baocao.workflow.installation import Installation
from baocao.workflow.periods.accumulating import unit_term
from baocao.workflow.periods.earlier_periods import begins_with, earlier_periods, follows, same_period_last_year
from baocao.workflow.periods.peer_amounts import peers_in


def history_of(
    place: Installation, conn: Connection, pack: Pack, unit: str, period: Period, *, peers: bool = True
) -> History:
    """The unit's earlier accepted figures, by the role they play for `period`: in the form versions of now, and of the
    unit as it is now. Cells that cannot be compared are not in it, so that no rule speaks of them.

    Without `peers` what other units were given is left out: no workbook shows it, and it is much to read.
    """
    # By what was accepted: a period that the unit missed is no past of it.
    known = _known_of_unit(place, conn, pack, unit, period)
    earlier = earlier_periods(place, period, known)

    @cache
    def figures(code: str | None) -> Mapping[CellKey, Value]:
        return {} if code is None else past_of_unit(place, conn, pack, unit, period, code).figures

    calendar = {p.code: p for p in place.periods(period.regime)}
    of_the_year = [calendar[c] for c in earlier if c in calendar and calendar[c].year == period.year]
    inside = next((p for p in of_the_year if period.is_evaluation or begins_with(period, p)), None)
    before = next((p for p in of_the_year if follows(period, p.cutoff_on)), None)
    last_year = same_period_last_year(pack, period)
    found = History(
        previous=figures(earlier[0] if earlier else None),
        follows=_is_followed(pack, calendar, earlier, period),
        same_year=figures(inside.code if inside else None),
        same_year_name=_called(inside),
        year_so_far=figures(before.code if before else None),
        last_year=figures(last_year if last_year in known else None),
        register=register_figures(conn, pack, unit, period),
        peers=_peers(place, conn, pack, unit, period) if peers else {},
        reported_in_time=period.code in known
        and unit_timeliness(conn, pack.code, period.code, unit) is not Timeliness.LATE,
    )
    return _with_the_term(found, unit_term(place, conn, pack, period, unit)) if period.is_evaluation else found


def _is_followed(pack: Pack, calendar: Mapping[str, Period], earlier: Sequence[str], period: Period) -> bool:
    """Whether the period begins the day after the latest earlier one ended, as far as that is known."""
    if not earlier or period.is_evaluation:
        return True
    found = calendar.get(earlier[0])
    outside = None if found is not None else before_calendar(pack.regime, earlier[0])
    ended = found.cutoff_on if found is not None else outside and outside[2]
    # A baseline whose code says no day is taken to end where this period begins.
    return ended is None or follows(period, ended)


def _called(earlier: Period | None) -> str:
    """In a sentence: six months by its usual name, others by their own."""
    return "6 tháng" if earlier is None or earlier.kind == PeriodKind.SIX_MONTH else earlier.name


def _peers(place: Installation, conn: Connection, pack: Pack, unit: str, period: Period) -> dict[str, Peers]:
    """Plan amounts of the other units that fill the same cells, by form: those accepted so far; where they are too few
    those of the period before; where there is none of that nothing, and the band of the form alone is looked at.

    What is answered depends on what is accepted and on nothing else.
    """
    me = pack.unit(unit)
    forms = {key.form for key in compile_rules(pack, me).shared_plans} if me is not None else set()
    if not forms:
        return {}
    found = peers_in(place, conn, pack, unit, period.code)
    if len(found) < len(forms):
        before = earlier_periods(place, period, accepted_periods(conn, period.regime))
        found |= peers_in(place, conn, pack, unit, before[0], frozenset(found)) if before else {}
    return found


def _with_the_term(history: History, term: UnitTerm) -> History:
    """What adds up over the term, and the opening stocks of its first year."""
    added = {
        key: a.value
        for key, a in term.cells.items()
        if a.way in {TermAggregation.SUM, TermAggregation.EARLIEST} and isinstance(a.value, int | Decimal) and not a.nil
    }
    behind = term.behind
    rest = Fraction(behind.days_left, behind.days_covered) if behind.days_covered else None
    return replace(history, accumulated=added, rest_of_term=rest)


def _known_of_unit(place: Installation, conn: Connection, pack: Pack, unit: str, period: Period) -> set[str]:
    """Codes of the periods for which the unit, or who stood in its place then, has an accepted submission."""
    units, ahead = {unit}, [unit]
    while ahead:
        code = ahead.pop()
        before = {c.old for c in pack.succession if c.new == code} - units
        units |= before
        ahead += sorted(before)
    accepted = {code: accepted_periods(conn, period.regime, code) for code in sorted(units)}
    # Nearly every unit: without a predecessor there is no need to look at any cut-off day.
    if len(units) == 1:
        return accepted[unit]
    known = set()
    for code in sorted(set().union(*accepted.values())):
        origin = _origin(pack, unit, period, pack_then(place, pack, code)[1])
        known |= {code} if any(code in accepted[u] for u in origin.units) else set()
    return known


def past_of_unit(
    place: Installation, conn: Connection, pack: Pack, unit: str, period: Period, code: str
) -> EarlierFigures[Value]:
    """What the unit's figures of `period` can be held against, of the earlier period `code`."""
    then, day = pack_then(place, pack, code)
    origin = _origin(pack, unit, period, day)
    # Which part of the old unit's figure belongs to this one is not known (ADR 0017).
    if origin.split:
        who = _name(pack, origin.split)
        return nothing_comparable(pack.forms, f"{who} đã được chia tách ({origin.basis}): số liệu cũ không tách được")
    versions = {f.code: f.version for f in then.forms}
    replaced = any(versions.get(f.code, f.version) != f.version for f in pack.forms)
    typed = typed_by(then)
    parts: dict[str, EarlierFigures[Value]] = {}
    for old in origin.units:
        found = {k: typed(k, text) for k, text in cells.figures_of(conn, period.regime, old, code).items()}
        # Read only where figures are added up or carried over: elsewhere a missing figure says enough.
        nil = cells.nils_of(conn, period.regime, old, code) if origin.merged or replaced else set()
        parts[_name(pack, old)] = EarlierFigures(found, _with_derived(then, found, nil))
    silent = [name for name, part in parts.items() if not part.figures and not part.nil]
    return _joined(then, pack, origin, parts, silent, code)


def _with_derived(then: Pack, figures: Mapping[CellKey, Value], nil: set[CellKey]) -> frozenset[CellKey]:
    """Nil cells with the computed ones of the same rows: of nothing there is no sum to wait for."""
    rows = {(key.form, key.row) for key in nil}
    computed = {
        key
        for form in (then.forms if nil else ())
        for key, (table, row, column) in form.cells.items()
        if (key.form, key.row) in rows and not table.is_entered(row, column)
    }
    return frozenset(nil | (computed - figures.keys()))


def _origin(pack: Pack, unit: str, period: Period, day: date | None) -> PredecessorUnits:
    """Who stood, on an earlier cut-off day, where the unit stands at that of `period`."""
    return PredecessorUnits((unit,)) if day is None else origin_of(unit, day, period.cutoff_on, pack.succession)


def _name(pack: Pack, code: str) -> str:
    found = pack.whole.unit(code)
    return f"{found.full_name} ({code})" if found else code


def province_before(place: Installation, conn: Connection, pack: Pack, period: Period) -> tuple[Earlier, Earlier]:
    """What the units had reported for the same period a year ago, and for the period just before; empty where nothing
    is known. A period before go-live has no report of ours: its baseline is read the same way."""
    known = accepted_periods(conn, period.regime)
    earlier = earlier_periods(place, period, known)
    last_year = same_period_last_year(pack, period)
    year_ago = earlier_reports(place, conn, pack, period, last_year) if last_year in known else Earlier()
    if not earlier or earlier[0] == last_year:
        return year_ago, year_ago if earlier else Earlier()
    return year_ago, earlier_reports(place, conn, pack, period, earlier[0])


def pack_then(place: Installation, pack: Pack, code: str) -> tuple[Pack, date | None]:
    """The forms in which the figures of an earlier period were given, and its cut-off day.

    A baseline is given in the versions that were in force for its own cut-off day; where its code says no day, in the
    newest ones.
    """
    then = place.known_period(pack.code, code)
    if then is not None:
        return for_period(pack, then), then.cutoff_on
    before = before_calendar(pack.regime, code)
    return (pack.whole, None) if before is None else (before_go_live(pack, before[0], before[2]), before[2])


def earlier_reports(
    place: Installation,
    conn: Connection,
    pack: Pack,
    period: Period,
    code: str,
    kept: Sequence[tuple[str, int]] | None = None,
) -> Earlier:
    """The units' figures of an earlier period in the forms and of the units of now.

    They are those the report of that period was made from; where it has none, those that were accepted. `kept` names
    the submissions a report was compared with when it was drafted, (unit, submission id): then exactly those.
    """
    then, day = pack_then(place, pack, code)
    typed = typed_by(then)
    sent = {unit: submissions.submission_of(conn, id) for unit, id in kept or _official(conn, then.code, code)}
    given = {unit: cells.cells_of(conn, s.id, typed) for unit, s in sorted(sent.items())}
    parts = {unit: _answers(then, found) for unit, found in given.items()}
    # Only what is entered: whatever follows from it is computed anew, in the forms of now.
    reports_now, groups, pasts, keys = [], [], [], _entered_figures(pack)
    whose = list(_whose(pack, period, day))
    for members, origin in whose:
        theirs = {_name(pack, old): parts[old] for old in origin.units if old in parts}
        if not theirs:
            continue
        silent = [_name(pack, old) for old in origin.units if old not in parts]
        past = _joined(then, pack, origin, theirs, silent, code)
        pasts.append(past)
        groups += [members] if len(members) > 1 else []
        first = sent[next(old for old in origin.units if old in sent)]
        found = _as_cells(keys, past)
        reports_now.append(AcceptedCells.of(first, found, members[0]))
    # Units of then that nobody follows: they were part of the sum, and are compared under their own code.
    gone = sent.keys() - {old for _, origin in whose for old in origin.units}
    for unit in sorted(gone):
        s, found = sent[unit], _as_cells(keys, in_forms_of(pack, then, parts[unit]))
        reports_now.append(AcceptedCells.of(s, found, unit))
    unlike = _unlike(pack, pasts) | _counts_of_units(pack, period, day)
    used = tuple((unit, s.id, s.sha256) for unit, s in sorted(sent.items()))
    return Earlier(code, tuple(reports_now), tuple(groups), unlike, used)


def _official(conn: Connection, regime: str, code: str) -> list[tuple[str, int]]:
    # While a correction is being made, the dispatched report stays official.
    # What the report was made from, not what was accepted since: the ministry has those figures.
    report = corrections.last_dispatched(conn, regime, code) or reports.latest(conn, regime, code)
    if report is not None:
        return reports.inputs(conn, report.id)
    return [(s.unit, s.id) for s in submissions.accepted(conn, regime, code)]


def _answers(then: Pack, found: Mapping[CellKey, Cell]) -> EarlierFigures[Value]:
    """Figures and declared nils of one unit, in the forms of then."""
    figures = {k: c.value for k, c in found.items() if c.answer is Answer.VALUE and c.value is not None}
    nil = {k for k, c in found.items() if c.answer is Answer.NIL}
    return EarlierFigures(figures, _with_derived(then, figures, nil))


def _whose(pack: Pack, period: Period, day: date | None) -> Iterator[tuple[tuple[str, ...], PredecessorUnits]]:
    """(units of now, whose figures of then are their past): one unit as a rule; of a split unit all its parts."""
    units = [u.code for u in pack.units_on(period.cutoff_on)]
    if day is None or not pack.succession:
        yield from (((code,), PredecessorUnits((code,))) for code in units)
        return
    origins = [(code, origin_of(code, day, period.cutoff_on, pack.succession)) for code in units]
    taken: set[str] = set()
    for code, origin in origins:
        if code in taken:
            continue
        members, old = {code}, set(origin.units)
        while more := {c for c, o in origins if c not in members and old.intersection(o.units)}:
            members |= more
            old |= {u for c, o in origins if c in more for u in o.units}
        taken |= members
        yield tuple(sorted(members)), PredecessorUnits(tuple(sorted(old)), basis=origin.basis)


def _joined(
    then: Pack,
    pack: Pack,
    origin: PredecessorUnits,
    parts: Mapping[str, EarlierFigures[Value]],
    silent: Sequence[str],
    code: str,
) -> EarlierFigures[Value]:
    """The past of a unit (or of the parts of a split one) in the forms of now; `silent` had not reported."""
    if not origin.merged:
        return in_forms_of(pack, then, next(iter(parts.values())))
    if silent:
        return nothing_comparable(pack.forms, f"Chưa có báo cáo kỳ {code} của {', '.join(silent)}")
    why = f"Đơn vị được sáp nhập ({origin.basis}): có/không và phân loại không cộng được"
    return in_forms_of(pack, then, joined(then.forms, parts, why))


def _as_cells(keys: Sequence[CellKey], past: EarlierFigures[Value]) -> dict[CellKey, Cell]:
    """Figures and declared nils as a report of now would hold them; texts have no past."""
    found = {}
    figures, nil = past.figures, past.nil
    for key in keys:
        if key in figures:
            found[key] = Cell(key, Answer.VALUE, figures[key], "", "")
        elif key in nil:
            found[key] = Cell(key, Answer.NIL, None, "", "")
    return found


def _entered_figures(pack: Pack) -> tuple[CellKey, ...]:
    """Entry cells of its forms that hold figures or answers, in printed order."""
    return tuple(
        key
        for key, (table, row, column) in pack_cells(pack).items()
        if table.is_entered(row, column) and table.type_of(row, column) not in {ValueType.TEXT, ValueType.DATE}
    )


def _unlike(pack: Pack, pasts: Sequence[EarlierFigures[Value]]) -> dict[CellKey, str]:
    """Cells that can be compared for no unit at all, and why; of a few units only these units are left out."""
    there = {key for past in pasts for key in (*past.figures, *past.nil)}
    reasons: dict[CellKey, str] = {}
    for past in pasts:
        for key, why in past.not_comparable.items():
            if key not in there:
                reasons.setdefault(key, why)
    return {key: reasons[key] for key in pack_cells(pack) if key in reasons}


def _counts_of_units(pack: Pack, period: Period, day: date | None) -> dict[CellKey, str]:
    """Counts of units say nothing against a time when there were more or fewer of them."""
    if day is None or not changed_between(day, period.cutoff_on, pack.succession):
        return {}
    basis = dict.fromkeys(c.basis for c in pack.succession if day < c.on <= period.cutoff_on)
    why = f"Số đơn vị hành chính đã thay đổi ({'; '.join(basis)}): số đơn vị không so sánh được"
    counted = {RollUp.YES_COUNT, RollUp.CLASS_COUNT}
    return {
        key: why
        for form in pack.forms
        for key, (_, row, _) in form.cells.items()
        if row.roll_up in counted and is_compared(form, key)
    }
