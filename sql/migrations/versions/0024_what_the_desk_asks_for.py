"""Indices for what the desk asks for: the alarms of some regimes, the trail of one."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_INDICES = {
    "ix_outbox_unit_regime_id": ("outbox", ["unit", "regime", "id"]),
    "ix_event_regime_seq": ("event", ["regime", "seq"]),
    "ix_event_regime_action_seq": ("event", ["regime", "action", "seq"]),
}


def upgrade() -> None:
    for name, (table, columns) in _INDICES.items():
        op.create_index(op.f(name), table, columns)


def downgrade() -> None:
    for name, (table, _) in reversed(_INDICES.items()):
        op.drop_index(op.f(name), table_name=table)
