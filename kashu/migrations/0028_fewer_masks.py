"""Masks of accounts are kept nowhere from where nobody could erase them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

# What was decided long ago names nobody any more; its orders keep their own masks.
HELD = """
UPDATE orders.held
   SET wanted = (
           SELECT jsonb_agg(
                      jsonb_set(
                          "order".body,
                          '{lines}',
                          (
                              SELECT jsonb_agg(
                                         jsonb_set(line.body, '{account}', 'null')
                                         ORDER BY line.place
                                     )
                                FROM jsonb_array_elements("order".body -> 'lines')
                                     WITH ORDINALITY AS line (body, place)
                          )
                      )
                      ORDER BY "order".place
                  )
             FROM jsonb_array_elements(wanted) WITH ORDINALITY AS "order" (body, place)
       )
 WHERE tenant_id = :tenant
   AND kind = 'orders'
   AND state <> 'asked'
   AND jsonb_path_exists(wanted, '$[*].lines[*].account ? (@ != null)')
"""

# Who corrected which line's account, and when, is told without it.
CORRECTED = """
UPDATE core.events
   SET facts = facts - 'before' - 'after'
 WHERE tenant_id = :tenant
   AND kind = 'order.account_corrected'
"""


def upgrade() -> None:
    """Take them out of what there is, merchant by merchant: nobody else's rows can be seen."""
    connection = op.get_bind()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM access.tenants")).fetchall():
        connection.execute(
            sa.text("SELECT set_config('kashu.tenant_id', :tenant, true)"),
            {"tenant": str(tenant_id)},
        )
        connection.execute(sa.text(HELD), {"tenant": tenant_id})
        connection.execute(sa.text(CORRECTED), {"tenant": tenant_id})
    connection.execute(sa.text("SELECT set_config('kashu.tenant_id', '', true)"))
