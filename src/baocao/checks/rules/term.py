"""Mid-term and end-term figures against what the unit's accepted reports of the term add up to."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import Reading, printed
from baocao.checks.rules.past import CellsWithPast, number
from baocao.exact import Number
from baocao.model.form import ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Severity

_MONEY_UNIT = 1_000_000


def check_against_term(reading: Reading, against: CellsWithPast) -> None:
    """The term's figure holds all that was reported: less than that blocks. What it adds for the days no accepted
    report covers should be of the same pace; far off it asks for a word. Unknown past: no finding."""
    if not reading.period.is_evaluation:
        return
    for spec in against.of_the_term:
        total, reported = reading.figure(spec.key), number(reading.history.accumulated, spec.key)
        if total is None or reported is None or spec.key in reading.at_fault:
            continue
        if total < reported:
            reading.report(
                RuleKind.TERM_TOTAL,
                spec,
                f"Số cả giai đoạn ({printed(total, spec.type)}) nhỏ hơn tổng các báo cáo đã được nhận "
                f"({printed(reported, spec.type)}). Số này tính từ đầu giai đoạn: hãy cộng phần phát sinh sau kỳ gần "
                "nhất vào số đã điền sẵn, hoặc đính chính báo cáo trước.",
                expected=f"ít nhất {printed(reported, spec.type)}",
                actual=total,
                suggestion=reported,
            )
            continue
        _check_unreported_part(reading, spec, total, reported)


def _check_unreported_part(reading: Reading, spec: CellSpec, total: Number, reported: int | Decimal) -> None:
    """What the term's total holds beyond the accepted reports is near what the usual pace would give."""
    rest = reading.history.rest_of_term
    if rest is None:
        return
    parameters = reading.layout.pack.regime.history
    # Exact: a quotient of days has no end in decimals.
    usual = Fraction(reported) * rest
    added = Fraction(total) - Fraction(reported)
    floor = parameters.absolute * (_MONEY_UNIT if spec.type is ValueType.MONEY else 1)
    off = abs(added - usual)
    if off <= floor or off <= Fraction(parameters.relative) * usual:
        return
    whole = round(usual)
    reading.report(
        RuleKind.TERM_TOTAL,
        spec,
        f"Phần phát sinh ngoài các báo cáo đã được nhận là {printed(_as(added, spec), spec.type)}, khác xa nhịp bình "
        f"quân (khoảng {printed(whole, spec.type)}). Nếu đúng, hãy ghi lý do ở cột giải trình; nếu nhầm, hãy sửa.",
        expected=f"khoảng {printed(_as(Fraction(reported) + whole, spec), spec.type)}",
        actual=total,
        severity=Severity.EXPLAIN,
        # The other finding of this rule at this cell blocks; an explanation of one must not answer the other.
        tag="rest",
    )


def _as(value: Fraction, spec: CellSpec) -> int | Decimal:
    """A difference of two figures of a cell, as the cell's type."""
    if value.denominator == 1 and spec.type is not ValueType.DECIMAL:
        return int(value)
    return Decimal(value.numerator) / Decimal(value.denominator)
