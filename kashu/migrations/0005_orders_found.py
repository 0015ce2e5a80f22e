"""Orders are found by their number alone, and by their store."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the indexes."""
    op.execute("CREATE INDEX orders_by_number ON orders.orders (tenant_id, external_id)")
    op.execute("CREATE INDEX orders_of_a_store ON orders.orders (tenant_id, store_id, accepted_at)")
