"""Free uses of shared cards as runs, levels of warehouses, alerts that are silent for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# New tables get their security and the program's rights from migrate(), as all do.
TABLES = """
CREATE TABLE stock.free_uses (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    card_id UUID NOT NULL,
    first_use INTEGER NOT NULL,
    last_use INTEGER NOT NULL,
    CONSTRAINT free_uses_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT free_uses_know_their_card FOREIGN KEY (tenant_id, card_id)
        REFERENCES stock.cards (tenant_id, id),
    CONSTRAINT free_uses_run_forward CHECK (first_use BETWEEN 1 AND last_use)
)
 WITH (fillfactor = 50);
CREATE UNIQUE INDEX one_run_of_free_uses_ends_there
    ON stock.free_uses (tenant_id, card_id, last_use);

CREATE TABLE stock.warehouse_levels (
    tenant_id BIGINT NOT NULL,
    sku_id UUID NOT NULL,
    warehouse_id UUID NOT NULL,
    low INTEGER NOT NULL,
    enough INTEGER NOT NULL,
    quiet_hours INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT warehouse_levels_key PRIMARY KEY (tenant_id, sku_id, warehouse_id),
    CONSTRAINT warehouse_level_knows_its_sku FOREIGN KEY (tenant_id, sku_id)
        REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT warehouse_level_knows_its_warehouse FOREIGN KEY (tenant_id, warehouse_id)
        REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT warehouse_level_has_a_gap_between_low_and_enough
        CHECK (low >= 0 AND enough > low),
    CONSTRAINT warehouse_level_is_quiet_for_a_time CHECK (quiet_hours >= 0)
);

ALTER TABLE stock.levels
    ADD COLUMN quiet_hours INTEGER DEFAULT 0 NOT NULL,
    ADD CONSTRAINT level_is_quiet_for_a_time CHECK (quiet_hours >= 0);

ALTER TABLE stock.alerts
    ADD COLUMN warehouse_id UUID,
    ADD COLUMN told_at TIMESTAMP WITH TIME ZONE;
DROP INDEX stock.one_standing_alert_of_a_kind;
CREATE UNIQUE INDEX one_standing_alert_of_a_kind
    ON stock.alerts (tenant_id, kind, sku_id, warehouse_id, lot_id, days)
    NULLS NOT DISTINCT WHERE state = 'raised';
CREATE INDEX alerts_of_a_sku ON stock.alerts (tenant_id, sku_id, told_at);

ALTER TABLE stock.stocktakes ADD COLUMN counts JSONB DEFAULT '{}' NOT NULL;
"""

# What a shared card has left: the gaps between the uses that a line has, or had and saw.
FREE_USES = """
INSERT INTO stock.free_uses (tenant_id, id, card_id, first_use, last_use)
SELECT tenant_id, gen_random_uuid(), card_id, use_number + 1, next_use - 1
  FROM (
           SELECT tenant_id, card_id, use_number,
                  lead(use_number) OVER (PARTITION BY card_id ORDER BY use_number) AS next_use
             FROM (
                      SELECT card.tenant_id, card.id AS card_id, edge.use_number
                        FROM stock.cards AS card
                        JOIN stock.lots AS lot
                          ON lot.tenant_id = card.tenant_id AND lot.id = card.lot_id AND lot.shared
                       CROSS JOIN LATERAL (VALUES (0), (card.max_uses + 1)) AS edge(use_number)
                       WHERE card.tenant_id = :tenant
                       UNION
                      SELECT taken.tenant_id, taken.card_id, taken.use_number
                        FROM stock.allocations AS taken
                        JOIN stock.lots AS lot
                          ON lot.tenant_id = taken.tenant_id AND lot.id = taken.lot_id
                         AND lot.shared
                       WHERE taken.tenant_id = :tenant
                         AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL)
                  ) AS edges
       ) AS gaps
 WHERE next_use - use_number > 1
"""

TOLD = "UPDATE stock.alerts SET told_at = raised_at WHERE tenant_id = :tenant"

COUNTS = """
UPDATE stock.stocktakes
   SET counts = (SELECT jsonb_object_agg(class.key, class.value -> 'count')
                   FROM jsonb_each(differences) AS class)
 WHERE tenant_id = :tenant
"""


def upgrade() -> None:
    """Make the tables, then fill them, merchant by merchant: nobody else's rows can be seen."""
    op.execute(TABLES)
    connection = op.get_bind()
    for (tenant_id,) in connection.execute(sa.text("SELECT id FROM access.tenants")).fetchall():
        connection.execute(
            sa.text("SELECT set_config('kashu.tenant_id', :tenant, true)"),
            {"tenant": str(tenant_id)},
        )
        for statement in (FREE_USES, TOLD, COUNTS):
            connection.execute(sa.text(statement), {"tenant": tenant_id})
    connection.execute(sa.text("SELECT set_config('kashu.tenant_id', '', true)"))
