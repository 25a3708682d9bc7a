"""Which submission of a unit counts is one view: the rule stood five times in the statements.

On SQLite a later migration that rebuilds `submission` or `submission_given_back` (`batch_alter_table`) drops the view
before and makes it again after.

A unit's newest one is looked up for every row by the index over the unit (LIMIT keeps it from being turned into a join):
as an anti-join PostgreSQL compared every pair of a period's submissions while it had no statistics, 0.4 s instead of
milliseconds at 3,300 units.
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
  AND s.id = (
      SELECT newest.id
      FROM submission AS newest
      WHERE newest.regime = s.regime
        AND newest.period = s.period
        AND newest.unit = s.unit
        AND newest.status = 'ACCEPTED'
        AND NOT EXISTS (SELECT 1 FROM submission_given_back AS g WHERE g.submission_id = newest.id)
      ORDER BY newest.received_at DESC, newest.id DESC
      LIMIT 1
  )
"""


def upgrade() -> None:
    op.execute(_VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW official_submission")
