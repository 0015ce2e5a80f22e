-- What something happened to since a moment: cards, lines and lots, and the days it was posted on.
-- Everything is found by time, or by ids that rise with it. Reads a snapshot; takes no lock.
-- Left out are cards that serve so many that counting their uses costs as much as everything.
WITH given AS MATERIALIZED (
    SELECT card_id, line_id, lot_id
      FROM stock.allocations
     WHERE tenant_id = :tenant_id::bigint
       AND id >= :first_id::uuid
), seen AS MATERIALIZED (
    SELECT card_id, line_id
      FROM stock.reveals
     WHERE tenant_id = :tenant_id::bigint
       AND id >= :first_id::uuid
), moved AS MATERIALIZED (
    SELECT card_id, from_lot_id, to_lot_id
      FROM stock.moves
     WHERE tenant_id = :tenant_id::bigint
       AND id >= :first_id::uuid
), posted AS MATERIALIZED (
    SELECT subject_id, posted_on, store_id
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND posted_at >= :since::timestamptz
), card AS MATERIALIZED (
    SELECT card.id, card.lot_id, card.max_uses
      FROM (
               SELECT card_id FROM given
                UNION
               SELECT card_id FROM seen
                UNION
               SELECT card_id FROM moved
           ) AS any_of
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.id = any_of.card_id
), line AS (
    SELECT line_id FROM given
     UNION
    SELECT line_id FROM seen WHERE line_id IS NOT NULL
     UNION
    SELECT id FROM orders.lines WHERE tenant_id = :tenant_id::bigint AND id >= :first_id::uuid
     UNION
    SELECT line.id
      FROM orders.refunds AS refund
      JOIN orders.lines AS line
        ON line.tenant_id = :tenant_id::bigint AND line.order_id = refund.order_id
     WHERE refund.tenant_id = :tenant_id::bigint
       AND refund.id >= :first_id::uuid
     UNION
    SELECT subject_id FROM posted WHERE store_id IS NOT NULL  -- else it is about a lot
), lot AS (
    SELECT lot_id FROM card
     UNION
    SELECT lot_id FROM given
     UNION
    SELECT from_lot_id FROM moved
     UNION
    SELECT id FROM stock.lots WHERE tenant_id = :tenant_id::bigint AND id >= :first_id::uuid
     UNION
    SELECT lot.id
      FROM stock.lots AS lot
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.id IN (SELECT subject_id FROM posted)
)
SELECT ARRAY(SELECT id FROM card WHERE max_uses <= :uses_max::integer)::text AS cards,
       ARRAY(SELECT line_id FROM line)::text AS lines,
       ARRAY(SELECT lot_id FROM lot)::text AS lots,
       ARRAY(SELECT DISTINCT posted_on FROM posted)::text AS days,
       ((SELECT min(posted_on) FROM posted) - 1)::timestamptz AS days_begin_at
