"""Báo cáo gửi lên: what a unit sent, cell by cell, and what we found in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from baocao.model.finding import Finding as Finding
from baocao.model.finding import Severity as Severity
from baocao.model.form import CellKey

Value = int | Decimal | bool | str | date


class Status(StrEnum):
    """Only moves right: RECEIVED, then one of the others, for ever."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    QUARANTINED = "QUARANTINED"
    DUPLICATE = "DUPLICATE"
    """the same bytes in the same circumstances as an earlier one, whose answer stands"""
    COMMENTS = "COMMENTS"
    """no report: comments of a lead body, kept as such"""


class Answer(StrEnum):
    """What a cell of a returned workbook answers."""

    VALUE = "value"
    NIL = "nil"
    """declared: không phát sinh / không thuộc phạm vi"""
    BLANK = "blank"
    INVALID = "invalid"
    """something is there that cannot be read as the cell's type; `problem` says what"""


class Problem(StrEnum):
    """Why a cell is INVALID."""

    ERROR_VALUE = "error_value"  # #REF!, #DIV/0!: `raw` holds it
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS_NUMBER = "ambiguous_number"  # 1,234
    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    NOT_A_DATE = "not_a_date"
    NOT_AN_OPTION = "not_an_option"
    MERGED = "merged"  # shares a merged cell with another answer: reported once for the area


# Nobody changes one, blank ones are even shared; yet not frozen: that would make each four times as dear to build, and
# every file and every unit of a report has hundreds.
@dataclass(slots=True)
class Cell:
    """One cell as read. Counts and money are int, areas Decimal, dates date, texts NFC."""

    key: CellKey
    answer: Answer
    value: Value | None
    sheet: str
    a1: str
    raw: str = ""
    problem: Problem | None = None


ListName = tuple[str, str]
"""form code, list code"""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list as read: a case. `cells` has every column of the list that the workbook has."""

    number: int
    """from 1, wholly empty rows not counted"""
    line: int
    """the row of the sheet as a spreadsheet counts it"""
    cells: dict[str, Cell]
    """column code -> cell; its key is `FORM/LIST#NUMBER/COLUMN`"""


@dataclass(frozen=True)
class ListAnswers:
    """What a submission says in its lists."""

    rows: dict[ListName, tuple[ListRow, ...]]
    nil: dict[ListName, tuple[str, str, str]]
    """list stated empty -> reason, sheet and A1 of the statement"""

    def said(self) -> list[Cell]:
        """Every answered cell, and one declared nil for a list that is stated empty."""
        cells = [c for rows in self.rows.values() for row in rows for c in row.cells.values()]
        for (form, code), (_, sheet, a1) in self.nil.items():
            # Rows are counted from 1, so row 0 can hold the statement about the whole list and meets no case.
            cells.append(Cell(CellKey(form, f"{code}#0", "LD"), Answer.NIL, None, sheet, a1))
        return cells


@dataclass(frozen=True, slots=True)
class StructureProblem:
    """Something about the workbook itself: a missing sheet, row or column code, a code that stands twice."""

    kind: str
    """`missing_sheet`, `missing_codes` (the sheet is there, its hidden code row is not), `missing_table`,
    `missing_row`, `missing_column`, `missing_list` (`detail`: its sheet), `duplicate_sheet`, `duplicate_table`,
    `duplicate_row`, `duplicate_column`,
    `row_without_code` (figures in an inserted row, `name` is empty); what stands where nothing is read:
    `figure_beside`, `note_beside`, `figure_in_grey`, `note_in_grey`, `unknown_row`, `unknown_column`,
    `figure_outside`, `merged_cells`; `shown_as_percent` (answers whose cell shows a percentage)"""
    form: str
    name: str
    """The sheet, row or column code; of `duplicate_sheet` all sheets of the form."""
    sheet: str = ""
    a1: str = ""
    detail: str = ""
    """What stands there, as printed in the finding."""


@dataclass(frozen=True)
class Workbook:
    """Everything a workbook says, found by codes."""

    regime: str
    period: str
    unit: str
    form_versions: dict[str, str]
    fingerprints: dict[str, str]
    layout: str
    """Version of the workbook contract."""
    unit_name: str
    """As printed in the workbook: must match the code."""
    cells: dict[CellKey, Cell]
    nil_forms: dict[str, str] = field(default_factory=dict)
    """form -> reason declared for the whole form"""
    nil_places: dict[str, tuple[str, str]] = field(default_factory=dict)
    """form -> sheet and A1 of that declaration"""
    info: dict[str, Cell] = field(default_factory=dict)
    """The information sheet: `doc_number`, `doc_date`, `signer_name`, `signer_title`, `signing_form` (TM./KT.),
    `reporter`, `phone`"""
    explanations: dict[str, str] = field(default_factory=dict)
    """finding key -> explanation, from the index sheet of a marked-up workbook"""
    row_explanations: dict[tuple[str, str], str] = field(default_factory=dict)
    """(form, row) -> the row's explanation column"""
    problems: tuple[StructureProblem, ...] = ()
    formulas: frozenset[CellKey] = frozenset()
    """derived cells that still hold a formula: what another one shows was typed over it"""
    lists: dict[ListName, tuple[ListRow, ...]] = field(default_factory=dict)
    """the rows of each list that is there, in printed order; a list answered by nil has none"""
    nil_lists: dict[ListName, tuple[str, str, str]] = field(default_factory=dict)
    """list stated empty -> reason, sheet and A1 of the statement"""

    @cached_property
    def list_cells(self) -> dict[CellKey, Cell]:
        """The cells of all lists by name."""
        return {c.key: c for rows in self.lists.values() for row in rows for c in row.cells.values()}


