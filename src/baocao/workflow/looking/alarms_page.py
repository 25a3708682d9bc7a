"""The alarms to the operator, newest first, each with the part of the runbook that cures it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.store.browse import letters, sendings
from baocao.store.mail import bounces
from baocao.text import search_key

_RUNBOOK = re.compile(r"(?<!thư )mục «([^»]+)»")
"""`mục «Một thư không gửi được»`, and not the folder in `thư mục «00001»`."""
_SALUTATION = "Kính gửi:"
_LETTER, _FILE, _ADDRESS = "alarm:mail-failed/", "alarm:unknown-sender/", "alarm:bounced/"
"""Alarms about one thing whose own row says whether they are over."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that the operator was sent."""

    id: int
    regime: str
    """empty: the installation's own, of no regime"""
    period: str
    at: datetime
    subject: str
    text: str
    """its first paragraph after the salutation"""
    told: str
    """all of it"""
    runbook: str
    """heading of the runbook; empty where the alarm names none"""
    letter: str
    """what became of the letter to the operator: PENDING, SENT, FAILED"""
    is_over: bool
    """the letter left, the file has a sender, the address works again; False also where no row can tell"""


def newest(conn: Connection, regimes: Sequence[str], *, everywhere: bool, count: int) -> tuple[Alarm, ...]:
    """The newest alarms of these regimes; `everywhere`: and those that concern none of them alone."""
    return tuple(_alarms(conn, letters.newest_alarms(conn, _own(regimes, everywhere=everywhere), count)))


def alarms(
    conn: Connection,
    regimes: Sequence[str],
    *,
    everywhere: bool,
    period: str = "",
    search: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[Alarm], int]:
    """A page of the alarms of these regimes and how many there are in all. `search`: words of the subject or the text;
    diacritics and case do not matter."""
    own = _own(regimes, everywhere=everywhere)
    if not (sought := search_key(search)):
        rows, total = letters.alarm_page(conn, own, period, first, count)
        return _alarms(conn, rows), total
    # Databases fold Vietnamese differently, or not at all; alarms are told once each, so there are few.
    ids = [id for id, told in letters.alarm_texts(conn, own, period) if sought in search_key(told)]
    return _alarms(conn, letters.alarms_numbered(conn, ids[first : first + count])), len(ids)


def _own(regimes: Sequence[str], *, everywhere: bool) -> list[str]:
    return [*regimes, ""] if everywhere else list(regimes)


def _alarms(conn: Connection, rows: Sequence[Any]) -> list[Alarm]:
    failed, files = ([n for r in rows if (n := _number(r.step, about))] for about in (_LETTER, _FILE))
    sent, waiting = letters.sent_among(conn, failed), sendings.waiting_among(conn, files)
    dead = {one.address for one in bounces.all_bounced(conn)} if any(_ADDRESS in r.step for r in rows) else set()

    # Asked of the rows the alarms are about, once for the whole page: an alarm itself is never closed by anybody.
    def is_over(step: str) -> bool:
        if number := _number(step, _LETTER):
            return number in sent
        if number := _number(step, _FILE):
            return number not in waiting
        return step.startswith(_ADDRESS) and step.removeprefix(_ADDRESS).rpartition("/")[0].lower() not in dead

    return [_alarm(row, is_over(row.step)) for row in rows]


def _number(step: str, about: str) -> int:
    """The row an alarm is about; 0 for another alarm."""
    text = step.removeprefix(about).partition("/")[0] if step.startswith(about) else ""
    return int(text) if text.isascii() and text.isdigit() else 0


def _alarm(row: Any, is_over: bool) -> Alarm:
    paragraphs = [" ".join(part.split()) for part in row.text.split("\n\n")]
    # The first paragraph that says something new: the letter repeats its subject and begins with a salutation.
    text = next(
        (part for part in paragraphs if part and part not in row.subject and not part.startswith(_SALUTATION)), ""
    )
    told = " ".join(row.text.split())
    named = _RUNBOOK.search(told)
    heading = named.group(1) if named else ""
    return Alarm(row.id, row.regime, row.period, row.created_at, row.subject, text, told, heading, row.status, is_over)
