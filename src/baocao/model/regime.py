"""Chế độ báo cáo: a regime pack as data an official can review."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from baocao.model.form import Relation, Strict
from baocao.model.inspection import InspectionRules
from baocao.model.pack_parts.period_rules import AdHocRule, PeriodRule
from baocao.model.pack_parts.rules import Rule
from baocao.model.pack_parts.wording import ProjectTask, ReportLayout, SharedForms, Wording
from baocao.model.signed_copy import DispatchRules, UnitCopyRule
from baocao.text import capitalised

Trust = Literal["confirmed", "secondary", "assumed"]
COUNTRY_TIME_ZONE = "Asia/Ho_Chi_Minh"
"""The country's clock: of a regime that names no other, and of what belongs to no single regime."""
ASKED_BY = "noi-yeu-cau"
"""The recipient of an ad hoc report: who asked for it."""


class SignOff(Strict):
    """Who decides about a report: two roles that two different people hold."""

    approver_role: str = "Approver"
    """name of the role that approves: in Airflow, and in the installation's list of people"""
    signer_role: str = "Signer"
    one_person: str = ""
    """Where one person may approve and sign: the document that allows it. Empty: never the same person."""


_OF_A_DOCUMENT = {
    # NĐ 30/2020, Phụ lục I: a căn cứ names type, number and symbol, issuer, day and subject. These two are what a
    # hurried pack leaves out and what a program can judge.
    "số": re.compile(r"\bsố \S*\d\S*[/-]\S+"),
    "ngày": re.compile(r"\bngày \d{1,2}/\d{1,2}/\d{4}\b"),
}


class LegalBasis(Strict):
    """A provision the regime rests on, with the span of days it is in force."""

    id: str
    """Short name used as an anchor: `KH.IV.1`, `NĐ09.12`."""
    document: str
    article: str
    text: str
    """What it says, in our words."""
    trust: Trust
    in_force_from: date | None = None
    """The first and the last day it is (was) law; None: before and after everything reported here."""
    in_force_to: date | None = None

    @property
    def wanting(self) -> tuple[str, ...]:
        """What a căn cứ must name and this one does not: `số`, `ngày` (NĐ 30/2020, Phụ lục I)."""
        return tuple(what for what, there in _OF_A_DOCUMENT.items() if not there.search(self.document))

    def in_force_during(self, first: date, last: date) -> bool:
        """Whether it is in force on any day from `first` to `last`, both included."""
        return (self.in_force_from is None or self.in_force_from <= last) and (
            self.in_force_to is None or first <= self.in_force_to
        )


class Term(Strict):
    """Giai đoạn of the programme: what mid-term and end-term reports look back on."""

    years: Annotated[tuple[int, ...], Field(min_length=1, max_length=5)]
    """its reporting years, each a column of the tables of the term: the Word templates have room for five"""
    name: str
    """`giai đoạn 2026 - 2030`"""
    ends_on: date
    """the day estimates are made for"""
    anchor: str = ""


class Recipient(Strict):
    """An office that gets the signed report."""

    id: str
    name: str
    email: str
    organ_code: str = ""
    """OrganId of NĐ 30/2020 Phụ lục VI."""
    via: str = ""
    verified: bool
    anchor: str


class ReminderStep(Strict):
    """One step of the reminder ladder: how many days before or after the safe day, and to whom."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_+-]+$")]
    """`t-15`, `t+0`: stable, it is the ledger's key."""
    working_days_from_safe: int | None = None
    days_from_safe: int | None = None
    """Calendar days from `safe_on` (negative: before)."""
    days_from_due: int | None = None
    """Calendar days after the due day (0: the first day overdue)."""
    at_hour: int = 8
    to: Literal["unit", "head", "lead", "leadership"]
    template: str
    digest: bool = False
    """One mail naming all late units, instead of one a unit."""
    anchor: str


