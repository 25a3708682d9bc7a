"""Receipt numbers that can be read out on the telephone: `BC-2026H1-00001-2`."""

from __future__ import annotations

import re

from sqlalchemy import Connection, bindparam, select

from baocao.store.tables import submission

_C = submission.c
_WITH_NUMBER = select(_C.id).where(_C.receipt_number == bindparam("of"))


def next_number(conn: Connection, prefix: str, period: str, unit: str, n: int) -> str:
    """The number of the unit's next accepted report of the period, its `n`-th: regime, period, unit, `n`.

    Ask for it where the unit's submissions are locked (`submissions.lock_unit`); a number once given, by whichever
    regime, is never given again.
    """
    # Two regimes may have the same prefix, and numbers are read out without one of them being named.
    while conn.execute(_WITH_NUMBER, {"of": _number(prefix, period, unit, n)}).first() is not None:
        n += 1
    return _number(prefix, period, unit, n)


def find(conn: Connection, number: str) -> int | None:
    """The submission with this receipt number; case, blanks and the kind of dash do not matter."""
    c, wanted = submission.c, plain(number)
    rows = conn.execute(select(c.id, c.receipt_number).where(c.receipt_number.is_not(None)).order_by(c.id.desc()))
    return next((row.id for row in rows if plain(row.receipt_number) == wanted), None)


def plain(number: str) -> str:
    """A number as it is compared: what a person may write in another way is left out."""
    return re.sub(r"[\s.\-\u2010-\u2015]+", "", number).upper()


def _number(prefix: str, period: str, unit: str, n: int) -> str:
    return f"{prefix}-{period.replace('-', '')}-{unit}-{n}"
