"""The codes that a link of the portal asks for: kept as hashes, each used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from baocao.store.tables import link_code

_C = link_code.c


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code that was sent for a link."""

    id: int
    code_hash: str
    sent_at: datetime
    attempts: int
    """wrong ones"""
    used_at: datetime | None


def add(conn: Connection, link: int, code_hash: str, at: datetime) -> int:
    """Keep a code; its number."""
    kept = insert(link_code).values(link_id=link, code_hash=code_hash, sent_at=at).returning(_C.id)
    return int(conn.execute(kept).scalar_one())


def moments(conn: Connection, link: int) -> list[datetime]:
    """When codes were sent for the link."""
    return list(conn.execute(select(_C.sent_at).where(_C.link_id == link)).scalars())


def newest(conn: Connection, link: int) -> SentCode | None:
    """The last code of the link; its row is locked, so that two tries at once count as two."""
    asked = select(_C.id, _C.code_hash, _C.sent_at, _C.attempts, _C.used_at).where(_C.link_id == link)
    row = conn.execute(asked.order_by(_C.id.desc()).limit(1).with_for_update()).one_or_none()
    return None if row is None else SentCode(*row)


def tried(conn: Connection, code: SentCode, used_at: datetime | None) -> None:
    """Count a try; with `used_at` it was right."""
    changes = {"attempts": code.attempts + 1} | ({} if used_at is None else {"used_at": used_at})
    conn.execute(update(link_code).where(_C.id == code.id).values(**changes))
