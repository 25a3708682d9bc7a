"""Indexes for what is asked about every file: the first official reports of a period, the periods of one unit, and the
newest accepted submission of a unit (the view `official_submission`), which takes the place of a shorter one."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_submission_regime_period_status_id": ["regime", "period", "status", "id"],
    "ix_submission_regime_unit_status": ["regime", "unit", "status"],
    "ix_submission_regime_period_unit_status_received_at_id": [
        "regime", "period", "unit", "status", "received_at", "id",
    ],
}
SHORTER = "ix_submission_regime_period_unit_status"


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "submission", columns)
    op.drop_index(op.f(SHORTER), "submission")


def downgrade() -> None:
    op.create_index(op.f(SHORTER), "submission", ["regime", "period", "unit", "status"])
    for name in INDEXES:
        op.drop_index(op.f(name), "submission")
