"""Waivers and extensions can be taken back (a row of its own, never a change), and units can join an open window."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "waiver_withdrawal"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", _ID, nullable=False),
        sa.Column("waiver_id", _ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["waiver_id"], ["waiver.id"], name=op.f("fk_waiver_withdrawal_waiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver_withdrawal")),
        sa.UniqueConstraint("waiver_id", name=op.f("uq_waiver_withdrawal_waiver_id")),
    )
    op.add_column("obligation", sa.Column("added_at", sa.String(length=32), nullable=True))
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for operation in ("UPDATE", "DELETE"):
        create(operation)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for operation in ("UPDATE", "DELETE"):
            op.execute(f"DROP FUNCTION {_name(operation)} CASCADE")
    op.drop_column("obligation", "added_at")
    op.drop_table(_TABLE)


def _name(operation: str) -> str:
    return f"guard_{_TABLE}_{operation.lower()}"


def _message(operation: str) -> str:
    return f"{_TABLE}: {operation} is refused, this row is final"


def _create_sqlite(operation: str) -> None:
    op.execute(
        f'CREATE TRIGGER {_name(operation)} BEFORE {operation} ON "{_TABLE}" '
        f"BEGIN SELECT RAISE(ABORT, '{_message(operation)}'); END"
    )


def _create_postgresql(operation: str) -> None:
    name = _name(operation)
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_message(operation)}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {operation} ON "{_TABLE}" FOR EACH ROW EXECUTE FUNCTION {name}()')
    if operation == "DELETE":
        op.execute(
            f'CREATE TRIGGER {name}_all BEFORE TRUNCATE ON "{_TABLE}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'
        )
