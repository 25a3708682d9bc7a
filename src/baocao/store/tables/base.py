"""What every table of the schema is made with.

Instants are stored as UTC text in ISO form (SQLite has no time zone), days as `YYYY-MM-DD`, decimals as text:
so both databases hold and order the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    # A later migration can only drop or rebuild what has a name.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers the rows of an INTEGER PRIMARY KEY only.
Id = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as `2026-06-19T16:59:59.000000+00:00`."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        """UTC text. Raises ValueError for a datetime without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        # All of one length, so that text orders as time does, in the statements and in indexes.
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        """An aware datetime in UTC."""
        return None if value is None else datetime.fromisoformat(value)


def of_regime() -> tuple[Column[Any], ...]:
    """The first columns of a numbered row that belongs to a regime."""
    return Column("id", Id, primary_key=True), Column("regime", String(64), nullable=False)


def of_period() -> tuple[Column[Any], ...]:
    """The same of a row that belongs to a period."""
    return *of_regime(), Column("period", String(32), nullable=False)


def of_unit() -> tuple[Column[Any], ...]:
    """The same of a row that belongs to a unit in a period."""
    return *of_period(), Column("unit", String(32), nullable=False)


def one_of(column: str, *values: str) -> str:
    """The condition that a column holds one of these values, for a CHECK constraint."""
    return f"{column} IN ({', '.join(repr(v) for v in values)})"
