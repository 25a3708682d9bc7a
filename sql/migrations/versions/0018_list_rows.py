"""Rows of lists that units have sent: appended, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ALWAYS = "1 = 1"
GUARDS = [("list_cell", "UPDATE", ALWAYS), ("list_cell", "DELETE", ALWAYS)]
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "list_cell",
        sa.Column("submission_id", _ID, nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("list", sa.String(length=32), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("col", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("a1", sa.String(length=12), nullable=False),
        sa.CheckConstraint("answer IN ('value', 'nil')", name=op.f("ck_list_cell_answer")),
        sa.CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name=op.f("ck_list_cell_value")),
        sa.CheckConstraint("row_number >= 0", name=op.f("ck_list_cell_row_number")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_list_cell_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "form", "list", "row_number", "col", name=op.f("pk_list_cell")),
    )
    op.create_index(op.f("ix_list_cell_unit"), "list_cell", ["unit"])
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, operation, _refused in GUARDS:
            op.execute(f"DROP FUNCTION {_name(table, operation)} CASCADE")
    op.drop_table("list_cell")


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
