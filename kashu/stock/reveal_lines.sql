-- Write down that the cards of some lines are seen, and return what is sealed in them.
-- Under hold() of their SKUs: nobody takes them back between this and the reader.
WITH shown AS MATERIALIZED (
    SELECT held.id, held.card_id, held.line_id, held.lot_id, held.revealed_at IS NULL AS first,
           lot.shared, lot.sku_id, card.state, card.sealed, card.key_version,
           row_number() OVER (ORDER BY held.line_id, held.id) AS number
      FROM stock.allocations AS held
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint AND lot.id = held.lot_id
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant::bigint AND card.id = held.card_id
     WHERE held.tenant_id = :tenant::bigint
       AND held.line_id = ANY (:lines::uuid[])
       AND held.released_at IS NULL
       AND lot.sku_id = ANY (:skus::uuid[])
), told AS (  -- one that came since the ids were counted gets a random one
    INSERT INTO stock.reveals (tenant_id, id, card_id, actor, reason, recipient, line_id)
    SELECT :tenant::bigint, coalesce((:ids::uuid[])[number], gen_random_uuid()), card_id,
           :actor::text, :reason::text, :recipient::text, line_id
      FROM shown
), seen AS (
    UPDATE stock.allocations
       SET revealed_at = now()
      FROM shown
     WHERE allocations.tenant_id = :tenant::bigint
       AND allocations.id = shown.id
       AND shown.first
), marked AS (  -- a shared card's own state stays: its allocation tells who saw it
    UPDATE stock.cards
       SET state = 'revealed'
      FROM shown
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = shown.card_id
       AND shown.state = 'allocated'
       AND NOT shown.shared
), counted AS (
    UPDATE stock.lots
       SET allocated = allocated - fresh.count, revealed = revealed + fresh.count
      FROM (SELECT lot_id, count(*) AS count FROM shown WHERE first GROUP BY lot_id) AS fresh
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = fresh.lot_id
)
SELECT card_id, line_id, sku_id, lot_id, sealed, key_version
  FROM shown
 ORDER BY number
