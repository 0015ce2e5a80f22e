-- Move available cards of a lot to a new lot in another warehouse, which has all else of the old.
-- Under hold() of the lot's SKU: nobody takes them meanwhile.
WITH origin AS (
    SELECT *
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND id = :lot::uuid
), picked AS MATERIALIZED (
    SELECT id, position, row_number() OVER (ORDER BY position, id) AS number
      FROM (
               SELECT card.id, card.position
                 FROM stock.cards AS card
                 JOIN origin
                   ON card.position >= origin.head
                WHERE card.tenant_id = :tenant::bigint
                  AND card.lot_id = :lot::uuid
                  AND card.state = 'available'
                  AND (:cards::uuid[] IS NULL OR card.id = ANY (:cards::uuid[]))
                ORDER BY card.position, card.id
                LIMIT :count::bigint
           ) AS next
), made AS (
    INSERT INTO stock.lots (tenant_id, id, sku_id, warehouse_id, supplier_id, import_id,
                            origin_lot_id, unit_cost_e4, currency, expires_on, received_at, state,
                            frozen_reason, available)
    SELECT :tenant::bigint, :new_lot::uuid, sku_id, :warehouse::uuid, supplier_id, import_id, id,
           unit_cost_e4, currency, expires_on, received_at, state, frozen_reason,
           (SELECT count(*) FROM picked)
      FROM origin
), marked AS (
    UPDATE stock.cards
       SET lot_id = :new_lot::uuid, position = picked.number
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, (:ids::uuid[])[number], id, :actor::text, :reason::text, 'available',
           'available', :lot::uuid, :new_lot::uuid
      FROM picked
), counted AS (  -- chosen cards leave gaps behind the head; the next ones move it
    UPDATE stock.lots
       SET available = available - went.count,
           head = CASE WHEN :cards::uuid[] IS NULL THEN went.last + 1 ELSE head END
      FROM (SELECT count(*) AS count, max(position) AS last FROM picked) AS went
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = :lot::uuid
       AND went.count > 0
)
SELECT count(*) AS count
  FROM picked
