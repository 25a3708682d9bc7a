"""The letter that answers a message in which no file could be taken up at once: what came of it, what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from baocao.delivery.contexts.common import LetterContext

Case = Literal[
    "held", "no_file", "drive_link", "winmail", "zip_encrypted", "too_large", "unreadable", "too_many", "infected"
]


@dataclass(frozen=True, slots=True)
class MailAnswer(LetterContext):
    """To whoever wrote: a unit, or an address nobody has registered."""

    outcome: ClassVar[str] = "mail_answer"
    case: Case
    subject: str
    """Of the message that is answered; printable."""
    files: tuple[str, ...]
    received_at: datetime
    limit: str
    """How large a message may be: `50 MB`."""
