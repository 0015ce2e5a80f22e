-- Invariant 5: a lot's counters are a count of its cards, of a shared lot of its cards' uses; and
-- no card waits before the head, where nobody would look for it. Reads a snapshot; takes no lock.
WITH taken AS (
    SELECT allocation.card_id, allocation.use_number,
           bool_or(allocation.released_at IS NULL) AS live,
           bool_or(allocation.released_at IS NULL AND allocation.revealed_at IS NOT NULL) AS seen
      FROM stock.allocations AS allocation
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.id = allocation.card_id
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = card.lot_id AND lot.shared
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND (allocation.released_at IS NULL OR allocation.revealed_at IS NOT NULL)
     GROUP BY allocation.card_id, allocation.use_number
), used AS (
    SELECT card_id, count(*) AS uses, count(*) FILTER (WHERE live AND NOT seen) AS unseen,
           count(*) FILTER (WHERE live AND seen) AS seen
      FROM taken
     GROUP BY card_id
), counted AS (
    SELECT card.lot_id, count(*) AS cards, sum(card.max_uses) AS uses,
           max(card.max_uses) AS most_uses,
           count(*) FILTER (WHERE card.state = 'available') AS available,
           count(*) FILTER (WHERE card.state = 'reserved') AS reserved,
           count(*) FILTER (WHERE card.state = 'allocated') AS allocated,
           count(*) FILTER (WHERE card.state = 'revealed') AS revealed,
           count(*) FILTER (WHERE card.state = 'redeemed') AS redeemed,
           count(*) FILTER (WHERE card.state = 'quarantined') AS quarantined,
           count(*) FILTER (WHERE card.state = 'void') AS void,
           count(*) FILTER (WHERE card.state = 'returned') AS returned,
           min(card.position) FILTER (WHERE card.state = 'available') AS first_position,
           coalesce(sum(card.max_uses - coalesce(used.uses, 0))
                    FILTER (WHERE card.state = 'available'), 0) AS free_uses,
           coalesce(sum(used.unseen), 0) AS unseen_uses, coalesce(sum(used.seen), 0) AS seen_uses,
           count(*) FILTER (WHERE card.state = 'available' AND used.uses >= card.max_uses)
               AS spent_cards
      FROM stock.cards AS card
      LEFT JOIN used ON used.card_id = card.id
     WHERE card.tenant_id = :tenant_id::bigint
     GROUP BY card.lot_id
), lot AS MATERIALIZED (
    SELECT lot.id, lot.shared, lot.head, counted.first_position, counted.most_uses,
           coalesce(counted.spent_cards, 0) AS spent_cards,
           ARRAY[lot.available, lot.reserved, lot.allocated, lot.revealed, lot.redeemed,
                 lot.quarantined, lot.void, lot.returned]::bigint[] AS kept,
           ARRAY[counted.available, counted.reserved, counted.allocated, counted.revealed,
                 counted.redeemed, counted.quarantined, counted.void, counted.returned]::bigint[]
               AS found,
           ARRAY[lot.available, lot.allocated, lot.revealed + lot.redeemed,
                 lot.available + lot.reserved + lot.allocated + lot.revealed + lot.redeemed
                     + lot.quarantined + lot.void + lot.returned]::bigint[] AS kept_uses,
           ARRAY[counted.free_uses, counted.unseen_uses, counted.seen_uses,
                 counted.uses]::bigint[] AS found_uses
      FROM stock.lots AS lot
      LEFT JOIN counted ON counted.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'lot_counts_what_is_not_there' AS rule, id,
           format('keeps %s, has %s (available, reserved, allocated, revealed, redeemed,'
                  ' quarantined, void, returned)', kept,
                  coalesce(found, '{0,0,0,0,0,0,0,0}')) AS says
      FROM lot
     WHERE NOT shared AND kept <> coalesce(found, '{0,0,0,0,0,0,0,0}')
     UNION ALL
    SELECT 'lot_counts_what_is_not_there', id,
           format('keeps %s, has %s uses (free, given, seen, all)', kept_uses,
                  coalesce(found_uses, '{0,0,0,0}'))
      FROM lot
     WHERE shared AND kept_uses <> coalesce(found_uses, '{0,0,0,0}')
     UNION ALL
    SELECT 'card_waits_before_its_lots_head', id,
           format('head %s, first available card %s', head, first_position)
      FROM lot
     WHERE first_position < head
     UNION ALL
    SELECT 'card_of_many_uses_is_not_shared', id, format('a card of it has %s uses', most_uses)
      FROM lot
     WHERE NOT shared AND most_uses > 1
     UNION ALL
    SELECT 'shared_card_offers_no_use', id, format('%s of its cards', spent_cards)
      FROM lot
     WHERE shared AND spent_cards > 0
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM lot) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
