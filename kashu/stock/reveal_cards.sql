-- Write down that some cards are seen, and return what is sealed in them. A card in stock leaves it.
-- Under hold() of their SKUs: their states are the ones that were checked.
WITH shown AS MATERIALIZED (
    SELECT card.id AS card_id, card.lot_id, card.sku_id, card.state, card.sealed,
           card.key_version, lot.shared, held.id AS held_id, held.line_id,
           row_number() OVER (ORDER BY card.id) AS number
      FROM stock.cards AS card
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
      LEFT JOIN LATERAL (  -- a shared card's lines are many: none of them is told, or looked up
           SELECT id, line_id
             FROM stock.allocations
            WHERE tenant_id = :tenant::bigint
              AND card_id = card.id
              AND released_at IS NULL
              AND NOT lot.shared
           OFFSET 0
         ) AS held
        ON true
     WHERE card.tenant_id = :tenant::bigint
       AND card.id = ANY (:cards::uuid[])
), told AS (
    INSERT INTO stock.reveals (tenant_id, id, card_id, actor, reason, recipient, line_id)
    SELECT :tenant::bigint, (:reveal_ids::uuid[])[number], card_id, :actor::text, :reason::text,
           :recipient::text, line_id
      FROM shown
), changed AS (
    SELECT card_id, lot_id, state, held_id, number,
           CASE state WHEN 'allocated' THEN 'revealed' ELSE 'quarantined' END AS becomes
      FROM shown
     WHERE NOT shared
       AND state IN ('allocated', 'available')
), seen AS (
    UPDATE stock.allocations
       SET revealed_at = now()
      FROM changed
     WHERE allocations.tenant_id = :tenant::bigint
       AND allocations.id = changed.held_id
), marked AS (
    UPDATE stock.cards
       SET state = changed.becomes
      FROM changed
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = changed.card_id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, (:move_ids::uuid[])[number], card_id, :actor::text, :reason::text,
           state, becomes, lot_id, lot_id
      FROM changed
     WHERE state = 'available'
), counted AS (
    UPDATE stock.lots
       SET available = available - burnt, quarantined = quarantined + burnt,
           allocated = allocated - fresh, revealed = revealed + fresh
      FROM (SELECT lot_id, count(*) FILTER (WHERE state = 'available') AS burnt,
                   count(*) FILTER (WHERE state = 'allocated') AS fresh
              FROM changed GROUP BY lot_id) AS counts
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = counts.lot_id
)
SELECT card_id, line_id, sku_id, lot_id, sealed, key_version
  FROM shown
 ORDER BY number
