"""Chế độ báo cáo: a regime pack as data an official can review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from baocao.model.cascade import Cascade
from baocao.model.form import CellKey, ColumnRole, EntryLevel, Form, Relation, Row, Strict, Table
from baocao.model.period import PeriodKind
from baocao.model.slices import concrete_relations, slice_forms
from baocao.model.unit import Unit
from baocao.model.wording import ReportLayout, SharedForms, Task, Wording

Trust = Literal["confirmed", "secondary", "assumed"]


class LegalBasis(Strict):
    id: str
    """Short name used as an anchor: `KH.IV.1`, `NĐ09.12`."""
    document: str
    article: str
    text: str
    """What it says, in our words."""
    trust: Trust


class MonthDay(Strict):
    """A day of a year, or an explicit date. `year: -1` is the year before the period's."""

    month: Annotated[int, Field(ge=1, le=12)] | None = None
    """None in a monthly rule: the period's own month."""
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    year: int = 0
    month_shift: int = 0
    """Monthly rules only: -1 is the month before the period's."""
    on: date | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.on is None) == (self.day is None):
            raise ValueError("phải ghi hoặc on (một ngày cụ thể), hoặc day và month")
        return self


class LevelDeadline(Strict):
    before: MonthDay
    """`trước ngày`: due is the last second of the day before."""
    locked_days_after_due: int
    anchor: str


class PeriodRule(Strict):
    kind: PeriodKind
    code: str
    """`{year}-H1`"""
    name: str
    """`6 tháng đầu năm {year}`"""
    years: tuple[int, ...]
    enabled: bool = True
    covers_from: MonthDay
    cutoff: MonthDay
    opens: MonthDay
    """The window opens on this day; unique among all periods, because it is the date of the period's DAG run."""
    opens_at_hour: Annotated[int, Field(ge=0, le=23)] = 8
    unit: LevelDeadline
    province: LevelDeadline
    anchor: str
    """Of the interval and the cut-off."""
    opens_anchor: str = ""
    recipients: tuple[str, ...]
    """Ids of `recipients`: exactly who gets this kind of report."""
    recipients_anchor: str = ""
    narrative_form: str = "PL04"

    @model_validator(mode="after")
    def _months(self) -> Self:
        days = (self.covers_from, self.cutoff, self.opens, self.unit.before, self.province.before)
        if self.kind is not PeriodKind.MONTHLY and any(d.on is None and d.month is None for d in days):
            raise ValueError("chỉ kỳ tháng mới được bỏ trống month")
        return self


class Recipient(Strict):
    id: str
    name: str
    email: str
    organ_code: str = ""
    """OrganId of NĐ 30/2020 Phụ lục VI."""
    via: str = ""
    verified: bool
    anchor: str


class ReminderStep(Strict):
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
    """`Thanh Hóa`"""
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
    police_office: str
    police_unit: str
    office_parent: str = ""
    """Cơ quan chủ quản of the consolidating office, on its covering letter."""
    office_symbol: str = ""
    """`TTr-…` of its covering letter; empty: from its initials."""
    office_signer: str = "GIÁM ĐỐC"
    """Title under its covering letter."""
    archive_line: str
    """Nơi nhận, last line: `Lưu: VT, …`"""
    lead_email: str
    leadership_email: str
    police_email: str
    contact: str
    copy_to: tuple[str, ...] = ()
    anchor: str = ""


class Project(Strict):
    code: str
    name: str
    lead: str = ""
    """Unit code of the provincial lead body; empty: none assigned."""
    trust: Trust
    anchor: str = ""
    activity: tuple[str, ...] = ()
    """Cells that show activity in the project, for the money-without-activity rule."""
    shared: bool = False
    """Several units carry it out and each reports its own part; there is no single lead."""
    task: Task | None = None
    """The "6 rõ" of the plan, where the plan assigns tasks."""


class Target(Strict):
    id: str
    indicator: str
    """`PL01/CT08`"""
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
        left, right = Fraction(value), Fraction(self.value)
        return {
            "<": left < right,
            "<=": left <= right,
            "=": left == right,
            ">=": left >= right,
            ">": left > right,
        }[self.operator]


class HistoryRule(Strict):
    """Parameters of the robust comparison with the past (V06, V35, V36)."""

    relative: Decimal = Decimal("0.5")
    absolute: int = 10
    money_factor: int = 500
    anchor: str = ""


