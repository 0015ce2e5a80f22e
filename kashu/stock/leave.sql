-- Take cards out of what can be given, and say what they cost and where that cost is.
-- Under hold() of their SKUs: nobody takes or reveals them meanwhile.
WITH named AS (
    SELECT id
      FROM stock.cards
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (:cards::uuid[])
     UNION
    SELECT id
      FROM stock.cards
     WHERE tenant_id = :tenant::bigint
       AND lot_id = ANY (:lots::uuid[])
), picked AS MATERIALIZED (
    SELECT card.id, card.lot_id, card.state, row_number() OVER (ORDER BY card.id) AS number,
           CASE WHEN lot.shared
                THEN (SELECT coalesce(sum(last_use - first_use + 1), 0)
                        FROM stock.free_uses
                       WHERE tenant_id = :tenant::bigint
                         AND card_id = card.id)
                ELSE 1
           END AS units,
           -- a card that was given back has its cost in after_sales_loss: see leave.py
           card.state = 'available' OR lot.shared OR EXISTS (
               SELECT FROM stock.moves AS entered
                WHERE entered.tenant_id = :tenant::bigint
                  AND entered.card_id = card.id
                  AND entered.to_state = 'quarantined'
                  AND entered.from_state = 'available'
           ) AS in_inventory
      FROM named
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant::bigint AND card.id = named.id
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
     WHERE card.sku_id = ANY (:skus::uuid[])
       AND card.state = ANY (:from_states::text[])
), marked AS (
    UPDATE stock.cards
       SET state = :to_state::text
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, coalesce((:ids::uuid[])[number], gen_random_uuid()), id,
           :actor::text, :reason::text, state, :to_state::text, lot_id, lot_id
      FROM picked
), counted AS (
    UPDATE stock.lots
       SET available = available - went.from_available,
           quarantined = quarantined - went.from_quarantined
               + CASE WHEN :to_state::text = 'quarantined' THEN went.units ELSE 0 END,
           void = void + CASE WHEN :to_state::text = 'void' THEN went.units ELSE 0 END,
           returned = returned + CASE WHEN :to_state::text = 'returned' THEN went.units ELSE 0 END
      FROM (SELECT lot_id, sum(units) AS units,
                   coalesce(sum(units) FILTER (WHERE state = 'available'), 0) AS from_available,
                   coalesce(sum(units) FILTER (WHERE state = 'quarantined'), 0)
                       AS from_quarantined
              FROM picked GROUP BY lot_id) AS went
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = went.lot_id
)
SELECT lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4,
       lot.currency, lot.expires_on, picked.in_inventory, count(*) AS cards,
       sum(picked.units)::bigint AS units
  FROM picked
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = picked.lot_id
 GROUP BY lot.tenant_id, lot.id, picked.in_inventory
 ORDER BY lot.id, picked.in_inventory
