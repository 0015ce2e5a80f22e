-- What is sealed in the cards that lines were given and were seen with the same statement.
-- Takes no lock: under hold() of their SKUs, since allocate().
-- LATERAL … OFFSET 0: a look-up for each row, even if planned while the tables were empty; what is
-- asked of the row is asked outside, or a partial index would look as good as that of the line.
SELECT held.card_id, wanted.line_id, card.sku_id, held.lot_id, card.sealed, card.key_version
  FROM unnest(:lines::uuid[]) AS wanted(line_id)
 CROSS JOIN LATERAL (
       SELECT id, card_id, lot_id, revealed_at, released_at
         FROM stock.allocations
        WHERE tenant_id = :tenant::bigint
          AND line_id = wanted.line_id
       OFFSET 0
 ) AS held
 CROSS JOIN LATERAL (
       SELECT sku_id, sealed, key_version
         FROM stock.cards
        WHERE tenant_id = :tenant::bigint
          AND id = held.card_id
       OFFSET 0
 ) AS card
 WHERE held.revealed_at IS NOT NULL
   AND held.released_at IS NULL
 ORDER BY wanted.line_id, held.id
