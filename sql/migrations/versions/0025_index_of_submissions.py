"""Two indexes for what is asked about every file: the first official reports of a period, the periods of one unit."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_submission_regime_period_status_id": ["regime", "period", "status", "id"],
    "ix_submission_regime_unit_status": ["regime", "unit", "status"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "submission", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), "submission")
