-- Compare a counted list of one SKU with what a warehouse should hold of it. Takes no lock.
-- Each counted card is matched, elsewhere, not_available or unknown; what wasn't counted is missing.
WITH counted AS (
    SELECT blind_index, row_number, tail
      FROM unnest(:blinds::bytea[], :rows::integer[], :tails::text[])
           AS c(blind_index, row_number, tail)
), found AS (
    SELECT counted.row_number, counted.tail AS counted_tail, card.id, card.tail, card.state,
           card.lot_id, lot.warehouse_id,
           card.state IN ('available', 'reserved') OR (lot.shared AND card.state = 'allocated')
               AS held
      FROM counted
      LEFT JOIN stock.cards AS card
        ON card.tenant_id = :tenant::bigint
       AND card.sku_id = :sku::uuid
       AND card.blind_index = counted.blind_index
      LEFT JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
)
SELECT CASE WHEN id IS NULL THEN 'unknown'
            WHEN NOT held THEN 'not_available'
            WHEN warehouse_id <> :warehouse::uuid THEN 'elsewhere'
            ELSE 'matched'
       END AS kind,
       id AS card_id, coalesce(tail, counted_tail) AS tail, state, lot_id, warehouse_id,
       row_number AS row
  FROM found
 UNION ALL
SELECT 'missing', card.id, card.tail, card.state, card.lot_id, lot.warehouse_id, NULL
  FROM stock.lots AS lot
  JOIN stock.cards AS card
    ON card.tenant_id = :tenant::bigint AND card.lot_id = lot.id
 WHERE lot.tenant_id = :tenant::bigint
   AND lot.sku_id = :sku::uuid
   AND lot.warehouse_id = :warehouse::uuid
   AND card.state IN ('available', 'reserved')
   AND NOT EXISTS (SELECT FROM found WHERE found.id = card.id)