class Authority(Strict):
    """Names as printed on letters and reports."""

    province: str
    """its name alone: `Huế`"""
    parent: str
    """Cơ quan chủ quản line, empty for a People's Committee."""
    issuer: str
    """`ỦY BAN NHÂN DÂN TỈNH …`"""
    issuer_name: str = ""
    """The issuer as it stands inside a sentence, where small letters alone do not give it: `Sở Tư pháp`."""
    territory: str = ""
    """`thành phố …`, as in `trên địa bàn …`; empty: what follows `Ủy ban nhân dân` in the issuer's name."""
    symbol: str
    """`BC-UBND`"""
    place: str
    signer_block: tuple[str, ...]
    """`TM. ỦY BAN NHÂN DÂN`, `KT. CHỦ TỊCH`, `PHÓ CHỦ TỊCH`"""
    standing_office: str
    standing_unit: str
    office_parent: str = ""
    """Cơ quan chủ quản of the consolidating office, on its covering letter."""
    office_symbol: str = ""
    """`TTr-…` of its covering letter; empty: from its initials."""
    office_signer: str = "GIÁM ĐỐC"
    """Title under its covering letter."""
    office_addressee: str = ""
    """Whom its covering letter asks, where that is not the issuer by name: `Giám đốc Sở Tư pháp`."""
    archive_line: str
    """Nơi nhận, last line: `Lưu: VT, …`"""
    lead_email: str
    leadership_email: str
    standing_email: str
    contact: str
    phone: str = ""
    """Telephone of whoever answers the units, as printed at the foot of every letter."""
    contact_email: str = ""
    """The address under which the units get an answer; `regime check` asks for both."""
    copy_to: tuple[str, ...] = ()
    anchor: str = ""

    @property
    def issuer_in_sentence(self) -> str:
        """`Ủy ban nhân dân tỉnh Huế`; the pack holds it in the capitals of a letterhead."""
        if self.issuer_name or not self.issuer.isupper():
            return self.issuer_name or self.issuer
        # Small letters take the capitals of the province's name with them: they are put back, the first word's as well.
        return capitalised(self.issuer.lower().replace(self.province.lower(), self.province))


class Project(Strict):
    """A part of the programme (dự án, lĩnh vực) and the lead body that answers for it."""

    code: str
    name: str
    label: str = ""
    """How it is called where the pack's word and the code do not say it: `Tiểu dự án 1, Dự án 7`."""
    lead: str = ""
    """Unit code of the provincial lead body; empty: none assigned."""
    trust: Trust
    anchor: str = ""
    activity: tuple[str, ...] = ()
    """Cells that show activity in the project, for the money-without-activity rule."""
    shared: bool = False
    """Several units carry it out and each reports its own part; there is no single lead."""
    task: ProjectTask | None = None
    """The "6 rõ" of the plan, where the plan assigns tasks."""

    def called(self, words: Wording) -> str:
        """`Dự án 6`, `Nhiệm vụ 1.2`: to begin a line with."""
        return self.label or f"{words.project_title} {self.code}"


class Target(Strict):
    """A target (chỉ tiêu) of the programme: an indicator, an exact operator and a value, with its source."""

    id: str
    indicator: str
    """`FORM/ROW`"""
    name: str
    operator: Literal["<", "<=", "=", ">=", ">"]
    value: Decimal
    unit: str
    scope: Literal["national", "province"]
    by_year: int | None = None
    """Reached by the end of this year; None: every year."""
    years: tuple[int, ...] = ()
    wording: str
    trust: Trust
    anchor: str

    def met_by(self, value: Fraction | Decimal | int) -> bool:
        """Exact comparison: 70.00 % fails `> 70`, 50.00 % passes `>= 50`."""
        # As fractions: a ratio that is rounded first could reach a target it misses.
        left, right = Fraction(value), Fraction(self.value)
        return {
            "<": left < right,
            "<=": left <= right,
            "=": left == right,
            ">=": left >= right,
            ">": left > right,
        }[self.operator]


class HistoryRule(Strict):
    """Parameters of the robust comparison with the past (unit of money, large change, copied report)."""

    relative: Decimal = Decimal("0.5")
    absolute: int = 10
    money_factor: int = 500
    anchor: str = ""


class FormInForce(Strict):
    """One version of a form and from when it is used."""

    version: str
    since: date | None = None
    """The first cut-off day it is used for; None: from the beginning."""


