"""Rows that both levels report, with totals that differ: both figures, whose stands, and who decided so."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.consolidation.tally import CellKind, Tally, UnitTotals
from baocao.model.form import ColumnRole, RollUp
from baocao.model.pack import Pack
from baocao.model.sources import RowName, SourceConflict, SourceDecision, TwoFigures


def conflicts(pack: Pack, roll: UnitTotals, decisions: Sequence[SourceDecision]) -> tuple[SourceConflict, ...]:
    """One a row whose totals differ in any column, in printed order."""
    said, decided = _explanations(roll), {(d.form, d.row): d for d in decisions}
    differing: dict[RowName, list[tuple[Tally, TwoFigures]]] = {}
    for tally in roll.tallies.values():
        if tally.row.roll_up is not RollUp.PROVINCE_OVER_SUM or tally.kind is not CellKind.NUMBER:
            continue
        communes, provincial = tally.sides()
        # One figure, or two that agree, needs no decision.
        if communes is None or provincial is None or communes == provincial:
            continue
        column = tally.column
        title = f"{column.group}, {column.title}" if column.group else column.title
        two = TwoFigures(tally.key, title, tally.table.type_of(tally.row, column), communes, provincial)
        differing.setdefault((tally.key.form, tally.key.row), []).append((tally, two))
    return tuple(
        SourceConflict(
            form=name[0],
            row=name[1],
            # As the form prints it: ministries and units know no codes of ours.
            item=pack.form(name[0]).printed_number(found[0][0].row),
            name=found[0][0].row.name,
            unit=found[0][0].row.unit,
            cells=tuple(two for _, two in found),
            stands=roll.stands[name],
            explanation=said.get(name, ""),
            decision=decided.get(name),
        )
        for name, found in differing.items()
    )


def _explanations(roll: UnitTotals) -> dict[RowName, str]:
    """What the provincial bodies wrote beside a row."""
    result = {}
    for key, tally in roll.tallies.items():
        if tally.column.role is ColumnRole.EXPLANATION:
            said = [text for i, text in sorted(tally.texts) if roll.units[i].is_lead_body]
            if said:
                result[key.form, key.row] = "; ".join(said)
    return result
