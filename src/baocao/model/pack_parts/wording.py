"""Cách gọi: the words in which a pack names its levels, its deciders and the parts of its report.

Every default is neutral: which level, which body and which appendix it is, only a pack can say.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from baocao.model.pack_parts.strict import Strict
from baocao.text import capitalised, without_diacritics


class Wording(Strict):
    """How letters, workbooks and documents call the two levels and the two deciders of one regime."""

    unit_short: str = "đơn vị"
    """The reporting level in a list of deadlines: `xã`."""
    top_short: str = "cấp tổng hợp"
    """The consolidating level in `hạn gửi của …`: `tỉnh`."""
    whole: str = "toàn bộ đơn vị"
    """What the consolidated figures are of: `toàn tỉnh`."""
    unit_level: str = "cấp cơ sở"
    """`cấp xã`"""
    top_level: str = "cấp tổng hợp"
    """`cấp tỉnh`"""
    units: str = "đơn vị cơ sở"
    """The territorial units, as counted: `đơn vị hành chính cấp xã`."""
    bodies: str = "phòng, ban, đơn vị"
    """The offices that report, as counted: `cơ quan, đơn vị cấp tỉnh chủ trì dự án, tiểu dự án`."""
    body: str = "cơ quan, đơn vị chủ trì"
    """One of them: `cơ quan cấp tỉnh`."""
    project: str = "nội dung"
    """One of what the reports are divided into (`projects`): `dự án` of a programme, `nhiệm vụ` of a plan."""
    programme: str = "Nội dung"
    """What `programme` is, before its name in the letter to the recipients: `Kế hoạch`."""
    own_scope: str = "Địa phương"
    """Scope of a target that is the regime's own, not the nation's: `Tỉnh`."""
    approver: str = "cơ quan tổng hợp"
    """Who approves: `cơ quan thường trực`."""
    signer: str = "cơ quan ban hành"
    """Who signs: `Ủy ban nhân dân`."""

    @property
    def project_title(self) -> str:
        """`Dự án`, at the beginning of a line."""
        return capitalised(self.project)

    @property
    def project_mark(self) -> str:
        """The initials: before a project's code where a whole project is chosen from a list."""
        return "".join(without_diacritics(word)[:1] for word in self.project.split()).upper()


# Packs kept with old reports are never rewritten (ADR 0018), so the schema goes on reading them.
_OLD_KEYS = {"compliance_annex", "texts_annex"}


class Headline(Strict):
    """An indicator of which the report names the best and the last unit."""

    row: str
    """`FORM/ROW`"""
    better: Literal["higher", "lower"] = "higher"


class Appendix(Strict):
    """An appendix of the Word report as the pack calls it."""

    number: str
    """`II`"""
    title: str
    """in capitals, under the number"""


class ReportLayout(Strict):
    """Which Word template a regime's report is built from, and where its generated parts stand.

    Nothing here comes from a programme: a part that the pack does not place (number 0, no form, no appendix) is left
    out. Section numbers are those of the narrative form.
    """

    template: str = "report_periodic"
    """`include/templates/word/<template>.docx`"""
    subject: str = "Kết quả thực hiện {programme}, {period}"
    """Trích yếu."""
    indicator_form: str = ""
    """The form that the generated sentences are about."""
    resource_form: str = ""
    """The form that holds the money."""
    management_section: int = 0
    """Where the reporting itself is described: who was late or missing, what the lead bodies said."""
    resources_section: int = 0
    results_section: int = 0
    shortcomings_section: int = 0
    """Where unmet targets stand with their causes; 0: below the results."""
    by_form: dict[str, dict[Literal["management", "shortcomings"], int]] = Field(default_factory=dict)
    """Narrative form -> where it has these sections, if elsewhere than the numbers above say (0: nowhere)."""
    resources_title: str = "Nguồn vốn"
    """Used when the narrative form has no section of that number; so is `results_title`."""
    results_title: str = "Kết quả thực hiện"
    figures_title: str = "Kết quả theo từng chỉ tiêu"
    figures_note: str = ""
    resources_note: str = ""
    term_note: str = ""
    """Below the table of the term: where its years stand."""
    money_rows: str = "Nội dung, nguồn vốn"
    """Head of the column that names the rows of the money form, and of the one that names its sums only."""
    sum_rows: str = "Nội dung"
    indicators_annex: Appendix | None = None
    projects_annex: Appendix | None = None
    """The forms beside indicators and money, one after the other."""
    resources_annex: Appendix | None = None
    tasks_annex: Appendix | None = None
    compliance: Appendix = Appendix(number="I", title="TÌNH HÌNH CHẤP HÀNH CHẾ ĐỘ BÁO CÁO CỦA CÁC ĐƠN VỊ")
    texts: Appendix = Appendix(number="II", title="TỔNG HỢP NỘI DUNG BÁO CÁO CỦA CÁC ĐƠN VỊ")
    correction_number: str = "III"
    """The appendix that only a correction has."""
    headline: tuple[Headline, ...] = ()
    largest_changes: Annotated[int, Field(ge=0, le=10)] = 3
    """How many indicators are named as those that changed most against last year."""
    disbursement_below: dict[str, Annotated[Decimal, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """Kind of report -> percent of the year's plan below which a project's disbursement is named."""

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, given: object) -> object:
        """A pack from before packs named their appendices still loads."""
        return {k: v for k, v in given.items() if k not in _OLD_KEYS} if isinstance(given, dict) else given

    def section(self, part: Literal["management", "shortcomings"], form: str) -> int:
        """The number of the section in that narrative form; 0: it has none."""
        usual = self.management_section if part == "management" else self.shortcomings_section
        return self.by_form.get(form, {}).get(part, usual)

    @property
    def compliance_annex(self) -> str:
        return f"Phụ lục {self.compliance.number}"

    @property
    def texts_annex(self) -> str:
        return f"Phụ lục {self.texts.number}"


class ProjectTask(Strict):
    """ "6 rõ" of one task of a plan; the sixth, rõ việc, is the name of the project it stands in."""

    who: str
    """rõ người: the unit that leads"""
    time: str
    """rõ thời gian"""
    responsibility: str
    """rõ trách nhiệm: what the lead answers for, and who works with it"""
    product: str
    """rõ sản phẩm"""
    authority: str
    """rõ thẩm quyền: who decides"""
    progress: str = ""
    """Cell with the progress reported: `FORM/ROW/COLUMN`."""
    outcome: str = ""
    """Cell with what was produced, in words."""


class SharedForms(Strict):
    """Forms and relations of another regime, used as they are but for the words named here."""

    regime: str
    """Code of the lender; its folder stands beside this pack's."""
    words: dict[str, str] = Field(default_factory=dict)
    """Phrase of the lender's printed texts -> how it reads here."""
    departments: bool = False
    """What a territorial unit fills there, this pack's departments fill here, each for its projects."""
