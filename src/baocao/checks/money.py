"""Amounts of money a thousand or a million times off: V06 suspects đồng typed as nghìn đồng or triệu đồng."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from baocao.checks.layout import CellSpec, Layout
from baocao.checks.past import number
from baocao.checks.reading import Figure, Reading, printed
from baocao.model.form import CellKey, ColumnRole, ValueType

_PAYMENTS = {ColumnRole.ACTUAL, ColumnRole.CUMULATIVE_YEAR, ColumnRole.CUMULATIVE_TERM, ColumnRole.SETTLED}
_SMALL = 1_000_000
"""Below a million đồng an amount is not plausible beside a plan of hundreds of millions, even as a first payment."""


@dataclass(frozen=True, slots=True, eq=False)
class Amount:
    spec: CellSpec
    plan: CellKey | None


def amounts(layout: Layout) -> tuple[Amount, ...]:
    """Typed amounts of money, each with the plan of its row."""
    found = []
    for spec in layout.specs.values():
        if spec.entered and spec.type is ValueType.MONEY:
            plan = layout.sibling(spec, ColumnRole.PLAN_YEAR)
            found.append(Amount(spec, plan.key if plan is not None and plan is not spec else None))
    return tuple(found)


def look_at_amounts(reading: Reading, what: tuple[Amount, ...]) -> None:
    """Compare with last period's same cell, else with the row's plan. One remark a row is enough."""
    factor = reading.layout.pack.regime.history.money_factor
    told: set[tuple[str, str]] = set()
    for amount in what:
        spec = amount.spec
        now = reading.figures.get(spec.key)
        if not now or spec.key in reading.at_fault or spec.key[:2] in told:
            continue
        reference, name = _reference(reading, amount, now, factor)
        if reference is None:
            continue
        told.add(spec.key[:2])
        power = _power(now, reference)
        up = now > reference
        suggestion = Fraction(now) / power if up else Fraction(now) * power
        whole = int(suggestion) if suggestion == int(suggestion) else None
        reading.report(
            "V06",
            spec,
            f"Số tiền này {'lớn' if up else 'nhỏ'} hơn {name} ({printed(reference, spec.type)} đồng) cỡ "
            f"{printed(power, ValueType.COUNT)} lần, có thể đã nhập nhầm đơn vị tính. Hãy nhập bằng đồng; nếu đúng thì "
            "ghi lý do ở cột giải trình.",
            expected=f"cùng cỡ với {printed(reference, spec.type)}",
            actual=now,
            suggestion="" if whole is None else whole,
        )


def _reference(reading: Reading, amount: Amount, now: Figure, factor: int) -> tuple[Figure | None, str]:
    previous = number(reading.history.previous, amount.spec.key)
    if previous and (now >= previous * factor or now * factor <= previous):
        return previous, "kỳ trước"
    plan = reading.figures.get(amount.plan) if amount.plan is not None else None
    if plan and plan not in (0, now):
        too_small = now * factor <= plan and (amount.spec.column.role not in _PAYMENTS or now < _SMALL)
        if now >= plan * factor or too_small:
            return plan, "kế hoạch giao"
    return None, ""


def _power(now: Figure, reference: Figure) -> int:
    ratio = Fraction(max(now, reference)) / Fraction(min(now, reference))
    return 1_000_000 if ratio >= 31_623 else 1_000
