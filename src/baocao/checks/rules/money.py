"""Amounts of money a thousand or a million times off: the rule suspects đồng typed as nghìn đồng or triệu đồng.

Four references, the nearest first: the unit's own last figure, the plan of the row, what the others of its kind were
given, and the band of amounts that the form calls plausible. The last two see what the first two cannot: a workbook
that is in triệu đồng from the first cell to the last.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from baocao.checks.cell_specs import CellSpec, Layout, is_money_table
from baocao.checks.reading import Reading, printed
from baocao.checks.rules.past import number
from baocao.checks.rules.peers import is_far
from baocao.exact import Number
from baocao.model.form import CellKey, ColumnRole, Plausible, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind

_PAYMENTS = {ColumnRole.ACTUAL, ColumnRole.CUMULATIVE_YEAR, ColumnRole.CUMULATIVE_TERM, ColumnRole.SETTLED}
_SMALL = 1_000_000
"""Below a million đồng an amount is not plausible beside a plan of hundreds of millions, even as a first payment."""
_WHOLE_FORM = 2
"""So many rows, and all of them: not a slip in a row but the unit of measure of the form."""


@dataclass(frozen=True, slots=True, eq=False)
class AmountCell:
    """A cell of money, what it is measured by, and the plan it belongs to."""

    spec: CellSpec
    plan: CellKey | None
    plausible: Plausible | None
    shared: bool
    """A plan in a table of resources: every unit of this kind has one, so they can be held against each other."""


@dataclass(frozen=True, slots=True)
class _Suspicion:
    amount: AmountCell
    now: Number
    reference: Number
    what: str
    """what `reference` is"""

    @property
    def power(self) -> int:
        ratio = Fraction(max(self.now, self.reference)) / Fraction(min(self.now, self.reference))
        # Half way between a thousand and a million, in powers of ten.
        return 1_000_000 if ratio >= 31_623 else 1_000

    @property
    def up(self) -> bool:
        return self.now > self.reference


def amounts(layout: Layout) -> tuple[AmountCell, ...]:
    """Typed amounts of money, each with what it can be held against."""
    found = []
    for spec in layout.specs.values():
        if spec.entered and spec.type is ValueType.MONEY:
            plan = layout.sibling(spec, ColumnRole.PLAN_YEAR)
            of_row = plan.key if plan is not None and plan is not spec else None
            shared = spec.column.role is ColumnRole.PLAN_YEAR and is_money_table(spec.table)
            found.append(AmountCell(spec, of_row, spec.row.plausible or spec.column.plausible, shared))
    return tuple(found)


def shared_plans(layout: Layout) -> tuple[CellKey, ...]:
    """The plan amounts that are held against those of other units."""
    return tuple(amount.spec.key for amount in amounts(layout) if amount.shared)


def check_amounts(reading: Reading, what: tuple[AmountCell, ...]) -> None:
    """One remark a row is enough; one for the form where all its amounts are off alike."""
    found: dict[str, list[_Suspicion]] = defaultdict(list)
    filled: dict[str, set[str]] = defaultdict(set)
    told: set[tuple[str, str]] = set()
    for amount in what:
        spec = amount.spec
        now = reading.figures.get(spec.key)
        # 0 is 0 in every unit of measure.
        if not now or spec.key in reading.at_fault:
            continue
        filled[spec.key.form].add(spec.key.row)
        if spec.key[:2] in told:
            continue
        suspicion = _suspicion(reading, amount, now)
        if suspicion is not None:
            told.add(spec.key[:2])
            found[spec.key.form].append(suspicion)
    for form, suspicions in found.items():
        # All rows of a form, off alike, are a unit of measure; one row among others is a slip of its own.
        alike = len({(s.up, s.power) for s in suspicions}) == 1
        if alike and len(suspicions) >= _WHOLE_FORM and len(suspicions) == len(filled[form]):
            _report(reading, suspicions[0], suspicions)
        else:
            for suspicion in suspicions:
                _report(reading, suspicion, [suspicion])


def _suspicion(reading: Reading, amount: AmountCell, now: Number) -> _Suspicion | None:
    """The first thing the amount is far from (previous period, plan, other units, the limits of the row), if any."""
    factor = reading.layout.pack.regime.history.money_factor
    previous = number(reading.history.previous, amount.spec.key)
    if previous and (now >= previous * factor or now * factor <= previous):
        return _Suspicion(amount, now, previous, "kỳ trước")
    plan = reading.figures.get(amount.plan) if amount.plan is not None else None
    if plan:
        too_small = now * factor <= plan and (amount.spec.column.role not in _PAYMENTS or now < _SMALL)
        if now >= plan * factor or too_small:
            return _Suspicion(amount, now, plan, "kế hoạch giao")
    peers = reading.history.peers.get(amount.spec.key.form) if amount.shared else None
    if peers is not None and is_far(int(now), peers):
        what = f"mức thường gặp của {peers.units} đơn vị khác đã được nhận báo cáo kỳ {peers.period}"
        return _Suspicion(amount, now, peers.typical, what)
    band = amount.plausible
    if band is not None and band.at_least is not None and now < band.at_least:
        return _Suspicion(amount, now, band.at_least, "mức nhỏ nhất thường có ở dòng này")
    if band is not None and band.at_most is not None and now > band.at_most:
        return _Suspicion(amount, now, band.at_most, "mức lớn nhất có thể có ở dòng này")
    return None


def _report(reading: Reading, first: _Suspicion, all_of_them: list[_Suspicion]) -> None:
    """Report the amounts of one form that look wrong in the same way as one finding, shown at the first of them."""
    spec, reference, up = first.amount.spec, printed(first.reference, first.amount.spec.type), first.up
    measure = "triệu đồng" if first.power == 1_000_000 else "nghìn đồng"
    band = first.amount.plausible
    from_band = band is not None and first.reference in (band.at_least, band.at_most)
    times = "" if from_band else f" cỡ {printed(first.power, ValueType.COUNT)} lần"
    whole = f"Cả {len(all_of_them)} dòng tiền của biểu: số tiền" if len(all_of_them) > 1 else "Số tiền"
    question = (
        "Có phải đã nhập thừa các số 0, hoặc đã nhân thêm một lần?"
        if up
        else f"Có phải đơn vị đã nhập theo {'triệu đồng (hoặc nghìn đồng)' if from_band else measure}?"
    )
    whole_number = Fraction(first.now) / first.power if up else Fraction(first.now) * first.power
    # A band says that something is off, not by how much; an amount with a fraction of a đồng was never meant.
    suggestion = int(whole_number) if whole_number.denominator == 1 and not from_band else None
    reading.report(
        RuleKind.MONEY_UNIT,
        spec,
        f"{whole} {'lớn' if up else 'nhỏ'} hơn {first.what} ({reference} đồng){times}. {question} Hãy nhập đủ đồng; "
        "nếu số đã đúng bằng đồng thì ghi lý do ở cột giải trình.",
        expected=f"{'từ' if not up and from_band else 'đến' if from_band else 'cùng cỡ với'} {reference}",
        actual=first.now,
        suggestion="" if suggestion is None else suggestion,
        cells=[s.amount.spec.key for s in all_of_them],
    )
