"""Mục tiêu: each target against the exact province figure, with its exact operator."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from baocao.calendar.reporting_year import year_end
from baocao.consolidation.findings import formatted
from baocao.exact import percentage
from baocao.model.consolidated import NOTHING_KNOWN, Change, PlanShare, share_column
from baocao.model.form import CellKey, Column, ColumnRole, Form, Nature, RollUp, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import pack_rows
from baocao.model.period import Period, PeriodScope
from baocao.model.regime import Target
from baocao.model.report import ProvinceValue, TargetResult, TargetVerdict
from baocao.rounding import rounded
from baocao.settings import ConfigurationError
from baocao.text import capitalised


def judge(
    pack: Pack,
    period: Period,
    values: Mapping[CellKey, ProvinceValue],
    populations: Mapping[CellKey, int],
    last_year: Mapping[CellKey, Change],
    shares: Mapping[CellKey, PlanShare] | None = None,
) -> tuple[TargetResult, ...]:
    """Every target in force in the period's year, national ones first, in the pack's order.

    Raises ConfigurationError when a target's indicator names no row of any form.
    """
    # A target without years holds in every year of the term.
    chosen = [t for t in pack.targets if not t.years or period.year in t.years]
    ordered = sorted(chosen, key=lambda t: t.scope != "national")
    return tuple(_Judgement(pack, period, t, values, populations, last_year, shares or {}).result() for t in ordered)


class _Judgement:
    """One target: which figure it is about, whether it can be judged, and the verdict."""

    def __init__(
        self,
        pack: Pack,
        period: Period,
        target: Target,
        values: Mapping[CellKey, ProvinceValue],
        populations: Mapping[CellKey, int],
        last_year: Mapping[CellKey, Change],
        shares: Mapping[CellKey, PlanShare],
    ) -> None:
        self.period, self.target, self.values = period, target, values
        self.populations, self.last_year, self.shares = populations, last_year, shares
        self.pack = pack
        self.form, self.table, self.row = _row_of(pack, target)
        self.key, self.column = measured_cell(target, self.form, self.table, self.row)

    @property
    def wants_percent(self) -> bool:
        return self.target.unit.startswith("%")

    @property
    def is_ratio(self) -> bool:
        return self.table.type_of(self.row, self.column) is ValueType.RATIO

    @property
    def is_change(self) -> bool:
        """Compared with the same period last year."""
        if self.is_ratio:
            return self.row.derive is not None and self.row.derive.year_on_year is not None
        return self.wants_percent and self.row.roll_up is not RollUp.YES_COUNT

    def result(self) -> TargetResult:
        actual, why_not = self._actual()
        missing = self.values[self.key].coverage.missing if self.key in self.values else ()
        verdict, reason = TargetVerdict.NOT_JUDGED, why_not
        if actual is not None:
            verdict, reason = self._judged(actual, len(missing))
        is_open = verdict is TargetVerdict.STILL_OPEN and actual is not None
        return TargetResult(
            target_id=self.target.id,
            name=self.target.name,
            operator=self.target.operator,
            wanted=self.target.value,
            actual=actual,
            verdict=verdict,
            wording=self.target.wording,
            scope=self.target.scope,
            reason=reason,
            unit=self.target.unit,
            by_year=self.target.by_year,
            distance=Fraction(self.target.value) - actual if is_open and actual is not None else None,
        )

    def _actual(self) -> tuple[Fraction | None, str]:
        found = self.values.get(self.key)
        if found is None or (found.value is None and not self.is_change):
            if found is not None and found.nil:
                return None, "Không phát sinh trường hợp nào để tính tỷ lệ"
            if self.key in self.shares and self.shares[self.key].reason:
                return None, self.shares[self.key].reason
            return None, "Chưa có số liệu"
        if self.row.roll_up is RollUp.YES_COUNT and found.value is not None:
            asked = self.populations.get(self.key, 0)
            # Over all units that are asked, the silent ones too: who has not answered is no yes.
            share = percentage(found.value, asked) if asked else None
            return (share if self.wants_percent else Fraction(found.value)), "Chưa có số liệu"
        if self.is_change:
            return self._change(found)
        assert found.value is not None
        return Fraction(found.value), ""

    @property
    def _compared(self) -> CellKey:
        """The cell whose change is judged."""
        if self.is_ratio:
            assert self.row.derive is not None and self.row.derive.year_on_year is not None
            return CellKey.parse(self.row.derive.year_on_year.of)
        return self.key

    def _change(self, found: ProvinceValue) -> tuple[Fraction | None, str]:
        of = self._compared
        now = self.values.get(of) if self.is_ratio else found
        change = self.last_year.get(of, NOTHING_KNOWN)
        if now is None or now.value is None:
            return None, "Chưa có số liệu của kỳ này"
        if change.reason:
            return None, f"Không so sánh được với cùng kỳ năm trước: {change.reason}"
        # A term has no "same period last year".
        if change.previous is None and self.period.is_evaluation:
            return None, "So với năm trước; đánh giá ở báo cáo năm"
        if change.previous is None:
            return None, "Chưa có số liệu cùng kỳ năm trước để so sánh"
        if change.from_zero:
            return None, "Kỳ trước bằng 0, không tính được tỷ lệ tăng, giảm"
        return change.percent, ""

    def _judged(self, actual: Fraction, missing: int) -> tuple[TargetVerdict, str]:
        """The verdict, with what it depends on: missing units, the rest of the year, a later year."""
        if self.is_change and (change := self.last_year.get(self._compared, NOTHING_KNOWN)).left_out:
            return TargetVerdict.NOT_JUDGED, (
                f"Tính trên {change.counted}/{change.expected} đơn vị có số liệu cả hai kỳ; chưa đủ cơ sở kết luận cho "
                "các đơn vị còn lại"
            )
        if self._is_of_one_year:
            return TargetVerdict.NOT_JUDGED, "Chỉ tiêu của từng năm; đánh giá ở báo cáo năm"
        met = self.target.met_by(actual)
        verdict = TargetVerdict.MET if met else TargetVerdict.NOT_MET
        reasons = []
        if not met and (due := self._due_later):
            verdict = TargetVerdict.STILL_OPEN
            reasons = [wanting(self.target, actual), due]
        if missing:
            reasons.append(f"tạm tính, còn {missing} đơn vị chưa có số liệu")
        text = "; ".join(reasons)
        return verdict, capitalised(text)

    @property
    def _due_later(self) -> str:
        """Until when there is time, in words; empty when the target is due now.

        A target of a year is due with the annual report of that year, or with the end-term report made in it.
        """
        ends_before_the_year = self.period.scope is PeriodScope.YEAR_TO_DATE
        if self.period.scope is PeriodScope.PART:  # the last quarter, the last month end with the year
            end = year_end(self.pack.regime, self.period.year)
            ends_before_the_year = end is None or self.period.cutoff_on < end
        by_year = self.target.by_year
        if by_year is not None:
            later = self.period.year < by_year or (self.period.year == by_year and ends_before_the_year)
            return f"thời hạn đến hết năm {by_year}" if later else ""
        if ends_before_the_year and self._is_work_of_a_year:
            return f"chỉ tiêu của cả năm, thời hạn đến hết năm {self.period.year}"
        return ""

    @property
    def _is_of_one_year(self) -> bool:
        """A number of things to do every year is neither met nor missed by the sum of a term."""
        plain = self.row.nature is Nature.FLOW and not self.is_ratio and not self.is_change
        return self.period.is_evaluation and plain and self.target.by_year is None

    @property
    def _is_work_of_a_year(self) -> bool:
        """A number of things to do in a year says nothing against the unit after half of it."""
        plain = self.row.nature is Nature.FLOW and not self.is_ratio and not self.is_change
        return plain and self.target.operator in {">=", ">", "="}


def wanting(target: Target, actual: Fraction) -> str:
    """How far the figure is from what is wanted: `còn thiếu 8,43 điểm phần trăm`.

    Told between the figures as printed (two decimals), so that a reader who subtracts gets the same.
    """
    unit = "điểm phần trăm" if target.unit.startswith("%") else target.unit
    gap = Fraction(target.value) - Fraction(rounded(actual, 2))
    if gap == 0:
        return "cách mức yêu cầu dưới 0,01" if actual != target.value else "mới bằng mức yêu cầu, chưa vượt"
    amount = formatted(abs(gap.numerator) if gap.denominator == 1 else abs(gap))
    return f"còn {'thiếu' if gap > 0 else 'vượt'} {amount} {unit}".rstrip()


def _row_of(pack: Pack, target: Target) -> tuple[Form, Table, Row]:
    code, row = target.indicator.split("/")[:2]
    if (found := pack_rows(pack).get((code, row))) is not None:
        return found
    raise ConfigurationError(
        f"mục tiêu {target.id}: indicator {target.indicator} không có trong biểu nào; "
        "hãy sửa mã dòng trong targets.yaml"
    )


def measured_cell(target: Target, form: Form, table: Table, row: Row) -> tuple[CellKey, Column]:
    """The cell a target is measured by: the one it names, else numerator over denominator, else the period's figure.

    Raises ConfigurationError when the row has none of these.
    """
    named = target.indicator.split("/")[2:]
    columns = [c for c in table.columns if table.applies(row, c)]
    chosen = [c for c in columns if c.code in named]
    share = share_column(table)
    chosen += [c for c in columns if not named and share is not None and c.code == share.code]
    chosen += [c for c in columns if not named and c.role in {ColumnRole.ACTUAL, ColumnRole.CLOSING}]
    if not chosen:
        raise ConfigurationError(
            f"mục tiêu {target.id}: dòng {target.indicator} không có ô tỷ lệ hay ô thực hiện nào để đánh giá"
        )
    return CellKey(form.code, row.code, chosen[0].code), chosen[0]
