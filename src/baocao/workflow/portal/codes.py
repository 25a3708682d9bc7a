"""A code by e-mail for the first visit of a browser, where the office wants more than the link."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.portal import PortalCode
from baocao.store.portal.portal_tables import link_code
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.portal.links import Holder

GOOD_FOR = timedelta(minutes=30)
MOST_TRIES = 5
MOST_CODES = 5
"""In an hour, of one link."""


def send(place: Installation, holder: Holder, at: datetime) -> None:
    """Write a code to the unit's registered address and send it at once. Raises Refused after too many."""
    pack, period = place.at(holder.regime, holder.period)
    unit = pack.unit(holder.unit)
    if unit is None:
        raise Refused("Đơn vị không còn trong danh sách của chế độ báo cáo này")
    code = f"{secrets.randbelow(10**6):06}"
    period_mail, c = PeriodMail(place, pack, period), link_code.c
    with place.store.begin() as conn:
        since = conn.execute(select(c.sent_at).where(c.link_id == holder.link_id)).scalars().all()
        if sum(sent > at - timedelta(hours=1) for sent in since) >= MOST_CODES:
            raise Refused("Đã gửi quá nhiều mã trong một giờ. Hãy dùng mã đã nhận, hoặc chờ rồi thử lại.")
        id = conn.execute(
            insert(link_code)
            .values(link_id=holder.link_id, code_hash=_hash(place, holder, code), sent_at=at)
            .returning(c.id)
        ).scalar_one()
        period_mail.to_unit(
            conn,
            unit,
            context=PortalCode(
                head=period_mail.head, addressee=addressee_of(unit), code=code, valid_until=at + GOOD_FOR
            ),
            step=f"portal-code-{id}",
            at=at,
        )
    flush(place, at)


def is_right(place: Installation, holder: Holder, code: str, at: datetime) -> bool:
    """Whether it is the newest code of the link, unused and in time; using it up. Each wrong one counts."""
    given = "".join(code.split())
    with place.store.begin() as conn:
        newest = _newest(conn, holder.link_id)
        if newest is None:
            return False
        id, expected, sent_at, attempts, used_at = newest
        if used_at is not None or attempts >= MOST_TRIES or at > sent_at + GOOD_FOR:
            return False
        right = hmac.compare_digest(expected, _hash(place, holder, given))
        conn.execute(
            update(link_code)
            .where(link_code.c.id == id)
            .values(attempts=attempts + 1, **({"used_at": at} if right else {}))
        )
        return right


def _newest(conn: Connection, link: int) -> tuple[int, str, datetime, int, datetime | None] | None:
    c = link_code.c
    row = conn.execute(
        select(c.id, c.code_hash, c.sent_at, c.attempts, c.used_at)
        .where(c.link_id == link)
        .order_by(c.id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    return None if row is None else (row.id, row.code_hash, row.sent_at, row.attempts, row.used_at)


def _hash(place: Installation, holder: Holder, code: str) -> str:
    """Keyed: six digits alone would be found by trying all of them."""
    said = f"baocao portal code {holder.link_id} {code}".encode()
    return hmac.new(place.web_keys.current.secret, said, hashlib.sha256).hexdigest()


def masked(address: str) -> str:
    """`v***@xa-a.example`: enough to know which mailbox to look into."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if name and domain else "(chưa có địa chỉ)"
