-- Every lot that holds anything, with how old it is, and since when its SKU is known. No lock.
WITH aside AS (  -- held back before anybody had them: of a shared card, its free uses
    SELECT card.lot_id,
           sum(card.max_uses - (
               SELECT count(DISTINCT taken.use_number)
                 FROM stock.allocations AS taken
                WHERE taken.tenant_id = :tenant_id::bigint
                  AND taken.card_id = card.id
                  AND card.max_uses > 1
                  AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL)
           )) AS units
      FROM stock.lots AS lot
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.quarantined > 0
       AND card.state = 'quarantined'
       AND EXISTS (
               SELECT
                 FROM stock.moves AS move
                WHERE move.tenant_id = :tenant_id::bigint
                  AND move.card_id = card.id
                  AND move.from_state = 'available'
                  AND move.to_state = 'quarantined'
           )
     GROUP BY card.lot_id
), sku AS (
    SELECT sku_id, min((received_at AT TIME ZONE :timezone::text)::date) AS first_on
      FROM stock.lots
     WHERE tenant_id = :tenant_id::bigint
     GROUP BY sku_id
)
SELECT lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4,
       lot.expires_on, lot.received_at, lot.available, lot.head, lot.shared,
       warehouse.priority AS warehouse_priority, lot.reserved, lot.state,
       coalesce(aside.units, 0)::bigint AS aside,
       :today::date - (lot.received_at AT TIME ZONE :timezone::text)::date AS age_days,
       :today::date - sku.first_on + 1 AS known_days
  FROM stock.lots AS lot
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant_id::bigint AND warehouse.id = lot.warehouse_id
  JOIN sku ON sku.sku_id = lot.sku_id
  LEFT JOIN aside ON aside.lot_id = lot.id
 WHERE lot.tenant_id = :tenant_id::bigint
   AND lot.currency = :currency::text
   AND lot.available + lot.reserved + coalesce(aside.units, 0) > 0
 ORDER BY lot.sku_id, lot.id
