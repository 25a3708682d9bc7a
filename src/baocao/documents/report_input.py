"""What a report is made of: the consolidated figures and the circumstances, nothing read from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from baocao.model.consolidated import Consolidation
from baocao.model.correction import Correction
from baocao.model.form import Form
from baocao.model.lead import LeadComment
from baocao.model.narrative import OfficeText
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.pack_parts.wording import Appendix, ReportLayout, Wording
from baocao.model.period import Period
from baocao.model.regime import Recipient
from baocao.model.report import Signature, subject_of
from baocao.model.submission import AcceptedCells
from baocao.model.term_totals import ProvinceTerm
from baocao.model.unit import Unit
from baocao.text import lowered

_FIGURES_ALONE = {
    "template": "report_figures",
    "resources_section": 1,
    "results_section": 2,
    "figures_note": "Số liệu đầy đủ tại Phụ lục I.",
    "resources_note": "Số liệu chi tiết tại Phụ lục I.",
    "figures_title": "Số liệu tổng hợp",
    "indicators_annex": Appendix(number="I", title="SỐ LIỆU KẾT QUẢ THỰC HIỆN"),
    "compliance": Appendix(number="II", title="TÌNH HÌNH CHẤP HÀNH CHẾ ĐỘ BÁO CÁO CỦA CÁC ĐƠN VỊ"),
}
"""What `report` of the pack says by default where a report has no narrative form."""
_LISTS_ALONE = {
    **{k: v for k, v in _FIGURES_ALONE.items() if k not in {"figures_note", "resources_note", "indicators_annex"}},
    "template": "report_lists",
    "compliance": Appendix(number="I", title="TÌNH HÌNH CHẤP HÀNH CHẾ ĐỘ BÁO CÁO CỦA CÁC ĐƠN VỊ"),
}
"""The same where its forms have no table either: an appendix of figures would be empty."""


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
    """accepted, but first sent after the deadline"""
    corrected_late: tuple[Unit, ...] = ()
    """accepted in time, and corrected after the deadline"""
    signature: Signature | None = None
    """None: a draft, with number, day and signer left blank"""
    correction: Correction | None = None
    """what this version corrects; None for an ordinary report"""
    accepted: tuple[AcceptedCells, ...] = ()
    """the reports behind the figures, by unit: for who stands first and last, and the reasons given"""
    year_ago: tuple[AcceptedCells, ...] = ()
    """what the units had reported for the same period last year"""
    comments: tuple[LeadComment, ...] = ()
    """what the lead bodies said about the figures, in the order it was raised"""
    office: OfficeText | None = None
    """the sections the office has written itself; None: all are the system's draft"""
    term: ProvinceTerm | None = None
    """of a mid-term or end-term report: the years behind it"""

    @property
    def rule(self) -> PeriodRule:
        return self.pack.rule_of(self.period.kind)

    @property
    def subject(self) -> str:
        """What the report is of: `Kết quả thực hiện …, 6 tháng đầu năm …`; without the mark of a correction."""
        return subject_of(self.layout.subject, self.pack.regime.programme, self.period)

    @property
    def title(self) -> str:
        """The same inside a sentence: `báo cáo kết quả thực hiện …`."""
        return f"báo cáo {lowered(self.subject)}"

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Exactly who gets this kind of report, in the order of the rule; a correction also goes to whoever got
        the report it replaces."""
        by_id = {r.id: r for r in self.pack.regime.recipients}
        further = () if self.correction is None else self.correction.also_to
        return tuple(by_id[i] for i in self.rule.recipients) + further

    @property
    def mark(self) -> str:
        """What is added to the title of a correction."""
        return "" if self.correction is None else " (đính chính)"

    @property
    def words(self) -> Wording:
        """How this regime calls its levels."""
        return self.pack.regime.wording

    @property
    def layout(self) -> ReportLayout:
        """What the report has, and where. Without a narrative form there is no annex of texts, and the appendices are
        numbered accordingly, unless the pack says otherwise."""
        said = self.pack.regime.report
        if self.narrative is not None:
            return said
        # Only what the pack does not say itself: it may well number such a report's appendices its own way.
        usual = _FIGURES_ALONE if any(form.tables for form in self.pack.forms) else _LISTS_ALONE
        return said.model_copy(update={k: v for k, v in usual.items() if k not in said.model_fields_set})

    @cached_property
    def narrative(self) -> Form | None:
        """The form whose texts are the sections; None: the sections follow from the forms with figures."""
        return self.pack.narrative_of(self.rule)

    @property
    def indicators(self) -> Form | None:
        """The form that the generated sentences are about; None when the pack has none. A report of figures alone may
        leave its first form unnamed."""
        named = next((f for f in self.pack.forms if f.code == self.layout.indicator_form), None)
        # A pack that writes an empty name means it: then there are no sentences.
        if named is None and self.narrative is None and "indicator_form" not in self.layout.model_fields_set:
            return next((f for f in self.pack.forms if f is not self.resources), None)
        return named

    @property
    def resources(self) -> Form | None:
        """The form that holds the money; None when the pack has none."""
        return next((f for f in self.pack.forms if f.code == self.layout.resource_form), None)

    def name_of(self, unit_code: str) -> str:
        """How the unit is named; its code where the pack does not know it."""
        return self.pack.unit_name(unit_code)
