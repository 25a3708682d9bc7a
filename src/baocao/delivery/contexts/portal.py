"""Letters about the portal: a request for more time, its refusal, a code for the first visit, another link or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from baocao.delivery.contexts.common import LetterContext


@dataclass(frozen=True, slots=True)
class ExtensionAsked(LetterContext):
    """To the office: a unit asks for more time."""

    outcome: ClassVar[str] = "extension_asked"
    number: str
    """of the request, as `baocao extension list` shows it"""
    unit: str
    unit_code: str
    until: date
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ExtensionDeclined(LetterContext):
    """To the unit: no more time."""

    outcome: ClassVar[str] = "extension_declined"
    until: date
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PortalCode(LetterContext):
    """To the unit: the code for opening its page in another browser. The code is in the text, never in the subject."""

    outcome: ClassVar[str] = "portal_code"
    code: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class LinkChanged(LetterContext):
    """To the unit: its personal link was replaced or taken away."""

    outcome: ClassVar[str] = "link_changed"
    is_renewed: bool
    """another one stands among the ways of handing in"""
    takes_reports: bool
    """the unit owes a report and the window is open"""
    reason: str
