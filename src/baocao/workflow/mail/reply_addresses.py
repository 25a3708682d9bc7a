"""The unit's own reply address: `bao-cao+<token>@…`, so that an answer from a private mailbox still says whose it is.

The token is a keyed hash of regime, period and unit: nobody can make one for another unit, and it holds in mail
programs that forget letter case. It proves that the writer had a letter of ours, not that the unit wrote: the office
confirms. It ends with the period's window and with the key (`BAOCAO_WEB_KEY_FILE`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.store import windows
from baocao.workflow.installation import Installation

_BYTES = 10
"""Of the hash: 16 characters, 80 bits."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a reply address was made for."""

    regime: str
    period: str
    unit: str


def reply_address(place: Installation, regime: str, period: str, unit: str) -> str:
    """Where this unit's answers go; empty where there is no mailbox."""
    mailbox = place.settings.mailbox
    if mailbox is None:
        return ""
    user, _, domain = mailbox.address.partition("@")
    return f"{user}+{_token(place.web_keys.current.secret, Addressed(regime, period, unit))}@{domain}"


def addressed(place: Installation, conn: Connection, addresses: Iterable[str]) -> Addressed | None:
    """Whom a message was addressed for, by the tokens among its recipients; None for none, a wrong one, or several that
    disagree."""
    mailbox = place.settings.mailbox
    assert mailbox is not None
    user, _, domain = mailbox.address.partition("@")
    tokens = []
    for address in addresses:
        local, _, host = address.partition("@")
        if host == domain and local.startswith(f"{user}+"):
            tokens.append(local.removeprefix(f"{user}+").encode())
    if not tokens:
        return None
    found = set()
    # Also older keys: letters written before a key was changed are answered after it.
    secrets = [key.secret for key in place.web_keys.known]
    # The hash cannot be read backwards: it is made for everybody who owes in an opened period, and compared.
    for candidate in _candidates(place, conn):
        for secret in secrets:
            right = _token(secret, candidate).encode()
            # In constant time, as every comparison with something secret.
            if any(hmac.compare_digest(right, token) for token in tokens):
                found.add(candidate)
    return found.pop() if len(found) == 1 else None


def _candidates(place: Installation, conn: Connection) -> Iterator[Addressed]:
    for regime in sorted(place.folders):
        for window in windows.open_windows(conn, regime):
            for owed in windows.obligations(conn, regime, window.period):
                yield Addressed(regime, window.period, owed.unit)


def _token(secret: bytes, whom: Addressed) -> str:
    said = "\n".join(("reply address 1", whom.regime, whom.period, whom.unit))
    digest = hmac.new(secret, said.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_BYTES]).decode("ascii").lower()
