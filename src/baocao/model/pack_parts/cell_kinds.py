"""What a cell of a form holds, and how rules, sums and sentences go by it."""

from __future__ import annotations

from enum import StrEnum


class ValueType(StrEnum):
    """What a cell holds, in which type and measure."""

    COUNT = "count"
    """int >= 0"""
    DECIMAL = "decimal"
    """Decimal >= 0 (areas)"""
    MONEY = "money"
    """int >= 0, whole đồng"""
    RATIO = "ratio"
    """derived only, percent, never entered"""
    BOOL = "bool"
    """`Có` / `Không`"""
    CHOICE = "choice"
    """one of `options`"""
    TEXT = "text"
    DATE = "date"

    @property
    def is_number(self) -> bool:
        return self in {ValueType.COUNT, ValueType.DECIMAL, ValueType.MONEY}


class Nature(StrEnum):
    """What becomes of a figure when periods are added up."""

    STOCK = "stock"
    """tồn: the value at the cut-off; latest over time"""
    FLOW = "flow"
    """kỳ: counted in the period; sums over time"""
    NONE = "none"


class RollUp(StrEnum):
    """How the province value of a cell follows from the units' cells."""

    SUM = "sum"
    """communes plus provincial entries"""
    PROVINCE = "province"
    """the provincial entry alone (rows communes do not fill)"""
    PROVINCE_OVER_SUM = "province_over_sum"
    """the provincial entry, which has removed double counts; the commune sum where there is none; both shown"""
    YES_COUNT = "yes_count"
    """number of units that answered `Có`, over all valid units that are counted, not over those received"""
    CLASS_COUNT = "class_count"
    """number of units per class; who is counted, `Row.counted` says for both"""
    DERIVED = "derived"
    """computed at the province from province values"""
    LIST = "list"
    """texts are gathered, unit by unit"""
    NONE = "none"


class ColumnRole(StrEnum):
    """What the figures of a column are, as rules, sums and sentences go by it."""

    PLAN_YEAR = "plan_year"
    PLAN_TERM = "plan_term"
    """kế hoạch giai đoạn: of the row's figure over the whole term"""
    ESTIMATE = "estimate"
    """ước thực hiện at the end of the term; the numerator where the row has an `ESTIMATE_TOTAL`"""
    ESTIMATE_TOTAL = "estimate_total"
    ACTUAL = "actual"
    """the period's figure, and the numerator where the row has a denominator"""
    DENOMINATOR = "denominator"
    CUMULATIVE_YEAR = "cumulative_year"
    CUMULATIVE_TERM = "cumulative_term"
    RATIO = "ratio"
    OPENING = "opening"
    INCREASE = "increase"
    DECREASE = "decrease"
    CLOSING = "closing"
    ALLOCATED = "allocated"
    SETTLED = "settled"
    DEBT = "debt"
    NOTE = "note"
    EXPLANATION = "explanation"
    TEXT = "text"
    ATTRIBUTE = "attribute"
    """a property in a register: capacity, area, progress"""

    @property
    def is_plan(self) -> bool:
        return self in {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM}
