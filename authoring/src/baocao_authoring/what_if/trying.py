"""What if: a past period's accepted files under other rules. Reads, compares, answers; nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from baocao.checks.engine import History, check
from baocao.checks.kept_cells import cells_to_keep
from baocao.consolidation.province import consolidate
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import RawWorkbook
from baocao.forms.reading.read import type_workbook
from baocao.model.consolidated import Consolidation, Earlier
from baocao.model.deadline import Waiver, unit_deadline
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells, Answer, Workbook
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack
from baocao.store import waivers, windows
from baocao.store.reports import source_decisions
from baocao.store.submissions import cells, submissions
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods.history import history_of, province_before
from baocao_authoring.trial import pack_with_form
from baocao_authoring.what_if.answer import FileVerdict, Side, answer, comparable, unit_difference


def proposed_pack(place: Installation, regime: str, pack_folder: Path | None, form_file: Path | None) -> Pack:
    """The rules to try: another pack folder, or the regime's own pack with one form replaced.

    Raises Refused when neither or both are named or the folder is another regime's, PackError when it does not load.
    """
    if (pack_folder is None) == (form_file is None):
        raise Refused("Hãy nêu đúng một trong hai: --pack (thư mục gói chế độ) hoặc --form (tệp YAML của một biểu)")
    if form_file is not None:
        place.pack(regime)  # a regime nobody knows is answered as everywhere
        return pack_with_form(place.folders[regime], form_file, place.settings.reference)
    assert pack_folder is not None
    pack = load_pack(pack_folder.resolve(), place.settings.reference)
    if pack.code != regime:
        raise Refused(f"--pack: gói ở {pack_folder} là của chế độ {pack.code}, không phải {regime}")
    return pack


def what_if(place: Installation, regime: str, period: str, proposed: Pack) -> dict[str, Any]:
    """Check the accepted files of a period again under the rules in force and under `proposed`; return the difference.

    Both sides start from the same raw files and the same moments of arrival, so that nothing differs but the rules.
    A file never fails for the version of its forms, for a total its blank computed by the old formula, or for what its
    blank did not ask: such cells are counted instead.
    Raises Refused when the period was never opened or nothing was accepted.
    """
    before = Side(*place.at(regime, period))
    after, notes = _proposed_side(place, proposed, before.period)
    with place.store.read() as conn:
        if windows.window_of(conn, regime, period) is None:
            raise Refused(f"Kỳ {period} chưa mở; chưa có gì để thử")
        accepted = cells.accepted_cells(conn, regime, period, typed_by(before.pack))
        if not accepted:
            raise Refused(f"Kỳ {period} chưa có báo cáo nào được tiếp nhận; chưa có gì để thử")
        granted = waivers.waivers(conn, before.pack.code, before.period.code)
        sides: tuple[list[AcceptedCells], list[AcceptedCells]] = ([], [])
        units: list[dict[str, Any]] = []
        # From the raw files and not from the kept cells: other rules may read other cells of the same workbook.
        with ReaderProcess() as reader:
            for known in accepted:
                raw = reader.read(place.store.files.get(known.sha256))
                pair = _judge_twice(place, conn, known, raw, before, after, granted)
                if pair is None:
                    notes.append(f"đơn vị {known.unit} không có trong gói mới: báo cáo không kiểm tra lại được")
                    # Its figures stay on the side of today's rules, which must come out as the report did.
                    sides[0].append(_kept(known, raw, before))
                    continue
                old, new = pair
                sides[0].append(old.kept)
                sides[1].append(new.kept)
                units.append(unit_difference(before.pack, known.unit, old, new, _not_asked(old, new, before, after)))
        provinces = _provinces(place, conn, before, after, sides)
    return answer(before, after, units, provinces, notes)


def _proposed_side(place: Installation, proposed: Pack, period: Period) -> tuple[Side, list[str]]:
    calendar = {p.code: p for p in calendar_of(proposed.regime, place.settings.reference)}
    if period.code in calendar:
        return Side(for_period(proposed, calendar[period.code]), calendar[period.code]), []
    return Side(for_period(proposed, period), period), [
        f"lịch của gói mới không có kỳ {period.code}: dùng thời hạn hiện hành"
    ]


def _judge_twice(
    place: Installation,
    conn: Connection,
    known: AcceptedCells,
    raw: RawWorkbook,
    before: Side,
    after: Side,
    granted: Sequence[Waiver],
) -> tuple[FileVerdict, FileVerdict] | None:
    """One file under both sides; None when the proposed pack does not know the unit."""
    unit, again = before.pack.unit(known.unit), after.pack.unit(known.unit)
    if unit is None or again is None:
        return None
    history = history_of(place, conn, before.pack, unit.code, before.period)
    carried = replace(
        history,
        previous=_carried(history.previous, before.pack, after.pack),
        same_year=_carried(history.same_year, before.pack, after.pack),
        year_so_far=_carried(history.year_so_far, before.pack, after.pack),
        last_year=_carried(history.last_year, before.pack, after.pack),
    )
    # What had been granted when it was decided; without anything each side follows its own calendar.
    then = submissions.detail(conn, known.submission_id).decided_at

    def own(side: Side) -> Side:
        due = side.period.unit
        held_to = unit_deadline(known.unit, due.due_at, due.locked_after, granted, as_of=then)
        return replace(side, period=held_to.of_period(side.period))

    old = _judge(type_workbook(raw, before.pack), known, own(before), unit, history)
    again_typed = _without_old_totals(type_workbook(raw, after.pack), old, before.pack, after.pack)
    return old, _judge(again_typed, known, own(after), again, carried)


def _without_old_totals(workbook: Workbook, old: FileVerdict, before: Pack, after: Pack) -> Workbook:
    """Without the figures that the old blank's own formulas computed: the new blank would compute them anew.

    A total that was wrong by the old formula was typed over by somebody: it stays.
    """
    wrong = {f.cells[0] for f in old.findings if f.cells}
    computed = _computed(before) & _computed(after)
    cells = {
        key: replace(cell, answer=Answer.BLANK, value=None, raw="", problem=None)
        if key in computed and str(key) not in wrong
        else cell
        for key, cell in workbook.cells.items()
    }
    return replace(workbook, cells=cells)


def _computed(pack: Pack) -> set[CellKey]:
    return {
        key
        for form in pack.forms
        for key, (table, row, column) in form.cells.items()
        if not table.is_entered(row, column)
    }


def _judge(typed: Workbook, known: AcceptedCells, side: Side, unit: Unit, history: History) -> FileVerdict:
    workbook = _as_of_this_version(typed, side.pack)
    findings = check(workbook, side.pack, unit, side.period, history, received_at=known.received_at)
    kept = {c.key: c for c in cells_to_keep(workbook, side.pack, unit)}
    return FileVerdict(workbook, findings, replace(known, cells=kept))


def _kept(known: AcceptedCells, raw: RawWorkbook, side: Side) -> AcceptedCells:
    unit = side.pack.unit(known.unit)
    if unit is None:
        raise Refused(f"Đơn vị {known.unit} không còn trong gói chế độ hiện hành; hãy dùng đúng phiên bản gói")
    workbook = type_workbook(raw, side.pack)
    return replace(known, cells={c.key: c for c in cells_to_keep(workbook, side.pack, unit)})


def _as_of_this_version(workbook: Workbook, pack: Pack) -> Workbook:
    """The workbook as if it were of the side's own form versions: the question is about rules, not about blanks."""
    known = {f.code: f for f in pack.forms}
    versions = {code: known[code].version for code in workbook.form_versions if code in known}
    prints = {code: known[code].fingerprint for code in workbook.fingerprints if code in known}
    return replace(workbook, form_versions=versions, fingerprints=prints)


