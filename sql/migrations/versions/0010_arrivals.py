"""A re-sending is an arrival of its own: the same bytes may stand in several rows, each arrival in exactly one.

SQLite cannot drop a constraint: the table is built anew, with its guards. `Store.migrate` holds the foreign keys off
meanwhile and checks them before it commits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEY = ["regime", "period", "unit", "sha256"]
_STATUS = "status IN ('RECEIVED', 'ACCEPTED', 'RETURNED', 'QUARANTINED', 'DUPLICATE', 'COMMENTS')"
_STATUS_BEFORE = "status IN ('RECEIVED', 'ACCEPTED', 'RETURNED', 'QUARANTINED')"
_CHECKS = {
    "decided": "(status = 'RECEIVED') = (decided_at IS NULL)",
    "receipt": "(status = 'ACCEPTED') = (receipt_number IS NOT NULL)",
    "reason": "(status = 'QUARANTINED') = (reason IS NOT NULL)",
    "supersedes": "supersedes_id IS NULL OR status = 'ACCEPTED'",
}
_WAITING = "waiting_since IS NULL OR status = 'RECEIVED'"
_OLD = (
    "id, regime, period, unit, status, channel, filename, sha256, size, received_at, decided_at, on_time, form_versions, "
    "info, nil_forms, reason, receipt_number, supersedes_id, marked_sha256"
)
_GUARDS = [
    ("UPDATE", "OLD.status <> 'RECEIVED' OR NEW.sha256 <> OLD.sha256 OR NEW.received_at <> OLD.received_at"),
    ("DELETE", "1 = 1"),
]


def _new_columns():
    return [
        sa.Column("arrival", sa.String(length=64), nullable=True),
        sa.Column("file_time", sa.String(length=32), nullable=True),
        sa.Column("waiting_since", sa.String(length=32), nullable=True),
        sa.Column("circumstances", sa.JSON(), nullable=True),
    ]


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_new_columns(), {**_CHECKS, "status": _STATUS, "waiting": _WAITING}, unique=["arrival"], index=_KEY)
        return
    op.drop_constraint(op.f("uq_submission_regime_period_unit_sha256"), "submission", type_="unique")
    op.drop_constraint(op.f("ck_submission_status"), "submission", type_="check")
    for column in _new_columns():
        op.add_column("submission", column)
    op.create_check_constraint(op.f("ck_submission_status"), "submission", _STATUS)
    op.create_check_constraint(op.f("ck_submission_waiting"), "submission", _WAITING)
    op.create_unique_constraint(op.f("uq_submission_arrival"), "submission", ["arrival"])
    op.create_index(op.f("ix_submission_regime_period_unit_sha256"), "submission", _KEY)


def downgrade() -> None:
    """Only without rows that the old schema cannot hold."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild([], {**_CHECKS, "status": _STATUS_BEFORE}, unique=_KEY, index=None)
        return
    op.drop_index(op.f("ix_submission_regime_period_unit_sha256"), "submission")
    op.drop_constraint(op.f("ck_submission_waiting"), "submission", type_="check")
    op.drop_constraint(op.f("ck_submission_status"), "submission", type_="check")
    for column in reversed(_new_columns()):
        op.drop_column("submission", column.name)
    op.create_check_constraint(op.f("ck_submission_status"), "submission", _STATUS_BEFORE)
    op.create_unique_constraint(op.f("uq_submission_regime_period_unit_sha256"), "submission", _KEY)


def _rebuild(extra, checks, *, unique, index) -> None:
    """The table of these columns and constraints, with every row and the guards of the old one."""
    op.create_table(
        "submission_new",
        sa.Column("id", _ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("form_versions", sa.JSON(), nullable=True),
        sa.Column("info", sa.JSON(), nullable=True),
        sa.Column("nil_forms", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.String(length=64), nullable=True),
        sa.Column("supersedes_id", _ID, nullable=True),
        sa.Column("marked_sha256", sa.String(length=64), nullable=True),
        *extra,
        *(sa.CheckConstraint(text, name=op.f(f"ck_submission_{name}")) for name, text in checks.items()),
        sa.ForeignKeyConstraint(["supersedes_id"], ["submission.id"], name=op.f("fk_submission_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_submission_receipt_number")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_submission_supersedes_id")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_submission_{'_'.join(unique)}")),
    )
    op.execute(f"INSERT INTO submission_new ({_OLD}) SELECT {_OLD} FROM submission")  # noqa: S608
    op.drop_table("submission")
    op.rename_table("submission_new", "submission")
    op.create_index(
        op.f("ix_submission_regime_period_unit_status"), "submission", ["regime", "period", "unit", "status"]
    )
    if index is not None:
        op.create_index(op.f(f"ix_submission_{'_'.join(index)}"), "submission", index)
    for operation, refused in _GUARDS:
        op.execute(
            f'CREATE TRIGGER guard_submission_{operation.lower()} BEFORE {operation} ON "submission" WHEN {refused} '
            f"BEGIN SELECT RAISE(ABORT, 'submission: {operation} is refused, this row is final'); END"
        )
