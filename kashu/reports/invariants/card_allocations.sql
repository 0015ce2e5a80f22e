-- Invariant 1: a card belongs to one line at a time, a shared one to as many as it has uses; and
-- its state says the same as its allocations. Reads a snapshot; takes no lock.
-- What states and allocations say is summed up with opposite signs, and must come to zero for each
-- card: no join of millions with millions.
WITH said AS (
    SELECT card.id AS card_id,
           CASE WHEN card.state IN ('allocated', 'revealed', 'redeemed') THEN 1 ELSE 0 END AS given,
           CASE WHEN card.state IN ('revealed', 'redeemed') THEN 1 ELSE 0 END AS seen
      FROM stock.cards AS card
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = card.lot_id AND NOT lot.shared
     WHERE card.tenant_id = :tenant_id::bigint
     UNION ALL
    SELECT allocation.card_id, -1, CASE WHEN allocation.revealed_at IS NULL THEN 0 ELSE -1 END
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id AND NOT lot.shared
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
), suspect AS MATERIALIZED (
    SELECT card_id, sum(given) AS given, sum(seen) AS seen
      FROM said
     GROUP BY card_id
    HAVING sum(given) <> 0 OR sum(seen) <> 0
), single AS MATERIALIZED (
    SELECT card.id, card.state, suspect.given, suspect.seen,
           CASE WHEN card.state IN ('allocated', 'revealed', 'redeemed') THEN 1 ELSE 0 END
               - suspect.given AS lives
      FROM suspect
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.id = suspect.card_id
), shared AS MATERIALIZED (
    SELECT allocation.card_id AS id, allocation.use_number, card.max_uses, count(*) AS lives
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id AND lot.shared
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.id = allocation.card_id
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
     GROUP BY allocation.card_id, allocation.use_number, card.max_uses
), broken AS (
    SELECT 'card_given_too_often' AS rule, id, format('%s live allocations, at most 1', lives)
               AS says
      FROM single
     WHERE lives > 1
     UNION ALL
    SELECT 'card_given_too_often', id,
           format('%s live allocations, at most %s', sum(lives), max_uses)
      FROM shared
     GROUP BY id, max_uses
    HAVING sum(lives) > max_uses
     UNION ALL
    SELECT 'card_use_given_twice', id, format('use %s has %s live allocations', use_number, lives)
      FROM shared
     WHERE lives > 1
     UNION ALL
    SELECT 'card_use_unknown', id, format('use %s, has %s', use_number, max_uses)
      FROM shared
     WHERE use_number NOT BETWEEN 1 AND max_uses
     UNION ALL
    SELECT 'card_use_unknown', allocation.card_id, format('use %s, has 1', allocation.use_number)
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id AND NOT lot.shared
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
       AND allocation.use_number <> 1
     UNION ALL
    SELECT 'given_card_has_no_line', id, state
      FROM single
     WHERE given = 1
     UNION ALL
    SELECT 'kept_card_has_a_line', id, format('%s with %s live allocations', state, lives)
      FROM single
     WHERE lives > 0
       AND state NOT IN ('allocated', 'revealed', 'redeemed')
     UNION ALL
    SELECT 'card_state_denies_its_reveal', id,
           format('%s, its allocation was %s', state, CASE WHEN seen < 0 THEN 'seen' ELSE 'not seen' END)
      FROM single
     WHERE given = 0
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id, says) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM stock.cards WHERE tenant_id = :tenant_id::bigint) AS checked,
       capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id, capped.says
