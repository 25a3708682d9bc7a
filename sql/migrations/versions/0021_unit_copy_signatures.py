"""The digital signatures found in the signed copy of a unit's report; NULL: not examined, as all copies before."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit_copy", sa.Column("signatures", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit_copy", "signatures")
