"""Which submission of a unit counts is one view: the rule stood five times in the statements.

On SQLite a later migration that rebuilds `submission` or `submission_given_back` (`batch_alter_table`) drops the view
before and makes it again after.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_VIEW = """
CREATE VIEW official_submission AS
SELECT s.id, s.regime, s.period, s.unit, s.status, s.received_at, s.sha256, s.filename, s.on_time, s.supersedes_id,
       s.receipt_number
FROM submission AS s
WHERE s.status = 'ACCEPTED'
  AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = s.id)
  AND NOT EXISTS (
      SELECT 1
      FROM submission AS later
      WHERE later.regime = s.regime
        AND later.period = s.period
        AND later.unit = s.unit
        AND later.status = 'ACCEPTED'
        AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = later.id)
        AND (later.received_at, later.id) > (s.received_at, s.id)
  )
"""


def upgrade() -> None:
    op.execute(_VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW official_submission")
