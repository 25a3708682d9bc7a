"""Where each recipient of a report stands, and which entry of the pack a letter's address is.

A report is dispatched when every recipient's letter was handed over, not when it was written: the database holds to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = "OLD.receipt IS NOT NULL OR NEW.package_sha256 <> OLD.package_sha256"
NOW = (
    "OLD.receipt IS NOT NULL OR NEW.package_sha256 <> OLD.package_sha256 OR NEW.content_sha256 <> OLD.content_sha256"
    " OR NEW.report_id <> OLD.report_id OR NEW.recipient <> OLD.recipient"
    " OR OLD.handed_over_at IS NOT NULL"
    " AND (NEW.handed_over_at IS NULL OR NEW.handed_over_at <> OLD.handed_over_at)"
)
HANDED_OVER = (
    "NEW.status = 'DISPATCHED' AND OLD.status <> 'DISPATCHED'"
    " AND (NOT EXISTS (SELECT 1 FROM dispatch WHERE report_id = NEW.id)"
    " OR EXISTS (SELECT 1 FROM dispatch WHERE report_id = NEW.id AND handed_over_at IS NULL))"
)
MESSAGE_FINAL = "dispatch: UPDATE is refused, this row is final"
MESSAGE_OPEN = "report: DISPATCHED is refused, not every recipient was handed the package"
COLUMNS = (
    ("handed_over_at", sa.String(length=32)),
    ("confirmed_on", sa.String(length=10)),
    ("confirmed_by", sa.Text()),
    ("confirmation_name", sa.Text()),
    ("confirmation_sha256", sa.String(length=64)),
)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("address_of", sa.String(length=32)))
    for name, kind in COLUMNS:
        op.add_column("dispatch", sa.Column(name, kind))
    _drop("guard_dispatch_update", "dispatch")
    op.execute(
        "UPDATE dispatch SET handed_over_at = (SELECT sent_at FROM outbox WHERE outbox.id = dispatch.outbox_id)"
    )
    _create("guard_dispatch_update", "dispatch", NOW, MESSAGE_FINAL)
    _create("guard_report_handed_over", "report", HANDED_OVER, MESSAGE_OPEN)


def downgrade() -> None:
    _drop("guard_report_handed_over", "report")
    _drop("guard_dispatch_update", "dispatch")
    for name, _kind in reversed(COLUMNS):
        op.drop_column("dispatch", name)
    op.drop_column("outbox", "address_of")
    _create("guard_dispatch_update", "dispatch", BEFORE, MESSAGE_FINAL)


def _drop(name: str, table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {name} CASCADE")
    else:
        op.execute(f"DROP TRIGGER {name}")


def _create(name: str, table: str, refused: str, message: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN "
            f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')
    else:
        op.execute(
            f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" WHEN {refused} '
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
