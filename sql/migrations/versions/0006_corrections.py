"""Corrections of dispatched reports, and what a report was compared with when it was made.

A correction is opened on a dispatched report only and never changed; the basis of a report is final with its freeze.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ALWAYS = "1 = 1"
GUARDS = [
    ("correction", "INSERT", "(SELECT status FROM report WHERE id = NEW.corrects_id) <> 'DISPATCHED'"),
    ("correction", "UPDATE", ALWAYS),
    ("correction", "DELETE", ALWAYS),
    *(
        ("report_basis", operation, f"(SELECT status FROM report WHERE id = {row}.report_id) <> 'DRAFT'")
        for operation, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
]
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", _ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("corrects_id", _ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_correction_has_reason")),
        sa.CheckConstraint("opened_by <> ''", name=op.f("ck_correction_has_person")),
        sa.ForeignKeyConstraint(["corrects_id"], ["report.id"], name=op.f("fk_correction_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_correction_corrects_id")),
    )
    op.create_table(
        "report_basis",
        sa.Column("report_id", _ID, nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_basis_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_basis")),
    )
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, operation, _refused in GUARDS:
            op.execute(f"DROP FUNCTION {_name(table, operation)} CASCADE")
    op.drop_table("report_basis")
    op.drop_table("correction")


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
