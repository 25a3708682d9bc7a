"""Alarms to the operator about what belongs to no single regime, or to one whose pack cannot be read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from baocao.delivery import outbox
from baocao.delivery.contexts.common import Letterhead
from baocao.model.regime import COUNTRY_TIME_ZONE
from baocao.settings import ConfigurationError
from baocao.workflow.installation import Installation


def alarm(place: Installation, conn: Connection, *, subject: str, text: str, key: str, at: datetime) -> None:
    """An alarm to the operator about what belongs to no single regime (the inbox, the mailbox), once a key."""
    outbox.alarm(
        conn, place.settings, own_head(place), regime="", period="", subject=subject, text=text, key=key, at=at
    )


def alarm_now(place: Installation, *, subject: str, text: str, key: str, at: datetime) -> None:
    """The same in a transaction of its own."""
    with place.store.begin() as conn:
        alarm(place, conn, subject=subject, text=text, key=key, at=at)


def own_head(place: Installation, regime: str = "") -> Letterhead:
    """The letterhead of our own alarm: of that regime, or of the only one; of none where several share the machine or
    the pack cannot be read, for an alarm must go out also then."""
    known = sorted(place.folders)
    if regime or len(known) == 1:
        try:
            return Letterhead.of(place.pack(regime or known[0]).regime, None)
        except ConfigurationError:
            return head_without_pack(place, regime or known[0])
    return head_without_pack(place)


def head_without_pack(place: Installation, regime: str = "") -> Letterhead:
    """The letterhead of an alarm that needs no pack."""
    return Letterhead(
        regime=regime or "(không gắn với chế độ nào)",
        programme=regime,
        office="Hệ thống báo cáo",
        contact=place.settings.mail_from,
        period="",
        period_code="",
        time_zone=COUNTRY_TIME_ZONE,
    )
