-- The next units of some lots, masked, as allocate_take.sql and allocate_take_uses.sql walk them.
-- Takes no lock.
SELECT wanted.lot_id, next.number, next.card_id, next.tail
  FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[]) AS wanted(lot_id, count, head)
 CROSS JOIN LATERAL (
       SELECT row_number() OVER (ORDER BY card.position, slot.use_number) AS number,
              card.id AS card_id, card.tail
         FROM stock.cards AS card
        CROSS JOIN LATERAL generate_series(1, card.max_uses) AS slot(use_number)
        WHERE card.tenant_id = :tenant::bigint
          AND card.lot_id = wanted.lot_id
          AND card.position >= wanted.head
          AND card.state = 'available'
          AND (card.max_uses = 1 OR NOT EXISTS (
                SELECT FROM stock.allocations AS taken
                 WHERE taken.tenant_id = :tenant::bigint
                   AND taken.card_id = card.id
                   AND taken.use_number = slot.use_number
                   AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL)
              ))
        ORDER BY card.position, slot.use_number
        LIMIT wanted.count
     ) AS next
