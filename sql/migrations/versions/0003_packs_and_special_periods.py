"""Packs as they were, and periods outside the calendar: neither row is ever changed or removed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("pack_version", "special_period")


def upgrade() -> None:
    op.create_table(
        "pack_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("pack_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_version")),
        sa.UniqueConstraint("regime", "pack_sha256", name=op.f("uq_pack_version_regime_pack_sha256")),
    )
    op.create_table(
        "special_period",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_period")),
        sa.UniqueConstraint("regime", "code", name=op.f("uq_special_period_regime_code")),
    )
    guard = _guard_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_sqlite
    for table in TABLES:
        for operation in ("UPDATE", "DELETE"):
            guard(table, operation)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        op.drop_table(table)
        for operation in ("UPDATE", "DELETE") if on_postgresql else ():
            op.execute(f"DROP FUNCTION guard_{table}_{operation.lower()}")


def _guard_sqlite(table: str, operation: str) -> None:
    op.execute(
        f'CREATE TRIGGER guard_{table}_{operation.lower()} BEFORE {operation} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table}: {operation} is refused, this row is final'); END"
    )


def _guard_postgresql(table: str, operation: str) -> None:
    name = f"guard_{table}_{operation.lower()}"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table}: {operation} is refused, this row is final' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {operation} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')