class Regime(Strict):
    """`regime.yaml`."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: str
    short_name: Annotated[str, Field(max_length=32)] = ""
    """For lists that cut long names: place first, then the matter (`Huế · Cải cách hành chính`); empty: the name."""
    programme: str
    receipt_prefix: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9]{1,7})?$")] = ""
    """`BC`: begins every receipt number of this regime, `BC-2026H1-00001-2`."""
    time_zone: str = COUNTRY_TIME_ZONE
    go_live_on: date
    authority: Authority
    sign_off: SignOff = SignOff()
    wording: Wording = Wording()
    report: ReportLayout = ReportLayout()
    legal_basis: tuple[LegalBasis, ...]
    periods: tuple[PeriodRule, ...]
    ad_hoc: AdHocRule | None = None
    """None: nobody can ask for an ad hoc report."""
    recipients: tuple[Recipient, ...]
    reminders: tuple[ReminderStep, ...]
    projects: tuple[Project, ...] = ()
    """Empty: nothing is divided by projects."""
    history: HistoryRule = HistoryRule()
    lead_comment_days: Annotated[int, Field(ge=0, le=10)] = 1
    """Working days after the units' deadline that are kept free for the comments of the lead bodies, where the
    province's own deadline leaves them; nothing is consolidated before. 0: none."""
    source_decision_required: bool = False
    """Whether a report may only be approved once it is decided whose figures stand in every row that two levels report
    differently. False: an undecided difference is printed with both figures, and may be approved."""
    unit_copy: UnitCopyRule = UnitCopyRule.NONE
    """Whether units owe the signed copy of their report (a scan, or a PDF signed digitally) beside the workbook."""
    unit_copy_anchor: str = ""
    dispatched: DispatchRules = DispatchRules()
    """What the recipients of the report get."""
    inspections: InspectionRules | None = None
    """None: this regime keeps no register of inspections."""
    term: Term | None = None
    """Needed where a form has plans or estimates of the term."""
    forms: dict[str, tuple[FormInForce, ...]]
    """form code -> its versions, the oldest first. Where there is only one, the version alone may stand there."""
    more_forms: dict[str, tuple[FormInForce, ...]] = Field(default_factory=dict)
    """The same, of forms that only the kinds of report use that name them."""
    forms_from: SharedForms | None = None
    """Another regime's forms and relations; None: this pack has its own."""
    rules: tuple[Rule, ...] = ()
    """What its workbooks and reports are checked by, beside the structural rules that every regime has."""
    relations: tuple[Relation, ...] = ()
    """Between forms."""
    plan_coverage_min: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(50)
    """Percent of the units with a result that must have a plan as well, before the share of the plan that is reached
    is printed as the whole's."""
    min_coverage: dict[str, Annotated[Decimal, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """Kind of report -> percent of the units owing that must be in it before it may be approved and sent; below that
    only when somebody has overruled it by name and with a reason. A kind that is not named has no bound."""
    default_nil: dict[str, str] = Field(default_factory=dict)
    """Forms a unit may leave out: form code -> the nil reason printed in the blank."""

    @field_validator("forms", "more_forms", mode="before")
    @classmethod
    def _one_version(cls, forms: Any) -> Any:
        if not isinstance(forms, dict):
            return forms
        # The short way of writing, made long before the schema sees it: everything behind knows one spelling.
        return {code: [{"version": v}] if isinstance(v, str) else v for code, v in forms.items()}

    def led_by(self, codes: Collection[str]) -> tuple[Project, ...]:
        """The projects of these codes, in the pack's order."""
        return tuple(p for p in self.projects if p.code in codes)

    @property
    def receipts_begin_with(self) -> str:
        """The prefix of the receipt numbers; of a pack without one the initials of its code."""
        return self.receipt_prefix or "".join(word[0] for word in self.code.split("-")).upper()

    @property
    def label(self) -> str:
        """What lists show."""
        return self.short_name or self.name

    @property
    def zone(self) -> ZoneInfo:
        """The clock its days and deadlines are on."""
        return ZoneInfo(self.time_zone)

    @property
    def dag_prefix(self) -> str:
        return self.code.replace("-", "_")

    @property
    def is_laid_out_before(self) -> bool:
        """Whether the pack is from before packs said where the parts of their report stand."""
        return self.report.indicators_annex is None and self.report.tasks_annex is None

    @property
    def all_forms(self) -> dict[str, tuple[FormInForce, ...]]:
        return {**self.forms, **self.more_forms}

    def version_on(self, form: str, day: date) -> str:
        """The version of the form that is in force for figures cut off on `day`."""
        # The loader has seen to the order: the oldest stands first and has no `since`.
        return [v.version for v in self.all_forms[form] if v.since is None or v.since <= day][-1]
