-- Invariant 1: a card belongs to one line at a time, a shared one to as many as it has uses; and
-- its state says the same as its allocations. Reads a snapshot; takes no lock.
-- `cards`: only these, which were given, seen or moved lately; NULL: all.
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
       AND (:cards::uuid[] IS NULL OR card.id = ANY (:cards::uuid[]))
     UNION ALL
    SELECT allocation.card_id, -1, CASE WHEN allocation.revealed_at IS NULL THEN 0 ELSE -1 END
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id AND NOT lot.shared
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
       AND (:cards::uuid[] IS NULL OR allocation.card_id = ANY (:cards::uuid[]))
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
       AND (:cards::uuid[] IS NULL OR allocation.card_id = ANY (:cards::uuid[]))
     GROUP BY allocation.card_id, allocation.use_number, card.max_uses
), piece AS (  -- each use of a shared card is in one: free in a run, or taken for good or for now
    SELECT card_id, first_use, last_use, 0 AS taken
      FROM stock.free_uses
     WHERE tenant_id = :tenant_id::bigint
       AND (:cards::uuid[] IS NULL OR card_id = ANY (:cards::uuid[]))
     UNION ALL
    SELECT card.id, allocation.use_number, allocation.use_number, 1
      FROM stock.lots AS lot
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.lot_id = lot.id
      JOIN stock.allocations AS allocation
        ON allocation.tenant_id = :tenant_id::bigint AND allocation.card_id = card.id
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.shared
       AND (allocation.released_at IS NULL OR allocation.revealed_at IS NOT NULL)
       AND (:cards::uuid[] IS NULL OR card.id = ANY (:cards::uuid[]))
), beside AS (
    SELECT card_id, last_use - first_use + 1 AS uses, taken,
           lag(last_use) OVER same >= first_use AND lag(taken) OVER same + taken < 2 AS is_double
      FROM piece
    WINDOW same AS (PARTITION BY card_id ORDER BY last_use, taken)
), pieces AS MATERIALIZED (
    SELECT card_id, sum(uses) FILTER (WHERE taken = 0) AS free, sum(taken) AS taken,
           count(*) FILTER (WHERE is_double) AS double
      FROM beside
     GROUP BY card_id
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
       AND (:cards::uuid[] IS NULL OR allocation.card_id = ANY (:cards::uuid[]))
     UNION ALL
    SELECT 'free_uses_are_not_what_is_left', card.id,
           format('%s free and %s taken of %s, %s of them both', coalesce(pieces.free, 0),
                  coalesce(pieces.taken, 0), card.max_uses, coalesce(pieces.double, 0))
      FROM stock.lots AS lot
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.lot_id = lot.id
      LEFT JOIN pieces ON pieces.card_id = card.id
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.shared
       AND (:cards::uuid[] IS NULL OR card.id = ANY (:cards::uuid[]))
       AND (coalesce(pieces.free, 0) + coalesce(pieces.taken, 0) <> card.max_uses
            OR pieces.double > 0)
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
SELECT CASE WHEN :cards::uuid[] IS NULL
            THEN (SELECT count(*) FROM stock.cards WHERE tenant_id = :tenant_id::bigint)
            ELSE cardinality(:cards::uuid[])
        END AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id, capped.says
