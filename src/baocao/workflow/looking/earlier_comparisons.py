"""An indicator against an earlier period over the units that have it in both.

The same answers as the report's own comparison (`consolidation.comparing`), for one cell and from the cells alone.
Where units or forms have changed in between, the page says so and leaves the comparison to the report's workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.exact import Number, difference
from baocao.forms.derivation import number_of, pack_derivations
from baocao.model.form import CellKey, RollUp
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_cells
from baocao.model.period import Period
from baocao.store.browse import figures
from baocao.store.submissions.submissions import accepted_periods
from baocao.store.values import typed_by
from baocao.workflow.installation import Installation
from baocao.workflow.periods.earlier_periods import earlier_periods, same_period_last_year
from baocao.workflow.periods.history import pack_then

_IN_THE_WORKBOOK = "xem phần so sánh trong bảng tính tổng hợp"


@dataclass(frozen=True, slots=True)
class EarlierComparison:
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
        return None if self.now is None or self.then is None else difference(self.now, self.then)


def earlier_comparisons(
    place: Installation, conn: Connection, pack: Pack, period: Period, key: CellKey
) -> tuple[EarlierComparison, ...]:
    """Against the same period a year before, and against the one just before, where something is known. Of a cell that
    no form of the pack has there is nothing."""
    known = accepted_periods(conn, period.regime)
    codes = [same_period_last_year(pack, period), *earlier_periods(place, period, known)[:1]]
    names = {p.code: p.name for p in place.periods(period.regime)}
    # A page may be asked for any cell; what no form has is answered with nothing, as everywhere on the desk.
    if key not in pack_cells(pack):
        return ()
    found, now = [], None
    for code in dict.fromkeys(c for c in codes if c in known):
        name = names.get(code, code)
        if why := _unlike(place, pack, period, code, key):
            found.append(EarlierComparison(code, name, None, None, 0, 0, why))
            continue
        # Read once for both comparisons, and not at all where neither can be made.
        now = _by_unit(conn, pack, period.code, key) if now is None else now
        found.append(_compared(code, name, now, _by_unit(conn, pack, code, key)))
    return tuple(found)


def _unlike(place: Installation, pack: Pack, period: Period, code: str, key: CellKey) -> str:
    """Why the units' cells of the two periods cannot be held against each other as they are."""
    if key in pack_derivations(pack):
        return f"Số được tính từ những ô khác, hãy mở từng ô ở trên; {_IN_THE_WORKBOOK}"
    form = next(f for f in pack.forms if f.code == key.form)
    row = form.cells[key][1]
    # Only a sum over units can be taken over fewer of them; the other ways of adding up are the consolidation's.
    if row.roll_up is not RollUp.SUM:
        return f"Số toàn kỳ không phải là tổng của các đơn vị; {_IN_THE_WORKBOOK}"
    then, day = pack_then(place, pack, code)
    if all((f.code, f.version) != (form.code, form.version) for f in then.forms):
        return f"Biểu mẫu đã đổi từ kỳ đó; {_IN_THE_WORKBOOK}"
    # The report carries old figures over by the succession (ADR 0017); one cell of one page is not the place for it.
    if day is not None and any(day < s.on <= period.cutoff_on for s in pack.succession):
        return f"Có đơn vị đã sắp xếp lại từ kỳ đó; {_IN_THE_WORKBOOK}"
    return ""


def _compared(code: str, name: str, now: Mapping[str, Number], then: Mapping[str, Number]) -> EarlierComparison:
    both = sorted(now.keys() & then.keys())
    if not both:
        why = "Không đơn vị nào có số liệu ở cả hai kỳ"
        return EarlierComparison(code, name, None, None, 0, len(now.keys() ^ then.keys()), why)
    sums = [sum((one[unit] for unit in both[1:]), one[both[0]]) for one in (now, then)]
    return EarlierComparison(code, name, sums[0], sums[1], len(both), len(now.keys() ^ then.keys()), "")


def _by_unit(conn: Connection, pack: Pack, period: str, key: CellKey) -> dict[str, Number]:
    """What each unit says of the cell; a declared nil is nothing."""
    typed, found = typed_by(pack), {}
    for one in figures.of_every_unit(conn, pack.code, period, [key]):
        number = number_of(0 if one.value is None else typed(key, one.value))
        if number is not None:
            found[one.unit] = number
    return found
