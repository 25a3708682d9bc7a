"""What failures of a letter count towards giving it up: before, trouble of the whole server counted as the letter's own.

Letters that wait begin again with nothing counted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("refusals", "perhaps_sent"):
        op.add_column("outbox", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("perhaps_sent", "refusals"):
        op.drop_column("outbox", column)
