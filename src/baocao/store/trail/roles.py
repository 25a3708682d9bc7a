"""Two database roles on PostgreSQL: the owner migrates, the application works.

The application may write rows; it owns nothing, so it can neither drop nor disable a trigger, nor change a table. Of
the trail it may only read and add.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from baocao.settings import ConfigurationError
from baocao.store.tables import metadata, official_submission

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_RIGHTS = {"event": "SELECT, INSERT", "event_head": "SELECT, UPDATE", "alembic_version": "SELECT"}
"""Less than the others have."""
_USUAL = "SELECT, INSERT, UPDATE, DELETE"


def grant_application(conn: Connection, role: str) -> None:
    """Give the application's role what it needs and take everything else. Raises ConfigurationError when there is no
    such role, or it is the owner itself."""
    if not _NAME.fullmatch(role):
        raise ConfigurationError(f"BAOCAO_DATABASE_APP_ROLE: {role!r} không phải tên vai của PostgreSQL")
    known = conn.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    owner = conn.execute(text("SELECT current_user")).scalar()
    if known is None or known.rolsuper or role == owner:
        raise ConfigurationError(
            f"BAOCAO_DATABASE_APP_ROLE: {role!r} phải là một vai có sẵn, không phải chủ sở hữu ({owner}) hay quản trị"
        )
    conn.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    conn.exec_driver_sql(f'REVOKE ALL ON SCHEMA public FROM "{role}"')
    conn.exec_driver_sql(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    for name in ("alembic_version", *(t.name for t in metadata.sorted_tables)):
        # What an earlier version granted goes too.
        conn.exec_driver_sql(f'REVOKE ALL ON TABLE "{name}" FROM "{role}"')
        conn.exec_driver_sql(f'GRANT {_RIGHTS.get(name, _USUAL)} ON TABLE "{name}" TO "{role}"')
    # A view is no table of the metadata, and rights on its tables do not open it.
    conn.exec_driver_sql(f'GRANT SELECT ON TABLE "{official_submission.name}" TO "{role}"')
    conn.exec_driver_sql(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
