"""Cancellations are numbered apart from refunds: a client's refund can't take their number."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

APART = """
UPDATE orders.refunds
   SET source = 'cancel:' || source
 WHERE tenant_id = :tenant
   AND (wanted ->> 'unseen_only')::boolean
"""


def upgrade() -> None:
    """Put those that are there where they are looked for from now on, merchant by merchant."""
    connection = op.get_bind()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM access.tenants")).fetchall():
        connection.execute(
            sa.text("SELECT set_config('kashu.tenant_id', :tenant, true)"),
            {"tenant": str(tenant_id)},
        )
        connection.execute(sa.text(APART), {"tenant": tenant_id})
    connection.execute(sa.text("SELECT set_config('kashu.tenant_id', '', true)"))
