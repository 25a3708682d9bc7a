"""Sections of reports that an office has written itself: appended, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ALWAYS = "1 = 1"
GUARDS = [("narrative_text", "UPDATE", ALWAYS), ("narrative_text", "DELETE", ALWAYS)]
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "narrative_text",
        sa.Column("id", _ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("\"by\" <> ''", name=op.f("ck_narrative_text_has_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrative_text")),
        sa.UniqueConstraint("regime", "period", "revision", name=op.f("uq_narrative_text_regime_period_revision")),
    )
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, operation, _refused in GUARDS:
            op.execute(f"DROP FUNCTION {_name(table, operation)} CASCADE")
    op.drop_table("narrative_text")


def _name(table: str, operation: str) -> str:
    return f"guard_{table}_{operation.lower()}"


def _message(table: str, operation: str) -> str:
    return f"{table}: {operation} is refused, this row is final"


def _create_sqlite(table: str, operation: str, refused: str) -> None:
    op.execute(
        f'CREATE TRIGGER {_name(table, operation)} BEFORE {operation} ON "{table}" WHEN {refused} '
        f"BEGIN SELECT RAISE(ABORT, '{_message(table, operation)}'); END"
    )


def _create_postgresql(table: str, operation: str, refused: str) -> None:
    name = _name(table, operation)
    row = "OLD" if operation == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN "
        f"RAISE EXCEPTION '{_message(table, operation)}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {row}; END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {operation} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')
    if refused == ALWAYS and operation == "DELETE":
        op.execute(
            f'CREATE TRIGGER {name}_all BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'
        )
