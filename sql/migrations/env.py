"""Runs the migrations on the connection that `Store.migrate` hands over: all of them in one transaction.

There is no `alembic.ini`. A change of the schema is made in `baocao.store.tables`, then written as the next file in
`versions/` (it never imports the tables: it must build the same schema in ten years), and `HEAD` names the newest.
The tests compare both databases, migrated, with the tables in code and print what is missing.
"""

from __future__ import annotations

from alembic import context

from baocao.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # also on SQLite: the store begins its transactions itself
)
with context.begin_transaction():
    context.run_migrations()
