"""The verbs, as the DAGs call them: plain functions over the installation the environment describes.

Each is one business step and can be run again. All answer with plain data (ids and short texts), ready for XCom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from baocao.model.period import Period, Request
from baocao.model.report import Role
from baocao.workflow import answers
from baocao.workflow.auditing.clock import require_plausible_time
from baocao.workflow.consolidating import drafting
from baocao.workflow.installation import GateDisagreement, Installation, Refused
from baocao.workflow.lead_bodies import sharing
from baocao.workflow.periods import special
from baocao.workflow.periods import windows as _windows
from baocao.workflow.reports import attaching, building, cascading, correcting, dispatching, issuing
from baocao.workflow.sign_off import people, signing, summary
from baocao.workflow.status import progress as _progress
from baocao.workflow.sweeps import collecting, reminding

__all__ = [
    "GateDisagreement",
    "Refused",
    "accepted_by_regime",
    "approve",
    "asked",
    "begin_window",
    "build",
    "cascade",
    "collect",
    "consolidate",
    "correct",
    "current_period",
    "deadline_alarm",
    "decision_of",
    "dispatch",
    "find_period",
    "gate",
    "issue",
    "newer_version",
    "open_window",
    "progress",
    "progress_line",
    "remind",
    "report_summary",
    "request_report",
    "share_slices",
    "sign",
    "signed_copy_state",
    "write_blanks",
]


# A process of a task opens one installation: packs and calendars are read once, not once a verb.
@cache
def installation() -> Installation:
    """The installation of this process. Raises ConfigurationError."""
    return Installation.open()


def open_window(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Open the window of a period: obligations, blanks, first letters. Raises Refused for a time that cannot be."""
    # Held to the wall clock at the edges alone (here and in the commands): the verbs play any time, past and future.
    require_plausible_time(installation(), as_of, datetime.now(UTC))
    return _plain(_windows.open_window(installation(), regime, period, as_of))


def begin_window(regime: str, period: str, as_of: datetime) -> list[list[str]]:
    """Open the window and leave the blanks: the units that wait for theirs, in parts for `write_blanks`."""
    require_plausible_time(installation(), as_of, datetime.now(UTC))
    return _windows.in_chunks(_windows.begin_window(installation(), regime, period, as_of)["waiting"])


def write_blanks(regime: str, period: str, units: Sequence[str], as_of: datetime) -> dict[str, Any]:
    """Blanks and first letters of these units."""
    return _plain(_windows.write_blanks(installation(), regime, period, units, as_of))


