-- Give what a reservation keeps back to stock, in front of its lots.
-- Under hold() of its SKU: nobody takes what is kept, or moves heads meanwhile.
WITH picked AS MATERIALIZED (
    SELECT card.id, card.lot_id, card.sku_id,
           row_number() OVER (PARTITION BY card.lot_id ORDER BY card.position, card.id)
               - count(*) OVER (PARTITION BY card.lot_id) - 1 + lot.head AS position,
           row_number() OVER (ORDER BY card.id) AS number
      FROM stock.cards AS card
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
     WHERE card.tenant_id = :tenant::bigint
       AND card.reservation_id = :reservation::uuid
), marked AS (
    UPDATE stock.cards
       SET state = 'available', reservation_id = NULL, position = picked.position
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, (:ids::uuid[])[number], id, :actor::text, :reason::text, 'reserved',
           'available', lot_id, lot_id
      FROM picked
), counted AS (
    UPDATE stock.lots
       SET reserved = reserved - back.count, available = available + back.count,
           head = head - back.count
      FROM (SELECT lot_id, count(*) AS count FROM picked GROUP BY lot_id) AS back
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = back.lot_id
)
SELECT lot_id, count(*) AS count
  FROM picked
 GROUP BY lot_id
