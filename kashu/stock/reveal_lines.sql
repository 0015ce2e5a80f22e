-- Write down that the cards of some lines are seen, and return what is sealed in them.
-- Under hold() of their SKUs: nobody takes them back between this and the reader.
-- LATERAL … OFFSET 0 and ANY: a look-up for each row, even if planned while the tables were empty;
-- released_at is asked for outside, or a partial index would look as good as that of the line.
WITH shown AS MATERIALIZED (
    SELECT held.id, held.card_id, wanted.line_id, held.lot_id, held.first, lot.shared, lot.sku_id,
           card.state, card.sealed, card.key_version,
           row_number() OVER (ORDER BY wanted.line_id, held.id) AS number
      FROM unnest(:lines::uuid[]) AS wanted(line_id)
     CROSS JOIN LATERAL (
           SELECT id, card_id, lot_id, revealed_at IS NULL AS first, released_at
             FROM stock.allocations
            WHERE tenant_id = :tenant::bigint
              AND line_id = wanted.line_id
           OFFSET 0
     ) AS held
     CROSS JOIN LATERAL (
           SELECT sku_id, shared
             FROM stock.lots
            WHERE tenant_id = :tenant::bigint
              AND id = held.lot_id
              AND sku_id = ANY (:skus::uuid[])
           OFFSET 0
     ) AS lot
     CROSS JOIN LATERAL (
           SELECT state, sealed, key_version
             FROM stock.cards
            WHERE tenant_id = :tenant::bigint
              AND id = held.card_id
           OFFSET 0
     ) AS card
     WHERE held.released_at IS NULL
), told AS (  -- one that came since the ids were counted gets a random one
    INSERT INTO stock.reveals (tenant_id, id, card_id, actor, reason, recipient, line_id)
    SELECT :tenant::bigint, coalesce((:ids::uuid[])[number], gen_random_uuid()), card_id,
           :actor::text, :reason::text, :recipient::text, line_id
      FROM shown
), seen AS (
    UPDATE stock.allocations
       SET revealed_at = now()
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT id FROM shown WHERE first))
), marked AS (  -- a shared card's own state stays: its allocation tells who saw it
    UPDATE stock.cards
       SET state = 'revealed'
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT card_id FROM shown WHERE state = 'allocated' AND NOT shared))
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
