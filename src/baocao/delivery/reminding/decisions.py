"""What a run of the reminder ladder decides, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from baocao.delivery.reminding.ladder import LadderDeadline
from baocao.model.regime import ReminderStep


class Outcome(StrEnum):
    """What a step of the ledger came to."""

    SENT = "SENT"
    """the letter is in the outbox"""
    OVERTAKEN = "OVERTAKEN"
    """a higher step went out instead"""
    NO_ADDRESS = "NO_ADDRESS"
    """nobody to write to: the operator is alarmed"""


@dataclass(frozen=True, slots=True)
class ReminderDecision:
    """What happens with one step of one unit."""

    unit: str
    step: ReminderStep
    key: str
    """The ledger's key of the step."""
    due_on: date
    """The day the step was due."""
    outcome: Outcome
    recipient: str
    """Empty unless SENT."""
    deadline: LadderDeadline


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run recorded: units reminded, mails enqueued (a digest is one), steps skipped, units without address."""

    sent: int
    mails: int
    overtaken: int
    no_address: int
