"""The register of inspections: yearly plans, one row for each inspected body; final rows are guarded by the database.

On SQLite a later migration that rebuilds a table (`batch_alter_table`) drops its triggers: it must create them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ALWAYS = "1 = 1"
# Written once, never changed afterwards: a row may be filled in from left to right, not rewritten.
FIXED = ("regime", "plan_id", "unit", "lead", "content", "documents", "planned_from", "planned_to")
WRITTEN_ONCE = (
    "notice_number",
    "notified_at",
    "notice_sha256",
    "notice_from",
    "notice_to",
    "started_on",
    "ended_on",
    "record_on",
    "working_days",
    "over_run",
    "note",
    "conclusion_number",
    "concluded_on",
    "conclusion_sha256",
    "cancelled_at",
    "cancel_reason",
)
MOVES = (
    "'PLANNED NOTIFIED', 'NOTIFIED STARTED', 'STARTED FINISHED', 'FINISHED CONCLUDED',"
    " 'PLANNED CANCELLED', 'NOTIFIED CANCELLED', 'STARTED CANCELLED', 'FINISHED CANCELLED'"
)
GUARDS = [
    ("inspection_plan", "UPDATE", ALWAYS),
    ("inspection_plan", "DELETE", ALWAYS),
    (
        "inspection",
        "UPDATE",
        " OR ".join(
            [
                f"OLD.status || ' ' || NEW.status NOT IN ({MOVES})",
                *(f"NEW.{c} <> OLD.{c}" for c in FIXED),
                *(f"OLD.{c} IS NOT NULL AND (NEW.{c} IS NULL OR NEW.{c} <> OLD.{c})" for c in WRITTEN_ONCE),
            ]
        ),
    ),
    ("inspection", "DELETE", ALWAYS),
    ("inspection", "INSERT", "NEW.status <> 'PLANNED'"),
]


CHECKS = {
    "status": "status IN ('PLANNED', 'NOTIFIED', 'STARTED', 'FINISHED', 'CONCLUDED', 'CANCELLED')",
    "planned": "planned_from <= planned_to",
    "notice_number": "(notified_at IS NULL) = (notice_number IS NULL)",
    "notice_file": "(notified_at IS NULL) = (notice_sha256 IS NULL)",
    "no_start_without_notice": (
        "status NOT IN ('NOTIFIED', 'STARTED', 'FINISHED', 'CONCLUDED') OR notified_at IS NOT NULL"
    ),
    "notice_days": "(notified_at IS NULL) = (notice_from IS NULL) AND (notified_at IS NULL) = (notice_to IS NULL)",
    "announced": "notice_from <= notice_to",
    "started": "started_on IS NULL OR notified_at IS NOT NULL",
    "begun": "status NOT IN ('STARTED', 'FINISHED', 'CONCLUDED') OR started_on IS NOT NULL",
    "ended": "ended_on IS NULL OR started_on IS NOT NULL AND started_on <= ended_on",
    "finished": "status NOT IN ('FINISHED', 'CONCLUDED') OR ended_on IS NOT NULL",
    "record": "(ended_on IS NULL) = (record_on IS NULL)",
    "duration": "(ended_on IS NULL) = (working_days IS NULL)",
    "over_run": "(ended_on IS NULL) = (over_run IS NULL)",
    "over_run_has_note": "over_run IS NULL OR NOT over_run OR note IS NOT NULL AND note <> ''",
    "conclusion": (
        "(status = 'CONCLUDED') = (conclusion_number IS NOT NULL AND concluded_on IS NOT NULL"
        " AND conclusion_sha256 IS NOT NULL)"
    ),
    "concluded": "concluded_on IS NULL OR ended_on <= concluded_on",
    "cancelled": (
        "(status = 'CANCELLED') = (cancelled_at IS NOT NULL AND cancel_reason IS NOT NULL AND cancel_reason <> '')"
    ),
}


def upgrade() -> None:
    op.create_table(
        "inspection_plan",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_plan")),
        sa.UniqueConstraint("regime", "year", "decision", name=op.f("uq_inspection_plan_regime_year_decision")),
    )
    _create_inspection()
    op.create_index(op.f("ix_inspection_regime_unit_status"), "inspection", ["regime", "unit", "status"])
    op.create_index(
        "uq_inspection_one_at_a_time",
        "inspection",
        ["regime", "unit"],
        unique=True,
        sqlite_where=sa.text("status = 'STARTED'"),
        postgresql_where=sa.text("status = 'STARTED'"),
    )
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def _create_inspection() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("lead", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("planned_from", sa.String(length=10), nullable=False),
        sa.Column("planned_to", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("notice_number", sa.String(length=64), nullable=True),
        sa.Column("notified_at", sa.String(length=32), nullable=True),
        sa.Column("notice_sha256", sa.String(length=64), nullable=True),
        sa.Column("notice_from", sa.String(length=10), nullable=True),
        sa.Column("notice_to", sa.String(length=10), nullable=True),
        sa.Column("started_on", sa.String(length=10), nullable=True),
        sa.Column("ended_on", sa.String(length=10), nullable=True),
        sa.Column("record_on", sa.String(length=10), nullable=True),
        sa.Column("working_days", sa.Integer(), nullable=True),
        sa.Column("over_run", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("conclusion_number", sa.String(length=64), nullable=True),
        sa.Column("concluded_on", sa.String(length=10), nullable=True),
        sa.Column("conclusion_sha256", sa.String(length=64), nullable=True),
        sa.Column("cancelled_at", sa.String(length=32), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_inspection_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["plan_id"], ["inspection_plan.id"], name=op.f("fk_inspection_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint(
            "plan_id", "unit", "planned_from", name=op.f("uq_inspection_plan_id_unit_planned_from")
        ),
    )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, operation, _refused in GUARDS:
        name = _name(table, operation)
        op.execute(f"DROP FUNCTION {name} CASCADE" if on_postgresql else f"DROP TRIGGER {name}")
    op.drop_table("inspection")
    op.drop_table("inspection_plan")


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
