"""A signature can be taken back before dispatch, a correction can be about the document alone, events name their key.

`approval` counts the rounds of signing: a signature taken back (`revocation`) stays, the next one is of the next round.
A decision of the standing office after its own approval (a return) is a row of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALWAYS = "1 = 1"
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REVOKED = (
    "EXISTS (SELECT 1 FROM revocation AS r WHERE r.report_id = NEW.id AND r.round ="
    " (SELECT MAX(a.round) FROM approval AS a WHERE a.report_id = NEW.id AND a.decision = 'sign'))"
)
REPORT_UPDATE = (
    "NOT (OLD.status = 'DRAFT' AND NEW.status = 'DRAFT')"
    f" AND NOT (OLD.status = 'SIGNED' AND NEW.status = 'APPROVED' AND {_REVOKED})"
    " AND OLD.status || ' ' || NEW.status NOT IN ("
    "'DRAFT FROZEN', 'FROZEN APPROVED', 'FROZEN RETURNED', 'APPROVED SIGNED', 'APPROVED RETURNED',"
    " 'SIGNED DISPATCHED')"
    " OR NEW.regime <> OLD.regime OR NEW.period <> OLD.period OR NEW.version <> OLD.version"
    " OR OLD.status <> 'DRAFT' AND (NEW.content_sha256 <> OLD.content_sha256"
    " OR NEW.input_sha256 <> OLD.input_sha256"
    " OR CAST(NEW.manifest AS TEXT) <> CAST(OLD.manifest AS TEXT)"
    " OR COALESCE(CAST(NEW.findings AS TEXT), '') <> COALESCE(CAST(OLD.findings AS TEXT), ''))"
)
GUARDS = [
    ("approval", "UPDATE", ALWAYS),
    ("approval", "DELETE", ALWAYS),
    ("report", "UPDATE", REPORT_UPDATE),
    (
        "revocation",
        "INSERT",
        "(SELECT status FROM report WHERE id = NEW.report_id) <> 'SIGNED'"
        " OR EXISTS (SELECT 1 FROM dispatch AS d WHERE d.report_id = NEW.report_id)",
    ),
    ("revocation", "UPDATE", ALWAYS),
    ("revocation", "DELETE", ALWAYS),
]


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.add_column("event", sa.Column("key_id", sa.String(length=16), nullable=False, server_default="unkeyed"))
    op.add_column("correction", sa.Column("kind", sa.String(length=16), nullable=False, server_default="figures"))
    op.create_table(
        "revocation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("report_id", _ID, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_revocation_has_reason")),
        sa.CheckConstraint("\"by\" <> ''", name=op.f("ck_revocation_has_person")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_revocation_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
        sa.UniqueConstraint("report_id", "round", name=op.f("uq_revocation_report_id_round")),
    )
    if on_postgresql:
        for table, operation in (("approval", "UPDATE"), ("approval", "DELETE"), ("report", "UPDATE")):
            op.execute(f"DROP FUNCTION {_name(table, operation)} CASCADE")
    else:
        # The rebuild below drops the triggers of `approval` itself.
        op.execute(f"DROP TRIGGER {_name('report', 'UPDATE')}")
    with op.batch_alter_table("approval") as batch:
        batch.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint("uq_approval_report_id_role", type_="unique")
        batch.create_unique_constraint(
            op.f("uq_approval_report_id_role_decision_round"), ["report_id", "role", "decision", "round"]
        )
    create = _create_postgresql if on_postgresql else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    raise NotImplementedError("a signature taken back cannot be expressed before this migration")


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