class Regime(Strict):
    """`regime.yaml`."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: str
    programme: str
    time_zone: str = "Asia/Ho_Chi_Minh"
    go_live_on: date
    authority: Authority
    wording: Wording = Wording()
    report: ReportLayout = ReportLayout()
    legal_basis: tuple[LegalBasis, ...]
    periods: tuple[PeriodRule, ...]
    recipients: tuple[Recipient, ...]
    reminders: tuple[ReminderStep, ...]
    projects: tuple[Project, ...]
    history: HistoryRule = HistoryRule()
    forms: dict[str, str]
    """form code -> version in force"""
    forms_from: SharedForms | None = None
    """Another regime's forms and relations; None: this pack has its own."""
    relations: tuple[Relation, ...] = ()
    """Between forms."""
    default_nil: dict[str, str] = Field(default_factory=dict)
    """Forms a unit may leave out: form code -> the nil reason printed in the blank."""

    @property
    def dag_prefix(self) -> str:
        return self.code.replace("-", "_")


@dataclass(frozen=True)
class Pack:
    """A loaded regime: the regime itself, its units, forms and targets."""

    regime: Regime
    units: tuple[Unit, ...]
    forms: tuple[Form, ...]
    """In workbook order."""
    targets: tuple[Target, ...]
    sha256: str
    """Of all pack files, sorted by name: goes into every manifest."""
    cascade: Cascade | None = field(default=None, repr=False)
    """How the signed result goes on to a higher regime; None: it does not."""
    _by_code: dict[str, Unit] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_code.update({u.code: u for u in self.units})

    @property
    def code(self) -> str:
        return self.regime.code

    def unit(self, code: str) -> Unit | None:
        return self._by_code.get(code)

    def form(self, code: str) -> Form:
        return next(f for f in self.forms if f.code == code)

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """Who owes a report for a period cut off on `day`."""
        return tuple(u for u in self.units if u.valid_on(day))

    def rule_of(self, kind: PeriodKind) -> PeriodRule:
        return next(r for r in self.regime.periods if r.kind is kind)

    def entered_by(self, unit: Unit) -> tuple[Form, ...]:
        """The forms this unit must fill, each cut down to the rows it enters.

        A territorial unit enters the rows of level `commune`; a lead body the rows of level `province` whose project
        it leads (and all narrative rows). Headings stay where a row below them stays. Relations are those of the pack.
        """
        return self._entered[self._slice_of(unit)]

    def relations_for(self, unit: Unit) -> tuple[Relation, ...]:
        """The relations that can be judged on this unit's workbook alone: all cells exist in its forms, its level is
        meant, and every `*` is replaced by concrete rows and columns."""
        return self._relations[self._slice_of(unit)]

    @property
    def units_without_email(self) -> tuple[Unit, ...]:
        """Nobody can be written to there: the operator is alarmed."""
        return tuple(u for u in self.units if not u.email)

    def row(self, form: str, code: str) -> tuple[Table, Row]:
        """The row of that code with its table. Raises KeyError."""
        for table in self.form(form).tables:
            for row in table.rows:
                if row.code == code:
                    return table, row
        raise KeyError(f"{form}/{code}")

    def target_cell(self, target: Target) -> CellKey:
        """The cell a target is judged on: the row's ratio where it has one, else its actual figure."""
        form, code = target.indicator.split("/")
        table, row = self.row(form, code)
        columns = [c for c in table.columns if table.applies(row, c)]
        ratios = [c for c in columns if c.role is ColumnRole.RATIO and c.code == "TL"]
        actual = [c for c in columns if c.role is ColumnRole.ACTUAL]
        return CellKey(form, code, (ratios or actual or columns)[0].code)

    @staticmethod
    def _slice_of(unit: Unit) -> tuple[str, ...]:
        return unit.projects if unit.is_lead_body else ("commune",)

    @cached_property
    def _entered(self) -> dict[tuple[str, ...], tuple[Form, ...]]:
        slices = {("commune",), *(u.projects for u in self.units if u.is_lead_body)}
        return {key: slice_forms(self.forms, _entered_in(key)) for key in sorted(slices)}

    @cached_property
    def _relations(self) -> dict[tuple[str, ...], tuple[Relation, ...]]:
        every = self.regime.relations + tuple(r for f in self.forms for r in f.relations)
        return {
            key: concrete_relations([r for r in every if _level_of(key) in r.levels], forms)
            for key, forms in self._entered.items()
        }

    @cached_property
    def cells(self) -> dict[CellKey, tuple[Form, object]]:
        return {key: (form, spec) for form in self.forms for key, spec in form.cells.items()}


def _level_of(key: tuple[str, ...]) -> EntryLevel:
    return EntryLevel.COMMUNE if key == ("commune",) else EntryLevel.PROVINCE


def _entered_in(key: tuple[str, ...]) -> Callable[[Row], bool]:
    """Which rows a slice enters: `("commune",)` or the projects of a lead body."""
    level = _level_of(key)
    return lambda row: level in row.levels and (level is EntryLevel.COMMUNE or not row.project or row.project in key)
