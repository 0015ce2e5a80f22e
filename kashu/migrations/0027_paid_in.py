"""What a supplier is paid in, and at what rate what it took was ours, where no order says it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

# What it sells in, if that is one currency: its offers say so, or what was ordered there.
PAID_IN = """
UPDATE suppliers.suppliers AS supplier
   SET currency = known.currency
  FROM (
           SELECT supplier_id, min(currency) AS currency
             FROM (
                      SELECT supplier_id, currency
                        FROM suppliers.offers
                       WHERE tenant_id = :tenant
                         AND state <> 'gone'
                       UNION
                      SELECT supplier_id, currency
                        FROM purchases.attempts
                       WHERE tenant_id = :tenant
                  ) AS sold
            GROUP BY supplier_id
           HAVING min(currency) = max(currency)
       ) AS known
 WHERE supplier.tenant_id = :tenant
   AND supplier.id = known.supplier_id
   AND known.currency ~ '^[A-Z]{3}$'
   AND known.currency <> 'CNY'
"""


def upgrade() -> None:
    """Make the columns, then fill one, merchant by merchant: nobody else's rows can be seen."""
    op.execute((Path(__file__).parent / "paid_in_0027.sql").read_text())
    connection = op.get_bind()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM access.tenants")).fetchall():
        connection.execute(
            sa.text("SELECT set_config('kashu.tenant_id', :tenant, true)"),
            {"tenant": str(tenant_id)},
        )
        connection.execute(sa.text(PAID_IN), {"tenant": tenant_id})
    connection.execute(sa.text("SELECT set_config('kashu.tenant_id', '', true)"))
