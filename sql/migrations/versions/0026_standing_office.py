"""Decisions call the office that approves `standing_office`, whatever it is in a regime; before: `police_office`.

Only the rows of `approval` are renamed. The events of the trail stay as they were written and hashed: they are read in
the words of today (`baocao.regimes.earlier_schema`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE, NOW, OTHER = "police_office", "standing_office", "peoples_committee"
GUARD = "guard_approval_update"
NAMING_IT = ("guard_approval_update", "guard_approval_delete", "guard_report_update")
"""Triggers that name the table: SQLite rebuilds it, and renames no table that a trigger lacks meanwhile."""


def upgrade() -> None:
    _rename(BEFORE, NOW)


def downgrade() -> None:
    _rename(NOW, BEFORE)


def _rename(old: str, new: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE approval DISABLE TRIGGER {GUARD}")
        _replace(old, new)
        op.execute(f"ALTER TABLE approval ENABLE TRIGGER {GUARD}")
        return
    said = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    guards = [op.get_bind().execute(said, {"name": name}).scalar_one() for name in NAMING_IT]
    for name in NAMING_IT:
        op.execute(f"DROP TRIGGER {name}")
    _replace(old, new)
    for guard in guards:
        op.execute(guard)


def _replace(old: str, new: str) -> None:
    with op.batch_alter_table("approval") as batch:
        batch.drop_constraint(op.f("ck_approval_role"), type_="check")
    op.execute(f"UPDATE approval SET role = '{new}' WHERE role = '{old}'")
    with op.batch_alter_table("approval") as batch:
        batch.create_check_constraint(op.f("ck_approval_role"), f"role IN ('{new}', '{OTHER}')")
