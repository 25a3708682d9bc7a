"""Lead bodies: the slices they were shown, what they say about them, and the objections a report was made over.

A comment's words never change; its status moves once, from OPEN to its end. What a report lists is fixed with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ALWAYS = "1 = 1"
_KEPT = ("regime", "period", "lead", "kind", "unit", "project", "form", "row", "col", "text", "raised_at", "raised_by")
_DRAFT = "(SELECT status FROM report WHERE id = {row}.report_id) <> 'DRAFT'"
# (table, operation, refused when)
GUARDS = [
    *(("lead_slice", operation, ALWAYS) for operation in ("UPDATE", "DELETE")),
    (
        "lead_comment",
        "UPDATE",
        "OLD.status <> 'OPEN' OR NEW.source_sha256 <> OLD.source_sha256 OR NEW.slice_sha256 <> OLD.slice_sha256 OR "
        + " OR ".join(f'NEW."{name}" <> OLD."{name}"' for name in _KEPT),
    ),
    ("lead_comment", "DELETE", ALWAYS),
    ("report_objection", "INSERT", _DRAFT.format(row="NEW")),
    ("report_objection", "UPDATE", ALWAYS),
    ("report_objection", "DELETE", _DRAFT.format(row="OLD")),
]


def upgrade() -> None:
    op.create_table(
        "lead_slice",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("shared_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_slice")),
        sa.UniqueConstraint("regime", "period", "unit", "content_sha256", name=op.f("uq_lead_slice_regime_period_unit_content_sha256")),
    )
    op.create_table(
        "lead_comment",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("lead", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("row", sa.String(length=32), nullable=False),
        sa.Column("col", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.String(length=32), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("slice_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('comment', 'objection')", name=op.f("ck_lead_comment_kind")),
        sa.CheckConstraint(
            "status IN ('OPEN', 'ANSWERED', 'OVERRULED', 'WITHDRAWN')", name=op.f("ck_lead_comment_status")
        ),
        sa.CheckConstraint("status <> 'OVERRULED' OR kind = 'objection'", name=op.f("ck_lead_comment_overruled")),
        sa.CheckConstraint(
            "(form = '') = (\"row\" = '') AND (form = '') = (col = '')", name=op.f("ck_lead_comment_cell")
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_lead_comment_text")),
        sa.CheckConstraint(
            "(status = 'OPEN') = (answer IS NULL) AND (status = 'OPEN') = (answered_by IS NULL)"
            " AND (status = 'OPEN') = (answered_at IS NULL)",
            name=op.f("ck_lead_comment_answer"),
        ),
        sa.CheckConstraint("answer IS NULL OR answer <> ''", name=op.f("ck_lead_comment_answer_says_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_comment")),
    )
    op.create_index(op.f("ix_lead_comment_regime_period_status"), "lead_comment", ["regime", "period", "status"])
    op.create_table(
        "report_objection",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["lead_comment.id"], name=op.f("fk_report_objection_comment_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_objection_report_id")),
        sa.PrimaryKeyConstraint("report_id", "comment_id", name=op.f("pk_report_objection")),
    )
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, operation, _refused in GUARDS:
        if on_postgresql:
            op.execute(f"DROP FUNCTION {_name(table, operation)} CASCADE")
        else:
            op.execute(f"DROP TRIGGER {_name(table, operation)}")
    for table in ("report_objection", "lead_comment", "lead_slice"):
        op.drop_table(table)


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
