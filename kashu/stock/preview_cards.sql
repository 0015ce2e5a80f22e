-- The next units of some lots, masked, as allocate_take.sql and allocate_take_uses.sql walk them.
-- Takes no lock. A run of free uses has one at least: no more runs or cards are needed than units.
SELECT wanted.lot_id, next.number, next.card_id, next.tail
  FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[]) AS wanted(lot_id, count, head)
 CROSS JOIN LATERAL (
       SELECT row_number() OVER (ORDER BY card.position, free.last_use, slot.use_number)
                  AS number,
              card.id AS card_id, card.tail
         FROM (
                  SELECT card.id, card.position, card.tail, lot.shared
                    FROM stock.lots AS lot
                    JOIN stock.cards AS card
                      ON card.tenant_id = :tenant::bigint AND card.lot_id = lot.id
                   WHERE lot.tenant_id = :tenant::bigint
                     AND lot.id = wanted.lot_id
                     AND card.position >= wanted.head
                     AND card.state = 'available'
                   ORDER BY card.position
                   LIMIT wanted.count
              ) AS card
        CROSS JOIN LATERAL (
              SELECT 1 AS first_use, 1 AS last_use
               WHERE NOT card.shared
               UNION ALL
             (SELECT first_use, last_use
                FROM stock.free_uses
               WHERE tenant_id = :tenant::bigint
                 AND card_id = card.id
                 AND card.shared
               ORDER BY last_use
               LIMIT wanted.count)
              ) AS free
        CROSS JOIN LATERAL generate_series(
                  free.first_use, least(free.last_use, free.first_use + wanted.count - 1)
              ) AS slot(use_number)
        ORDER BY card.position, free.last_use, slot.use_number
        LIMIT wanted.count
     ) AS next