@dataclass(frozen=True)
class Verdict:
    """What was decided about a submission, and every finding."""

    status: Status
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> int:
        """How many points must be corrected."""
        return sum(f.severity is Severity.BLOCKS for f in self.findings)

    @property
    def to_explain(self) -> int:
        """How many points still want a word of explanation."""
        return sum(f.severity is Severity.EXPLAIN and not f.explanation for f in self.findings)


class Screening(StrEnum):
    """Why a file is quarantined before any parser opens it."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_XLSX = "not_xlsx"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    EXTERNAL_LINKS = "external_links"
    DTD = "dtd"
    ZIP_LIMITS = "zip_limits"
    TOO_MANY_SHEETS = "too_many_sheets"
    DIMENSION = "dimension"
    READER_DIED = "reader_died"
    UNREADABLE = "unreadable"
    NO_META = "no_meta"
    WRONG_REGIME = "wrong_regime"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_PERIOD = "unknown_period"
    OTHER_REGIME = "other_regime"
    MALWARE = "malware"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that is kept but not read, and the sentence its sender understands."""

    reason: Screening
    message: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A row of `submission`."""

    id: int
    regime: str
    period: str
    unit: str
    status: Status
    received_at: datetime
    sha256: str
    filename: str
    on_time: bool | None
    supersedes_id: int | None
    receipt_number: str | None


class GivenBackKind(StrEnum):
    """How an accepted report ceases to count."""

    RETURNED = "returned"
    """trả lại: by the office, after it was accepted; the unit owes again"""
    WITHDRAWN = "withdrawn"
    """rút: by the unit, or by the office for it; as if it had not been sent"""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """That an accepted submission counts no more."""

    submission_id: int
    kind: GivenBackKind
    reason: str
    by: str
    """a person of the office, or `unit:00001`"""
    at: datetime


class Timeliness(StrEnum):
    """Whether a unit kept its deadline: a fact of its first accepted report, which no correction changes."""

    ON_TIME = "on_time"
    CORRECTED_LATE = "corrected_late"
    """its first report was in time; the correction that counts now came after the deadline"""
    LATE = "late"
    """its first report came after the deadline"""

    @property
    def label(self) -> str:
        """As printed beside a unit."""
        return _TIMELINESS[self]


_TIMELINESS = {
    Timeliness.ON_TIME: "Đúng hạn",
    Timeliness.CORRECTED_LATE: "Đúng hạn; đính chính sau hạn",
    Timeliness.LATE: "Trễ hạn",
}


def timeliness_of(accepted: Iterable[Submission]) -> Timeliness:
    """Of one unit's accepted submissions of one period, in any order; the last received is the one that counts."""
    # The id breaks ties: one sweep stamps all its arrivals with one time.
    chain = sorted(accepted, key=lambda s: (s.received_at, s.id))
    # `is`, because None is a file that was never judged against a deadline.
    if chain[0].on_time is False:
        return Timeliness.LATE
    return Timeliness.CORRECTED_LATE if chain[-1].on_time is False else Timeliness.ON_TIME


@dataclass(frozen=True)
class AcceptedCells:
    """An accepted submission's cells, as the gate and the consolidation read them back from the store."""

    unit: str
    submission_id: int
    sha256: str
    filename: str
    received_at: datetime
    cells: dict[CellKey, Cell]
    """only cells of the unit's forms; derived cells hold the value we recomputed"""
    lists: ListAnswers = field(default_factory=lambda: ListAnswers({}, {}))

    @classmethod
    def of(cls, sent: Submission, cells: dict[CellKey, Cell], unit: str = "") -> AcceptedCells:
        """Those of a submission; `unit`: under another unit's code than its own."""
        return cls(unit or sent.unit, sent.id, sent.sha256, sent.filename, sent.received_at, cells)
