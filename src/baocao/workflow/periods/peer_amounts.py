"""What the other units were given: the plan amounts that one unit's money is held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from baocao.checks.engine import compile_rules
from baocao.checks.rules.peers import MOST, Peers, peers_of
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.submission import Cell
from baocao.store.submissions import cells, submissions
from baocao.workflow.installation import AmountsByForm, Installation


def peers_in(
    place: Installation, conn: Connection, pack: Pack, unit: str, period: str, without: frozenset[str] = frozenset()
) -> dict[str, Peers]:
    """By form, what the other units that fill the same cells said in their reports of `period`: those accepted first,
    at most `MOST`. Forms `without`, and those of which too few have said anything, are left out.

    What is answered depends on what is accepted and on nothing else.
    """
    me = pack.unit(unit)
    keys = compile_rules(pack, me).shared_plans if me is not None else frozenset()
    forms = sorted({key.form for key in keys} - without)
    if me is None or not forms:
        return {}
    others = dict(_first_others(conn, pack, unit, period))
    said = _amounts(place, conn, (pack.code, period, keys), others)
    by_form = {form: {others[id]: of.get(form, ()) for id, of in said.items()} for form in forms}
    found = {form: peers_of(amounts, period) for form, amounts in by_form.items()}
    return {form: peers for form, peers in found.items() if peers is not None}


def remember(place: Installation, pack: Pack, unit: str, period: str, id: int, accepted: Iterable[Cell]) -> None:
    """What a report that was just accepted says in the cells that others are held against: it need not be read."""
    me = pack.unit(unit)
    what = (pack.code, period, compile_rules(pack, me).shared_plans if me is not None else frozenset())
    # Only where it was asked for before: there is nothing to add to else, and the first question reads everything.
    if what in place.plan_amounts:
        amounts = {c.key: c.value for c in accepted if c.key in what[2] and type(c.value) is int and c.value >= 0}
        place.plan_amounts[what] = {**place.plan_amounts[what], id: _by_form(amounts)}


def _first_others(conn: Connection, pack: Pack, unit: str, period: str) -> list[tuple[int, str]]:
    """(submission, unit) of the units of the same kind, those accepted first."""
    me, most = pack.unit(unit), MOST
    while True:
        # The first ones only, doubled until they suffice: reading all for every file is work by the square of the
        # files.
        known = submissions.official_ids(conn, pack.code, period, most=most)
        alike = [
            (id, code)
            for id, code in known
            if code != unit
            and (other := pack.unit(code)) is not None
            and me is not None
            and other.projects == me.projects
        ]
        if len(alike) >= MOST or len(known) < most:
            return alike[:MOST]
        most *= 2


def _amounts(
    place: Installation,
    conn: Connection,
    what: tuple[str, str, frozenset[CellKey]],
    ids: Mapping[int, str],
) -> dict[int, AmountsByForm]:
    """Their amounts by form. Those that the last question was about are not read again: an accepted report never
    changes."""
    kept = place.plan_amounts.get(what, {})
    # Cells of an accepted submission never change, so what was read once in this process holds.
    new = cells.amounts_of(conn, ids.keys() - kept.keys(), what[2])
    found = {id: kept[id] if id in kept else _by_form(new[id]) for id in ids}
    place.plan_amounts[what] = found
    return found


def _by_form(amounts: Mapping[CellKey, int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, amount in amounts.items():
        found.setdefault(key.form, []).append(amount)
    return found