def _carried(figures: Mapping[CellKey, Any], old: Pack, new: Pack) -> dict[CellKey, Any]:
    """Earlier figures whose cell has the same type and unit of measure under the proposed rules."""
    return {key: value for key, value in figures.items() if comparable(key, old, new)}


def _under(earlier: Earlier, old: Pack, new: Pack) -> Earlier:
    """What the units had reported earlier, of cells that mean the same under the proposed rules."""
    reports = tuple(replace(r, cells=_carried(r.cells, old, new)) for r in earlier.reports)
    return replace(earlier, reports=reports)


def _not_asked(old: FileVerdict, new: FileVerdict, before: Side, after: Side) -> set[str]:
    """Keys of findings about cells that the unit's blank did not have, so that nobody was asked."""
    had = {key for form in before.pack.forms for key in form.cells}
    earlier = {(p.kind, p.form, p.name) for p in old.workbook.problems}
    rule = after.pack.rules.id_of(RuleKind.COMPLETE)
    structure = {
        f"{rule}|{p.form}" if p.kind == "missing_sheet" else f"{rule}|{p.form}|{p.kind}.{p.name or p.a1}"
        for p in new.workbook.problems
        if (p.kind, p.form, p.name) not in earlier
    }
    asked_nothing = {f.key for f in new.findings if f.cells and all(CellKey.parse(name) not in had for name in f.cells)}
    return {f.key for f in new.findings if f.key in structure} | asked_nothing


def _provinces(
    place: Installation,
    conn: Connection,
    before: Side,
    after: Side,
    sides: tuple[Sequence[AcceptedCells], Sequence[AcceptedCells]],
) -> tuple[Consolidation, Consolidation]:
    """Province figures under both sides, of the same reports whatever their verdict under the proposed rules."""
    owed = [o.unit for o in windows.obligations(conn, before.pack.code, before.period.code)]
    waived = waivers.waived(conn, before.pack.code, before.period.code)
    year_ago, just_before = province_before(place, conn, before.pack, before.period)
    decided = source_decisions.in_force(conn, before.pack.code, before.period.code)

    def added(side: Side, accepted: Sequence[AcceptedCells], carry: bool) -> Consolidation:
        expected = [unit for code in owed if (unit := side.pack.unit(code)) is not None]
        then = [_under(e, before.pack, side.pack) if carry else e for e in (year_ago, just_before)]
        return consolidate(side.pack, side.period, accepted, expected, waived, then[0], then[1], decided)

    return added(before, sides[0], False), added(after, sides[1], True)
