-- Invariant 5: a lot's counters are a count of its cards, of a shared lot of its cards' uses; and
-- no card waits before the head, where nobody would look for it. Reads a snapshot; takes no lock.
-- `lots`: only these, whose cards went or came lately, the small ones first, as far as they have at
-- most `most` units together; the others wait for the proof of everything. NULL: all.
WITH chosen AS MATERIALIZED (
    SELECT id, shared
      FROM (
               SELECT id, shared, sum(units) OVER (ORDER BY units, id) AS so_far
                 FROM (
                          SELECT id, shared, available::bigint + reserved + allocated + revealed
                                     + redeemed + quarantined + void + returned AS units
                            FROM stock.lots
                           WHERE tenant_id = :tenant_id::bigint
                             AND (:lots::uuid[] IS NULL OR id = ANY (:lots::uuid[]))
                      ) AS each
           ) AS ordered
     WHERE :lots::uuid[] IS NULL OR so_far <= :most::bigint
), of_shared AS (  -- a use that somebody saw and gave back is burnt: nobody else can have it
    SELECT card.id, card.lot_id, card.state, card.position, card.max_uses,
           count(held.id) FILTER (WHERE held.released_at IS NULL AND held.revealed_at IS NULL)
               AS unseen,
           count(held.id) FILTER (WHERE held.released_at IS NULL AND held.revealed_at IS NOT NULL)
               AS seen,
           count(held.id) FILTER (WHERE held.released_at IS NOT NULL) AS burnt
      FROM chosen AS lot
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.lot_id = lot.id
      LEFT JOIN stock.allocations AS held
        ON held.tenant_id = :tenant_id::bigint AND held.card_id = card.id
       AND (held.released_at IS NULL OR held.revealed_at IS NOT NULL)
     WHERE lot.shared
     GROUP BY card.id, card.lot_id, card.state, card.position, card.max_uses
), free AS (
    SELECT lot_id, state, position, unseen, seen, burnt, max_uses - unseen - seen - burnt AS uses
      FROM of_shared
), counted AS (
    SELECT card.lot_id, max(card.max_uses) AS most_uses,
           min(card.position) FILTER (WHERE card.state = 'available') AS first_position,
           0 AS spent_cards,
           ARRAY[count(*) FILTER (WHERE card.state = 'available'),
                 count(*) FILTER (WHERE card.state = 'reserved'),
                 count(*) FILTER (WHERE card.state = 'allocated'),
                 count(*) FILTER (WHERE card.state = 'revealed'),
                 count(*) FILTER (WHERE card.state = 'redeemed'),
                 count(*) FILTER (WHERE card.state = 'quarantined'),
                 count(*) FILTER (WHERE card.state = 'void'),
                 count(*) FILTER (WHERE card.state = 'returned')]::bigint[] AS found
      FROM stock.cards AS card
      JOIN chosen AS lot
        ON lot.id = card.lot_id AND NOT lot.shared
     WHERE card.tenant_id = :tenant_id::bigint
     GROUP BY card.lot_id
     UNION ALL
    SELECT lot_id, 1, min(position) FILTER (WHERE state = 'available'),
           count(*) FILTER (WHERE state = 'available' AND uses <= 0),
           ARRAY[coalesce(sum(uses) FILTER (WHERE state IN ('available', 'allocated')), 0),
                 0,
                 sum(unseen),
                 sum(seen),
                 0,
                 sum(burnt) + coalesce(sum(uses) FILTER (WHERE state = 'quarantined'), 0),
                 coalesce(sum(uses) FILTER (WHERE state = 'void'), 0),
                 coalesce(sum(uses) FILTER (WHERE state = 'returned'), 0)]::bigint[]
      FROM free
     GROUP BY lot_id
), lot AS MATERIALIZED (
    SELECT lot.id, lot.head, counted.first_position, counted.most_uses, counted.spent_cards,
           ARRAY[lot.available, lot.reserved, lot.allocated, lot.revealed, lot.redeemed,
                 lot.quarantined, lot.void, lot.returned]::bigint[] AS kept,
           coalesce(counted.found, '{0,0,0,0,0,0,0,0}') AS found
      FROM stock.lots AS lot
      JOIN chosen ON chosen.id = lot.id
      LEFT JOIN counted ON counted.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'lot_counts_what_is_not_there' AS rule, id,
           format('keeps %s, has %s (available, reserved, allocated, revealed, redeemed,'
                  ' quarantined, void, returned)', kept, found) AS says
      FROM lot
     WHERE kept <> found
     UNION ALL
    SELECT 'card_waits_before_its_lots_head', id,
           format('head %s, first available card %s', head, first_position)
      FROM lot
     WHERE first_position < head
     UNION ALL
    SELECT 'card_of_many_uses_is_not_shared', id, format('a card of it has %s uses', most_uses)
      FROM lot
     WHERE most_uses > 1
     UNION ALL
    SELECT 'shared_card_offers_no_use', id, format('%s of its cards', spent_cards)
      FROM lot
     WHERE spent_cards > 0
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM lot) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
