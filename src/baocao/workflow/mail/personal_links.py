"""Personal links: one unit, one period, no account.

A link is a signed word (itsdangerous) that names regime, period, unit and a running number; the key lies in a file. It
opens nothing else. Its row says whether it is in force: renewing and revoking end it at once. It expires with the lock
of its unit (an extension moves both); for LINGER after that it still shows what became of the report.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection

from baocao.model.deadline import UnitDeadline
from baocao.model.pack import Pack
from baocao.model.unit import Unit
from baocao.store import waivers
from baocao.store.portal import links
from baocao.store.portal.links import UnitLink
from baocao.workflow.installation import Installation, Refused

LINGER = timedelta(days=1)
LONGEST = 400
"""Characters of a link's word; a longer one is none of ours and is not even looked at."""
PATH = "/v/"
# The same key signs forms of our pages and reply addresses: a word made for one opens none of the others.
_SALT = "baocao personal link 1"
SIGNED = {"digest_method": hashlib.sha256}
"""HMAC-SHA256; the comparison takes the same time whatever is wrong."""


class LinkTrouble(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    """not signed by us, damaged, or for nobody who owes a report"""
    REVOKED = "revoked"
    EXPIRED = "expired"


class LinkRefused(Exception):  # noqa: N818 (an answer)
    """`trouble` says why. `regime` is empty where the link is not even genuine: then nothing may be told."""

    def __init__(self, trouble: LinkTrouble, regime: str = "") -> None:
        super().__init__(trouble.value)
        self.trouble, self.regime = trouble, regime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a link in force: acts as this unit, for this period."""

    link_id: int
    regime: str
    period: str
    unit: str
    deadline: UnitDeadline
    by_office: bool = False
    """the office types for the unit what came on paper; there is no link"""

    @property
    def draft_key(self) -> str:
        """Under which name its draft is kept: what the office types is not what the unit has typed itself."""
        return f"+{self.unit}" if self.by_office else self.unit

    def unit_in(self, pack: Pack) -> Unit:
        """The unit. Raises Refused when the pack has it no more."""
        unit = pack.unit(self.unit)
        if unit is None:
            raise Refused("Đơn vị không còn trong danh sách của chế độ báo cáo này")
        return unit


def personal_link(
    place: Installation, conn: Connection, regime: str, period: str, unit: str, *, at: datetime
) -> str | None:
    """The address of the unit's own page for the period, as it goes into a letter to that unit (its body, never the
    subject). The same until it is renewed.

    Issues a link where the unit never had one, so `conn` must be writing. None where there is no portal
    (BAOCAO_PORTAL_URL) and where the unit's link was revoked and not renewed.
    """
    if not place.settings.portal_url:
        return None
    known = links.links_of(conn, regime, period, unit)
    # A revoked link is the last one known: it is not silently replaced by the next letter.
    link = known[-1] if known else links.issue(conn, regime, period, unit, at=at, by="baocao")
    return None if link.revoked_at is not None else address(place, link)


def address(place: Installation, link: UnitLink) -> str:
    """The link in full."""
    return place.settings.portal_url + PATH + word_of(place, link)


def word_of(place: Installation, link: UnitLink) -> str:
    """The signed word of a link: what the address ends with."""
    place.web_keys.current  # noqa: B018 (makes the embedded key, or says that it is missing)
    return str(_signer(place).dumps([link.regime, link.period, link.unit, link.number]))


def holder_of(place: Installation, word: str, as_of: datetime) -> Holder:
    """Who holds this link. Raises LinkRefused. The signature is compared in constant time."""
    # Before any hashing: an address may be as long as somebody likes.
    if not word or len(word) > LONGEST:
        raise LinkRefused(LinkTrouble.UNKNOWN)
    place.web_keys.current  # noqa: B018
    try:
        regime, period, unit, number = _signer(place).loads(word)
    except (BadSignature, ValueError, TypeError):
        raise LinkRefused(LinkTrouble.UNKNOWN) from None
    # Genuine, of a regime that was taken off this installation: it tells whoever holds it nothing.
    if regime not in place.folders:
        raise LinkRefused(LinkTrouble.UNKNOWN)
    # The signature says that the word is ours, only the row that it is in force: so it can be ended at once.
    with place.store.read() as conn:
        known = links.links_of(conn, regime, period, unit)
        deadline = waivers.deadline_of(conn, regime, period, unit, as_of)
    link = next((found for found in known if found.number == number), None)
    if link is None or deadline is None:
        raise LinkRefused(LinkTrouble.UNKNOWN, regime)
    if link.revoked_at is not None:
        raise LinkRefused(LinkTrouble.REVOKED, regime)
    if as_of > deadline.locked_after + LINGER:
        raise LinkRefused(LinkTrouble.EXPIRED, regime)
    return Holder(link.id, regime, period, unit, deadline)


def _signer(place: Installation) -> URLSafeSerializer:
    # itsdangerous signs with the last and accepts all: a key is changed without ending the links that are out.
    keys = [key.secret for key in place.web_keys.known]
    return URLSafeSerializer(keys, salt=_SALT, signer_kwargs=SIGNED)
