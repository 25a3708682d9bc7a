"""Like with like: an indicator against an earlier period over the units that have it in both.

The same answers as the report's own comparison (`consolidation.comparing`), for one cell and from the cells alone.
Where units or forms have changed in between, the page says so and leaves the comparison to the report's workbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.consolidation.derive import Derivation, Number, Way, derivations
from baocao.consolidation.lineage import components
from baocao.model.consolidated import difference
from baocao.model.form import CellKey, RollUp
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.settings import ConfigurationError
from baocao.store.browse import figures
from baocao.store.past import accepted_periods
from baocao.store.values import typed_by
from baocao.workflow.looking.units_figures import number_of, value_from
from baocao.workflow.periods.history import earlier_periods, pack_then, same_period_last_year
from baocao.workflow.workplace import Workplace

_Units = dict[str, dict[CellKey, Number | None]]
_IN_THE_WORKBOOK = "xem phần so sánh trong bảng tính tổng hợp"


@dataclass(frozen=True, slots=True)
class Alike:
    """One earlier period."""

    period: str
    name: str
    now: Number | None
    """over the units that have the figure in both"""
    then: Number | None
    units: int
    """how many these are"""
    left_out: int
    """units with the figure in one of the two only"""
    reason: str
    """why nothing is compared; empty where it is"""

    @property
    def difference(self) -> Number | None:
        return difference(self.now, self.then)


def alike(place: Workplace, conn: Connection, pack: Pack, period: Period, key: CellKey) -> tuple[Alike, ...]:
    """Against the same period a year before, and against the one just before; where something is known."""
    known = accepted_periods(conn, period.regime)
    codes = [same_period_last_year(pack, period), *earlier_periods(place, period, known)[:1]]
    names = {p.code: p.name for p in place.periods(period.regime)}
    try:
        leaves = components(key, pack)
    except ConfigurationError:
        return ()
    found, now = [], None
    for code in dict.fromkeys(c for c in codes if c in known):
        why = _unlike(place, pack, period, code, key, leaves)
        if why:
            found.append(Alike(code, names.get(code, code), None, None, 0, 0, why))
        else:
            now = _by_unit(conn, pack, period.code, leaves) if now is None else now
            then = _by_unit(conn, pack, code, leaves)
            found.append(_compared(derivations(pack), (code, names.get(code, code)), key, now, then))
    return tuple(found)


def _unlike(place: Workplace, pack: Pack, period: Period, code: str, key: CellKey, leaves: Sequence[CellKey]) -> str:
    """Why the units' cells of the two periods cannot be held against each other as they are."""
    order = derivations(pack)
    if (derived := order.get(key)) is not None and derived.way is not Way.LINEAR:
        ratio = f"Tỷ lệ được so từng tử số, mẫu số; {_IN_THE_WORKBOOK}"
        return ratio if derived.way is Way.RATIO else "Số này đã là mức so với cùng kỳ"
    rows = {(f.code, r.code): r for f in pack.forms for t in f.tables for r in t.rows}
    if any(rows[leaf.form, leaf.row].roll_up is not RollUp.SUM for leaf in leaves):
        return f"Số toàn kỳ không phải là tổng của các đơn vị; {_IN_THE_WORKBOOK}"
    then, day = pack_then(place, pack, code)
    versions = {form.code: form.version for form in then.forms}
    now = {form.code: form.version for form in pack.forms}
    if any(versions.get(leaf.form) != now[leaf.form] for leaf in leaves):
        return f"Biểu mẫu đã đổi từ kỳ đó; {_IN_THE_WORKBOOK}"
    if day is not None and any(day < s.on <= period.cutoff_on for s in pack.succession):
        return f"Có đơn vị đã sắp xếp lại từ kỳ đó; {_IN_THE_WORKBOOK}"
    return ""


def _compared(
    order: Mapping[CellKey, Derivation], period: tuple[str, str], key: CellKey, now: _Units, then: _Units
) -> Alike:
    have = [{unit for unit, cells in one.items() if _is_there(key, order, cells)} for one in (now, then)]
    both = have[0] & have[1]
    sums = [_sums([one[unit] for unit in sorted(both)]) for one in (now, then)]
    values = [value_from(key, order, of) if both else None for of in sums]
    why = "" if both else "Không đơn vị nào có số liệu ở cả hai kỳ"
    return Alike(*period, values[0], values[1], len(both), len(have[0] ^ have[1]), why)


def _by_unit(conn: Connection, pack: Pack, period: str, leaves: Sequence[CellKey]) -> _Units:
    typed = typed_by(pack)
    found: _Units = {}
    for one in figures.of_every_unit(conn, pack.code, period, leaves):
        found.setdefault(one.unit, {})[one.key] = number_of(0 if one.value is None else typed(one.key, one.value))
    return found


def _is_there(key: CellKey, order: Mapping[CellKey, Derivation], cells: Mapping[CellKey, Number | None]) -> bool:
    """Whether the unit stands behind the figure: with any part of a sum."""
    derived = order.get(key)
    if derived is None:
        return key in cells
    return any(_is_there(part, order, cells) for part in derived.components)


def _sums(units: Sequence[Mapping[CellKey, Number | None]]) -> dict[CellKey, Number | None]:
    total: dict[CellKey, Number | None] = {}
    for cells in units:
        for key, value in cells.items():
            if value is not None:
                before = total.get(key)
                total[key] = value if before is None else before + value  # type: ignore[operator]
    return total
