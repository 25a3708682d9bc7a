"""The ledger of reminders: one row a step that was decided, so that none is decided twice.

The place of the period may hold something else that is reminded of (`inspection/17`).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, func, select, update

from baocao.store.inserts import insert_once
from baocao.store.mail import outbox_rows
from baocao.store.tables import outbox, reminder


def record(
    conn: Connection, *, regime: str, period: str, unit: str, key: str, due_on: date, outcome: str, at: datetime
) -> bool:
    """Write a decision down; False when somebody else has decided this step meanwhile: the letter is theirs."""
    row = {"regime": regime, "period": period, "unit": unit, "step": key, "due_on": due_on.isoformat()}
    decided = {**row, "outcome": outcome, "decided_at": at}
    return insert_once(conn, reminder, decided, ("regime", "period", "unit", "step")) is not None


def record_letter(conn: Connection, regime: str, period: str, unit: str, key: str, letter: int | None) -> None:
    """Say which letter told a step."""
    c = reminder.c
    of = c.regime == regime, c.period == period, c.unit == unit, c.step == key
    conn.execute(update(reminder).where(*of).values(outbox_id=letter))


def decided(conn: Connection, regime: str, period: str, as_of: datetime) -> set[tuple[str, str]]:
    """The (unit, step) decided by `as_of`: what a clock that was ahead decided holds no lower step back."""
    c = reminder.c
    rows = conn.execute(select(c.unit, c.step).where(c.regime == regime, c.period == period, c.decided_at <= as_of))
    return {(row.unit, row.step) for row in rows}


def decided_under(conn: Connection, regime: str, prefix: str) -> set[tuple[str, str]]:
    """The (period, step) decided whenever, of periods that begin with `prefix`."""
    c = reminder.c
    rows = conn.execute(
        select(c.period, c.step).where(c.regime == regime, c.period.startswith(prefix, autoescape=True))
    )
    return {(row.period, row.step) for row in rows}


def count_sent(conn: Connection, regime: str, period: str) -> int:
    """How many steps of the period were told by a letter."""
    c = reminder.c
    of = c.regime == regime, c.period == period, c.outcome == "SENT"
    return conn.execute(select(func.count()).select_from(reminder).where(*of)).scalar_one()


def take_back(conn: Connection, regime: str, period: str, as_of: datetime) -> int:
    """Undo what a clock that was ahead decided: steps recorded later than `as_of` are owed again, unless their letter
    has left; a letter that has not is withdrawn. Answers how many steps."""
    c = reminder.c
    future = conn.execute(
        select(c.id, outbox.c.id.label("letter"), outbox.c.status)
        .outerjoin(outbox, outbox.c.id == c.outbox_id)
        .where(c.regime == regime, c.period == period, c.decided_at > as_of)
    ).all()
    undone = [row for row in future if row.status != "SENT"]
    for row in undone:
        conn.execute(delete(reminder).where(c.id == row.id))
    for letter in {row.letter for row in undone if row.letter is not None}:
        # A digest stands for several steps: it goes with the last of them.
        if conn.execute(select(c.id).where(c.outbox_id == letter)).first() is None:
            outbox_rows.withdraw(conn, letter, as_of)
    return len(undone)
