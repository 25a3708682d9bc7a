"""Names of units as a search looks for them and as a Vietnamese dictionary orders them, beside every obligation."""

import sqlalchemy as sa
from alembic import op

from baocao.text import search_key, vietnamese_order

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("name_search", "name_order"):
        op.add_column("obligation", sa.Column(name, sa.Text(), nullable=True))
    conn = op.get_bind()
    known = conn.execute(sa.text("SELECT DISTINCT unit, unit_name FROM obligation")).all()
    fill = sa.text(
        "UPDATE obligation SET name_search = :search, name_order = :place WHERE unit = :unit AND unit_name = :name"
    )
    for unit, name in known:
        values = {"search": search_key(f"{name} {unit}"), "place": vietnamese_order(name), "unit": unit, "name": name}
        conn.execute(fill, values)
    op.create_index(op.f("ix_obligation_regime_period_name_order"), "obligation", ["regime", "period", "name_order"])
    op.create_index(op.f("ix_outbox_regime_period_status"), "outbox", ["regime", "period", "status"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_regime_period_status"), "outbox")
    op.drop_index(op.f("ix_obligation_regime_period_name_order"), "obligation")
    for name in ("name_order", "name_search"):
        op.drop_column("obligation", name)
