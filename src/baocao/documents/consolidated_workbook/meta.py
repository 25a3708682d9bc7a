"""What the consolidated workbook says about itself, and the machine-readable sheets behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from baocao.documents.consolidated_workbook.style import RED, ReportBook, status_line
from baocao.exact import Number
from baocao.model.consolidated import NOTHING_KNOWN, Change, Consolidation, PlanShare
from baocao.model.correction import Correction
from baocao.model.form import ColumnRole, Form, Row
from baocao.model.lead import LeadComment
from baocao.model.pack import Pack
from baocao.model.pack_parts.wording import Wording
from baocao.model.period import Period
from baocao.model.report import ReportStatus
from baocao.model.signed_copy import UnitCopyRule, UnitPaper
from baocao.model.submission import Submission, Timeliness
from baocao.text import capitalised, day_text, moment_text

LAYOUT = "tong-hop.2"
"""Version of the contract in `docs/consolidated.md`."""
META_SHEET, VALUES_SHEET = "_meta", "_values"
VALUE_COLUMNS = (
    "form",
    "row",
    "column",
    "value",
    "nil",
    "counted",
    "expected",
    "missing",
    "communes",
    "provincial",
    "classes",
    "previous",
    "compared_now",
    "compared",
    "compared_expected",
    "compared_left_out",
    "compared_gone",
    "not_comparable",
    "plan_result",
    "plan",
    "planned",
    "planned_expected",
    "plan_left_out",
    "plan_withheld",
)


@dataclass(frozen=True)
class ReportMeta:
    """Which report this is. `submissions` gives the receipt number by unit code."""

    version: int
    status: ReportStatus
    as_of: datetime
    report_id: int | None = None
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    timeliness: Mapping[str, Timeliness] = field(default_factory=dict)
    """whether each unit kept its deadline, by unit code"""
    overruled: tuple[LeadComment, ...] = ()
    """objections of lead bodies that the standing office overruled"""
    correction: Correction | None = None
    """what this version corrects; None for an ordinary report"""
    papers: Mapping[str, UnitPaper] | None = None
    """the units' own reports as documents, by unit code; None: from before they were kept"""
    outgoing: bool = False
    """Whether this is the workbook the recipients get: nothing in it is meant for those who prepare and sign."""

    @property
    def is_draft(self) -> bool:
        return self.status is ReportStatus.DRAFT


@dataclass(frozen=True)
class SheetSource:
    """What every sheet is written from."""

    pack: Pack
    period: Period
    consolidation: Consolidation
    meta: ReportMeta
    places: dict[str, str] = field(default_factory=dict)
    """`sheet!line` -> `FORM/ROW` of the printed rows, filled while the sheets of the recipients' copy are written"""

    @property
    def words(self) -> Wording:
        """How this regime calls its levels."""
        return self.pack.regime.wording

    @property
    def optional_roles(self) -> frozenset[ColumnRole]:
        """Columns a unit may leave blank in any row."""
        return frozenset({ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM, ColumnRole.EXPLANATION, ColumnRole.NOTE})

    @property
    def outgoing(self) -> bool:
        return self.meta.outgoing

    @property
    def with_units(self) -> bool:
        """Whether the figures of single units are in it."""
        return not self.outgoing or self.pack.regime.dispatched.units_detail

    @property
    def asks_for_copies(self) -> bool:
        return self.pack.regime.unit_copy is not UnitCopyRule.NONE

    @property
    def status_line(self) -> str:
        """What stands over every table: how far the report is; nothing on what has been issued."""
        return "" if self.outgoing else status_line(self.meta.status, self.meta.version)

    @property
    def status_looks(self) -> dict[str, Any]:
        """A draft's line is red."""
        return {"font_color": RED, "bold": True} if self.meta.is_draft else {"italic": True}

    def numbered(self, form: Form, row: Row, sheet: str, at: int) -> str:
        """What stands before a row's name: its code, by which a program finds it. Recipients read the form's own
        number; for them the code goes into `_meta` with the sheet and the line (zero-based `at`)."""
        if not self.outgoing:
            return row.code
        self.places[f"{sheet}!{at + 1}"] = f"{form.code}/{row.code}"
        return form.printed_number(row)

    def form_heading(self, form: Form) -> str:
        """The form as the guidance names it; for the office with the version of its layout."""
        return form.official if self.outgoing else form_heading(form)

    @property
    def row_title(self) -> str:
        """What stands over the column of `numbered`."""
        return "STT" if self.outgoing else "Mã"

    @property
    def footer(self) -> str:
        if self.outgoing:
            return f"{capitalised(self.pack.regime.programme)} - {self.period.name}"
        return f"{capitalised(self.pack.regime.programme)} - {self.period.name} - phiên bản {self.meta.version}"

    @property
    def covered(self) -> str:
        """The days the figures are of, as printed on every table."""
        first, last = self.period.covers_from, self.period.cutoff_on
        return f"Kỳ báo cáo: {self.period.name} (số liệu từ {day_text(first)} đến hết {day_text(last)})"

    def local(self, instant: datetime) -> str:
        """An instant as an official reads it: `08:30 ngày 19/12/2026`."""
        return moment_text(instant.astimezone(self.pack.regime.zone))

    def unit_name(self, code: str) -> str:
        """How the unit is named; its code where the pack does not know it."""
        return self.pack.unit_name(code)


