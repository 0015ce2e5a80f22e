-- Invariant 2: states are known, and a card is reserved for a reservation that stands.
-- Reads a snapshot; takes no lock.
-- `cards`: the states only of these, which were given, seen or moved lately; NULL: of all. What is
-- reserved is looked at each time: it is little, and an index finds it.
WITH reserved AS MATERIALIZED (
    SELECT card.id, card.sku_id, card.reservation_id, promise.state AS promise_state,
           promise.sku_id AS promise_sku_id, promise.quantity
      FROM stock.cards AS card
      LEFT JOIN stock.reservations AS promise
        ON promise.tenant_id = :tenant_id::bigint AND promise.id = card.reservation_id
     WHERE card.tenant_id = :tenant_id::bigint
       AND (card.reservation_id IS NOT NULL
            OR :cards::uuid[] IS NULL AND card.state = 'reserved')
), broken AS (
    SELECT 'card_state_unknown' AS rule, id, state AS says
      FROM stock.cards
     WHERE tenant_id = :tenant_id::bigint
       AND state NOT IN ('available', 'reserved', 'allocated', 'revealed', 'redeemed',
                         'quarantined', 'void', 'returned')
       AND (:cards::uuid[] IS NULL OR id = ANY (:cards::uuid[]))
     UNION ALL
    SELECT 'reserved_card_has_no_reservation', id,
           format('reservation %s is %s', reservation_id, coalesce(promise_state, 'missing'))
      FROM reserved
     WHERE promise_state IS DISTINCT FROM 'held'
     UNION ALL
    SELECT 'reserved_card_is_of_another_sku', id,
           format('reservation %s is for %s', reservation_id, promise_sku_id)
      FROM reserved
     WHERE promise_sku_id <> sku_id
     UNION ALL
    SELECT 'reservation_keeps_too_many', reservation_id,
           format('keeps %s cards for %s', count(*), quantity)
      FROM reserved
     GROUP BY reservation_id, quantity
    HAVING count(*) > quantity
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT CASE WHEN :cards::uuid[] IS NULL
            THEN (SELECT count(*) FROM stock.cards WHERE tenant_id = :tenant_id::bigint)
            ELSE cardinality(:cards::uuid[])
        END AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
