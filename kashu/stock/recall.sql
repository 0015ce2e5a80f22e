-- Who holds cards of a lot, in order of card and use, from behind a place on. Takes no lock.
SELECT held.id, held.line_id, card.lot_id, card.id AS card_id, held.allocated_at, held.revealed_at
  FROM stock.cards AS card
 CROSS JOIN LATERAL (  -- along the index that lets no use be given twice: a page of many is short
       SELECT id, line_id, use_number, allocated_at, revealed_at
         FROM stock.allocations
        WHERE tenant_id = :tenant::bigint
          AND card_id = card.id
          AND released_at IS NULL
          AND (card.id <> :card::uuid OR use_number > :use::integer)
        ORDER BY use_number
        LIMIT :count::bigint
     ) AS held
 WHERE card.tenant_id = :tenant::bigint
   AND card.lot_id = :lot::uuid
   AND card.position >= :position::bigint
   AND (card.position > :position::bigint OR card.id >= :card::uuid)
   AND (:shared::boolean OR card.state IN ('allocated', 'revealed', 'redeemed'))
 ORDER BY card.position, card.id, held.use_number
 LIMIT :count::bigint
