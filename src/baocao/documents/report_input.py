"""What a report is made of: the consolidated figures and the circumstances, nothing read from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from baocao.model.consolidated import Consolidation
from baocao.model.period import Period
from baocao.model.regime import Pack, PeriodRule, Recipient
from baocao.model.report import Signature, subject_of
from baocao.model.term import ProvinceTerm
from baocao.model.unit import Unit


@dataclass(frozen=True)
class ReportInput:
    """The input of the Word report and of its covering letter. The same input always gives the same bytes."""

    pack: Pack
    period: Period
    result: Consolidation
    version: int
    """of the report, from 1: printed on a draft"""
    as_of: date
    """the business day of building: the year of the blank date, the document's own dates"""
    late: tuple[Unit, ...] = ()
    """accepted, but sent after the deadline"""
    signature: Signature | None = None
    """None: a draft, with number, day and signer left blank"""

    term: ProvinceTerm | None = None
    """of a mid-term or end-term report: the years behind it"""

    @property
    def rule(self) -> PeriodRule:
        return self.pack.rule_of(self.period.kind)

    @property
    def subject(self) -> str:
        """What the report is of, as its title goes on: `Kết quả thực hiện …, 6 tháng đầu năm …`."""
        return subject_of(self.pack.regime.programme, self.period)

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Exactly who gets this kind of report, in the order of the rule (V57)."""
        by_id = {r.id: r for r in self.pack.regime.recipients}
        return tuple(by_id[i] for i in self.rule.recipients)

    def name_of(self, unit_code: str) -> str:
        unit = self.pack.unit(unit_code)
        return unit.full_name if unit else unit_code
