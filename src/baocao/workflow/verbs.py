"""The verbs, as the DAGs call them: plain functions over the installation the environment describes.

Each is one business step and can be run again. All answer with plain data (ids and short texts), ready for XCom.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from baocao.workflow import (
    answers,
    building,
    cascading,
    collecting,
    dispatching,
    overview,
    reminding,
    reporting,
    signing,
)
from baocao.workflow import windows as _windows
from baocao.workflow.workplace import GateDisagreement, Refused, Workplace

__all__ = [
    "GateDisagreement",
    "Refused",
    "approve",
    "build",
    "cascade",
    "collect",
    "consolidate",
    "current_period",
    "deadline_alarm",
    "dispatch",
    "gate",
    "open_window",
    "remind",
    "report_summary",
    "sign",
]


@cache
def workplace() -> Workplace:
    """The installation of this process. Raises ConfigurationError."""
    return Workplace.open()


def open_window(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Open the window of a period: obligations, blanks, first letters."""
    return _plain(_windows.open_window(workplace(), regime, period, as_of))


def collect(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Take in what has arrived, of all regimes or one; answer every sender."""
    return _plain(collecting.collect(workplace(), as_of, regime))


def remind(as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Send the reminders that are due, raise the alarms that are due, send what waits in the outbox."""
    return _plain(reminding.remind(workplace(), as_of, regime))


def gate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Great Expectations over all accepted cells. Raises GateDisagreement."""
    return _plain(reporting.gate(workplace(), regime, period, as_of))


def consolidate(regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Province values as a draft report."""
    return _plain(reporting.consolidate(workplace(), regime, period, as_of))


def build(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Excel, Word and PDF; freeze."""
    return _plain(building.build(workplace(), report_id, as_of))


def report_summary(report_id: int) -> dict[str, Any]:
    """What the person who decides sees: `{subject, body (Markdown), content_sha256}`."""
    return _plain(overview.report_summary(workplace(), report_id))


def approve(report_id: int, content_sha256: str, decision: str, by: str, note: str, as_of: datetime) -> dict[str, Any]:
    """The police office approves or returns."""
    return _plain(
        signing.approve(workplace(), report_id, content_sha256, decision, by=by, as_of=as_of, note=note or "")
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
) -> dict[str, Any]:
    """The People's Committee signs or returns."""
    return _plain(
        signing.sign(
            workplace(),
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
        )
    )


def dispatch(regime: str, period: str, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Send the signed report to exactly the recipients of its kind."""
    return _plain(dispatching.dispatch(workplace(), report_id, as_of))


def cascade(regime: str, period: str, to: str, as_of: datetime, to_period: str | None = None) -> dict[str, Any]:
    """Put the signed result into the inbox of the higher regime, as its unit's workbook."""
    return _plain(cascading.cascade(workplace(), regime, period, to, to_period, as_of))


def deadline_alarm(regime: str, period: str, text: str, as_of: datetime) -> dict[str, Any]:
    """Tell the operator that the province's deadline is at risk."""
    return _plain(reminding.deadline_alarm(workplace(), regime, period, text, as_of))


def current_period(regime: str, as_of: datetime) -> str | None:
    """The period whose window opened last."""
    period = workplace().current_period(regime, as_of)
    return period.code if period else None


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = answers.plain(answer)
    return result
