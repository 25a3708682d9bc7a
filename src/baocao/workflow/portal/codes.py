"""A code by e-mail for the first visit of a browser, where the office wants more than the link."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.portal import PortalCode
from baocao.store.portal import codes as kept_codes
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mail.personal_links import Holder

GOOD_FOR = timedelta(minutes=30)
MOST_TRIES = 5
MOST_CODES = 5
"""In an hour, of one link."""


def send(place: Installation, holder: Holder, at: datetime) -> None:
    """Write a code to the unit's registered address and send it at once. Raises Refused after too many."""
    pack, period = place.at(holder.regime, holder.period)
    unit = holder.unit_in(pack)
    code = f"{secrets.randbelow(10**6):06}"
    period_mail = PeriodMail(place, pack, period)
    with place.store.begin() as conn:
        # Counted before one is written: whoever has the link could fill the unit's mailbox.
        since = kept_codes.moments(conn, holder.link_id)
        if sum(sent > at - timedelta(hours=1) for sent in since) >= MOST_CODES:
            raise Refused("Đã gửi quá nhiều mã trong một giờ. Hãy dùng mã đã nhận, hoặc chờ rồi thử lại.")
        id = kept_codes.add(conn, holder.link_id, _hash(place, holder, code), at)
        period_mail.to_unit(
            conn,
            unit,
            context=PortalCode(
                head=period_mail.head, addressee=addressee_of(unit), code=code, valid_until=at + GOOD_FOR
            ),
            step=f"portal-code-{id}",
            at=at,
        )
    # At once and not with the next sweep: somebody sits before the page and waits.
    flush(place, at)


def is_right(place: Installation, holder: Holder, code: str, at: datetime) -> bool:
    """Whether it is the newest code of the link, unused and in time; using it up. Each wrong one counts."""
    given = "".join(code.split())
    with place.store.begin() as conn:
        # Only the newest: with every code that is still in time a guesser would have that many chances.
        newest = kept_codes.newest(conn, holder.link_id)
        if newest is None or newest.used_at is not None:
            return False
        if newest.attempts >= MOST_TRIES or at > newest.sent_at + GOOD_FOR:
            return False
        # The try is written down whether right or wrong, in one transaction: tries at the same moment all count.
        right = hmac.compare_digest(newest.code_hash, _hash(place, holder, given))
        kept_codes.tried(conn, newest, at if right else None)
        return right


def _hash(place: Installation, holder: Holder, code: str) -> str:
    """Keyed: six digits alone would be found by trying all of them."""
    said = f"baocao portal code {holder.link_id} {code}".encode()
    return hmac.new(place.web_keys.current.secret, said, hashlib.sha256).hexdigest()


def masked(address: str) -> str:
    """`v***@xa-a.example`: enough to know which mailbox to look into."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if name and domain else "(chưa có địa chỉ)"