def collect(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Take in what has arrived, of all regimes or one; answer every sender. Raises Refused for an impossible time."""
    require_plausible_time(installation(), as_of, datetime.now(UTC))
    return _plain(collecting.collect(installation(), as_of, regime))


def remind(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Send the reminders that are due, raise the alarms that are due, send what waits in the outbox. Raises Refused for
    a time that cannot be."""
    require_plausible_time(installation(), as_of, datetime.now(UTC))
    return _plain(reminding.remind(installation(), as_of, regime))


def share_slices(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Send every lead body the slice of the projects it leads, where it has changed."""
    return _plain(sharing.share_slices(installation(), regime, period, as_of))


def gate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Great Expectations over all accepted cells. Raises GateDisagreement."""
    return _plain(drafting.gate(installation(), regime, period, as_of))


def consolidate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Province values as a draft report."""
    return _plain(drafting.consolidate(installation(), regime, period, as_of))


def build(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Excel, Word and PDF; freeze."""
    return _plain(building.build(installation(), report_id, as_of))


def report_summary(report_id: int) -> dict[str, Any]:
    """What the person who decides sees: `{subject, body (Markdown), content_sha256}`."""
    return _plain(summary.report_summary(installation(), report_id))


def approve(
    report_id: int,
    content_sha256: str,
    decision: str,
    by: str,
    note: str,
    as_of: datetime,
    user: str = "",
    *,
    knowingly: bool = False,
) -> dict[str, Any]:
    """The standing office approves or returns; `user` is the account that answered."""
    # Airflow's form gives None for a field left empty (ADR 0003).
    place, said = installation(), note or ""
    return _plain(
        signing.approve(
            place,
            report_id,
            content_sha256,
            decision,
            by=by,
            as_of=as_of,
            note=said,
            user=user,
            knowingly=knowingly,
        )
    )


def sign(
    report_id: int,
    content_sha256: str,
    decision: str,
    by: str,
    as_of: datetime,
    number: str | None = None,
    symbol: str | None = None,
    signed_on: str | None = None,
    signer: str | None = None,
    signer_title: str | None = None,
    note: str | None = "",
    user: str = "",
    *,
    knowingly: bool = False,
) -> dict[str, Any]:
    """The People's Committee signs or returns; `user` is the account that answered."""
    return _plain(
        signing.sign(
            installation(),
            report_id,
            content_sha256,
            decision,
            by=by,
            as_of=as_of,
            number=number,
            symbol=symbol,
            signed_on=signed_on,
            signer=signer,
            signer_title=signer_title,
            note=note or "",
            user=user,
            knowingly=knowingly,
        )
    )


def issue(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Make the documents with number, day and signer printed; of a rehearsal nothing is issued."""
    # Answered and not refused: the DAG of a rehearsal goes the same steps and must end green (ADR 0019).
    if installation().period(regime, period).is_rehearsal:
        return {"report_id": report_id, "rehearsal": True, "files": {}}
    return _plain(issuing.issue(installation(), report_id, as_of))


def signed_copy_state(regime: str, period: str, report_id: int) -> dict[str, Any]:
    """Whether what the pack wants attached is there: `{ready, why, said}`; a rehearsal wants nothing."""
    if installation().period(regime, period).is_rehearsal:
        return {"ready": True, "why": "", "said": ""}
    return _plain(attaching.signed_copy_state(installation(), report_id))


def decision_of(report_id: int, role: str) -> dict[str, Any] | None:
    """What a role decided about a report and still stands; None while it has not."""
    found = signing.decision_of(installation(), report_id, Role(role))
    return None if found is None else _plain(found)


def newer_version(report_id: int) -> int | None:
    """The version of the period that stands in this report's place by now, frozen or further; None while it is the
    newest itself."""
    return signing.newer_version(installation(), report_id)


def asked(regime: str, role: str) -> list[dict[str, str]]:
    """Whom a question is for: `{id, name}` of Airflow's users; empty where nobody was given a role."""
    return people.asked(installation(), regime, Role(role))


def correct(
    regime: str,
    period: str,
    reason: str,
    by: str,
    as_of: datetime,
    units: tuple[str, ...] = (),
    until: date | None = None,
) -> dict[str, Any]:
    """Open the correction of the period's dispatched report."""
    return _plain(
        correcting.correct(installation(), regime, period, reason=reason, by=by, as_of=as_of, units=units, until=until)
    )


def dispatch(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Send the signed report to exactly the recipients of its kind. A rehearsal ends here: nothing is sent."""
    if installation().period(regime, period).is_rehearsal:
        return {"report_id": report_id, "rehearsal": True, "recipients": []}
    return _plain(dispatching.dispatch(installation(), report_id, as_of))


def cascade(regime: str, period: str, to: str, as_of: datetime, to_period: str | None = None) -> dict[str, Any]:
    """Put the signed result into the inbox of the higher regime, as its unit's workbook."""
    return _plain(cascading.cascade(installation(), regime, period, to, to_period, as_of))


def deadline_alarm(regime: str, period: str, text: str, as_of: datetime) -> dict[str, Any]:
    """Tell the operator that the province's deadline is at risk."""
    return _plain(reminding.deadline_alarm(installation(), regime, period, text, as_of))


def request_report(regime: str, asked: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    """Open an ad hoc period. `asked`: asked_by, address, basis, subject, forms, rows, units (lists of codes),
    covers_from, cutoff, unit_before, province_before (ISO days), by, reason."""

    def codes(name: str) -> tuple[str, ...]:
        return tuple(asked.get(name) or ())

    def text(name: str) -> str:
        return str(asked.get(name) or "")

    request = Request(
        text("asked_by"), text("address"), text("basis"), text("subject"), codes("forms"), codes("rows"), codes("units")
    )
    days = special.Days(
        _day(asked, "covers_from"), _day(asked, "cutoff"), _day(asked, "unit_before"), _day(asked, "province_before")
    )
    answer = special.request_report(
        installation(), regime, request, days, by=text("by"), reason=text("reason"), as_of=as_of
    )
    return _plain({**answer, "report_after": installation().period(regime, answer["code"]).unit.due_at})


def _day(asked: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(asked.get(name)))
    except ValueError:
        raise Refused(f"{name}: {asked.get(name)!r} không phải ngày; hãy ghi dạng NĂM-THÁNG-NGÀY") from None


def progress(regime: str, period: str) -> dict[str, Any]:
    """How far a period is: counts of reports, the newest version's state (`workflow.status.progress`)."""
    return _plain(_progress.progress(installation(), regime, period))


def progress_line(regime: str, period: str) -> str:
    """The same in one line of words, for the note of a run."""
    return _progress.progress_line(_progress.progress(installation(), regime, period))


def accepted_by_regime() -> dict[str, int]:
    """How many submissions were ever accepted, a regime."""
    return _progress.accepted_by_regime(installation())


def find_period(regime: str, code: str) -> Period:
    """One period, of the calendar or outside it. Raises ConfigurationError naming the known codes."""
    return installation().period(regime, code)


def current_period(regime: str, as_of: datetime) -> str | None:
    """The period whose window opened last."""
    period = installation().current_period(regime, as_of)
    return period.code if period else None


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = answers.plain(answer)
    return result