def exact(value: Number | None) -> str:
    """A number without loss: `1234`, `12.50`, `70/3`; empty for none."""
    if value is None:
        return ""
    # As a fraction: 70/3 has no end as a decimal, and whoever recomputes needs the exact value.
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return format(value, "f") if not isinstance(value, int) else str(value)


# ADR 0031: nothing in the recipients' copy is meant for those who prepare and sign.
_OF_THE_OFFICE = {"report", "status", "as_of", "pack_sha256", "corrects.report", "corrects.content_sha256"}
"""Keys that mean something only to the office itself."""


def write_meta(book: ReportBook, source: SheetSource) -> None:
    """The hidden sheet `_meta`: A = key, B = value."""
    sheet = book.add_sheet(META_SHEET)
    facts = {
        "layout": LAYOUT,
        "regime": source.pack.code,
        "period": source.period.code,
        "report": "" if source.meta.report_id is None else str(source.meta.report_id),
        "version": str(source.meta.version),
        "status": source.meta.status.value,
        "as_of": source.meta.as_of.isoformat(),
        "pack_sha256": source.pack.sha256,
        "coverage": str(source.consolidation.coverage),
        "valid_units": str(source.consolidation.valid_units),
        "plan_coverage_min": exact(source.pack.regime.plan_coverage_min),
        **{f"form.{form.code}": form.version for form in source.pack.forms},
        **{f"fingerprint.{form.code}": form.fingerprint for form in source.pack.forms},
        **_corrects(source.meta.correction),
    }
    if source.outgoing:
        facts = {key: value for key, value in facts.items() if key not in _OF_THE_OFFICE}
        facts |= {f"row.{place}": row for place, row in source.places.items()}
    for row, (key, value) in enumerate(facts.items()):
        sheet.text(row, 0, key)
        sheet.text(row, 1, value)
    sheet.set_column(0, 1, 40)
    sheet.hide()


def _corrects(correction: Correction | None) -> dict[str, str]:
    """Keys that only a correction has."""
    if correction is None:
        return {}
    replaced = correction.replaces
    return {
        "corrects.report": str(replaced.report_id),
        "corrects.version": str(replaced.version),
        "corrects.number": replaced.number,
        "corrects.symbol": replaced.symbol,
        "corrects.signed_on": replaced.signed_on.isoformat(),
        "corrects.content_sha256": replaced.content_sha256,
        "corrects.changes": str(len(correction.changes)),
    }


def write_values(book: ReportBook, source: SheetSource) -> None:
    """The hidden sheet `_values`: every province value without loss, one a row, for an independent program."""
    sheet = book.add_sheet(VALUES_SHEET)
    for column, name in enumerate(VALUE_COLUMNS):
        sheet.text(0, column, name, bold=True)
    for row, value in enumerate(source.consolidation.values.values(), start=1):
        cells = (
            *value.key,
            exact(value.value),
            "1" if value.nil else "0",
            str(value.coverage.counted),
            str(value.coverage.expected),
            " ".join(value.coverage.missing),
            exact(value.communes),
            exact(value.provincial),
            "; ".join(f"{name}={count}" for name, count in value.classes),
            exact(value.previous),
            *_compared(source.consolidation.last_year.get(value.key, NOTHING_KNOWN)),
            *_planned(source.consolidation.plan_shares.get(value.key)),
        )
        for column, text in enumerate(cells):
            # Our own figures: the minus of a fall stays a minus. A string cell, so never a formula.
            sheet.write_string(row, column, text)
    sheet.hide()


def _compared(change: Change) -> tuple[str, ...]:
    """The figure over the units of both periods, and who they are not."""
    if change.previous is None:
        return ("", "", "", "", "", change.reason)
    counts = (str(change.counted), str(change.expected))
    return exact(change.now), *counts, " ".join(change.left_out), " ".join(change.gone), change.reason


def _planned(share: PlanShare | None) -> tuple[str, ...]:
    """Result and plan over the units that have both, and who they are not."""
    if share is None or share.plan is None:
        return ("", "", "", "", "", "" if share is None else share.reason)
    counts = (str(share.counted), str(share.expected))
    return exact(share.result), exact(share.plan), *counts, " ".join(share.left_out), share.reason


def form_heading(form: Form) -> str:
    """The form as the guidance names it, with its version."""
    return f"{form.official} (phiên bản {form.version})"
