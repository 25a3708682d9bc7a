"""Everything a period knows of one unit: what it owes, every submission and what became of it, letters, exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from baocao.model.deadline import UnitDeadline, Waiver
from baocao.model.submission import Finding, GivenBack, Status
from baocao.model.unit import Unit
from baocao.store import waivers
from baocao.store.browse import sendings, standings
from baocao.store.browse.standings import UnitLine
from baocao.store.mail import outbox_rows
from baocao.store.mail.outbox_rows import Mail
from baocao.store.submissions import given_back, submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.workflow.installation import Installation
from baocao.workflow.looking import differences_page
from baocao.workflow.looking.differences_page import of_regime
from baocao.workflow.portal.asking import open_requests


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission."""

    detail: SubmissionDetail
    findings: tuple[Finding, ...]
    is_official: bool
    changed: int | None
    """cells that differ from the accepted one before it; None where there is nothing to compare"""
    changes: tuple[tuple[str, str, str], ...]
    """the first of them: cell, before, now"""
    follows: bool
    """whether there is a judged file before it, which it can be compared with"""
    back: GivenBack | None = None
    """that it was returned or withdrawn after its acceptance"""

    @property
    def may_be_withdrawn(self) -> bool:
        """It counts, or waits to be judged."""
        status = self.detail.submission.status
        return self.back is None and status in {Status.ACCEPTED, Status.RECEIVED}


@dataclass(frozen=True, slots=True)
class UnitView:
    """All that is known of one unit in one period."""

    line: UnitLine | None
    """None: it owes nothing in this period"""
    unit: Unit | None
    """as the pack has it now"""
    deadline: UnitDeadline | None
    granted: tuple[Waiver, ...]
    sent: tuple[SubmissionView, ...]
    """newest first"""
    letters: tuple[Mail, ...]
    """newest first"""
    periods: tuple[str, ...]
    """other periods in which it sent something"""
    asked: tuple[dict[str, Any], ...]
    """requests for more time that wait for an answer"""


_SHOWN = 40


def unit_view(place: Installation, regime: str, period: str, code: str) -> UnitView:
    """Its obligation, what it sent, what it was sent, and what was granted."""
    pack, _ = place.at(regime, period)
    waiting = open_requests(place, regime)
    with place.store.read() as conn:
        ids = sendings.ids_of(conn, regime, period, code)
        official = submissions.official(conn, regime, period, code)
        back = given_back.of_period(conn, regime, period, code)
        sent = tuple(_sent(conn, id, official.id if official else 0, back.get(id)) for id in ids)
        return UnitView(
            line=standings.one(conn, regime, period, code),
            unit=pack.unit(code),
            deadline=waivers.deadline_of(conn, regime, period, code),
            granted=tuple(waivers.waivers(conn, regime, period, code)),
            sent=sent,
            letters=tuple(
                reversed(
                    outbox_rows.mails(
                        conn, regime=regime, period=period, unit=code, statuses=["PENDING", "SENT", "FAILED"]
                    )
                )
            ),
            periods=sendings.other_periods(conn, regime, period, code),
            asked=tuple(r for r in waiting if (r["period"], r["unit"]) == (period, code)),
        )


def _sent(conn: Connection, id: int, official: int, back: GivenBack | None) -> SubmissionView:
    """One submission with its findings, and what differs from the accepted one it replaced."""
    found = submissions.detail(conn, id)
    before = found.submission.supersedes_id
    # Against the accepted one it replaced; what was returned in between has no cells in our records.
    changed = _changes(conn, before, id) if before is not None else None
    return SubmissionView(
        found,
        tuple(findings_of(conn, id)),
        id == official,
        None if changed is None else len(changed),
        tuple(changed[:_SHOWN]) if changed else (),
        differences_page.before(conn, found) is not None,
        back,
    )


def _changes(conn: Connection, old: int, new: int) -> list[tuple[str, str, str]]:
    """Cells that differ between two submissions, as (cell, before, now)."""
    before, after = _cells(conn, old), _cells(conn, new)
    return [
        (key, before.get(key, "–"), after.get(key, "–"))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, "") != after.get(key, "")
    ]


def _cells(conn: Connection, id: int) -> Mapping[str, str]:
    said = {"nil": "không phát sinh", "blank": ""}
    return {
        f"{form}/{row}/{column}": said.get(answer, value or "")
        for form, row, column, answer, value, *_ in sendings.cells_as_kept(conn, id)
    }


def submission_file(place: Installation, regime: str, id: int, *, marked: bool) -> tuple[bytes, str] | None:
    """The file as it came, or the workbook with the marks that went back, and its name. None for a submission of
    another regime, and where there is no such file."""
    with place.store.read() as conn:
        found = of_regime(conn, regime, id)
    if found is None:
        return None
    sha256 = found.marked_sha256 if marked else found.submission.sha256
    if sha256 is None:
        return None
    name = found.submission.filename.rpartition("/")[2]
    # The name alone: what a sender calls a file may hold a path.
    return place.store.files.get(sha256), (f"danh-dau_{name}" if marked else name)


def submission_cells(place: Installation, regime: str, id: int) -> list[Any] | None:
    """The cells of a submission (form, row, col, answer, value, sheet, a1), those of its lists behind; None for another
    regime's."""
    with place.store.read() as conn:
        if of_regime(conn, regime, id) is None:
            return None
        return sendings.cells_as_kept(conn, id)


def entered_scan(place: Installation, regime: str, id: int) -> tuple[bytes, str] | None:
    """The signed paper of a report that the office has entered, with a file name; None where there is none."""
    with place.store.read() as conn:
        found = of_regime(conn, regime, id)
    sha256 = str(found.info.get("scan_sha256", "")) if found is not None else ""
    if found is None or not sha256:
        return None
    data = place.store.files.get(sha256)
    # By its first bytes, which were looked at when it was taken in: a PNG is what remains.
    ending = {b"%PDF": "pdf", b"\xff\xd8\xff": "jpg"}
    kind = next((name for start, name in ending.items() if data.startswith(start)), "png")
    return data, f"ban-giay_{found.submission.unit}_{found.submission.period}_{id}.{kind}"
