-- Invariant 1: a card belongs to one line at a time, a shared one to as many as it has uses; and
-- its state says the same as its allocations. Reads a snapshot; takes no lock.
WITH slot AS MATERIALIZED (
    SELECT card_id, use_number, count(*) AS lives, bool_or(revealed_at IS NOT NULL) AS seen
      FROM stock.allocations
     WHERE tenant_id = :tenant_id::bigint
       AND released_at IS NULL
     GROUP BY card_id, use_number
), held AS (
    SELECT card_id, sum(lives) AS lives, max(lives) AS in_a_slot, min(use_number) AS lowest,
           max(use_number) AS highest, bool_or(seen) AS seen
      FROM slot
     GROUP BY card_id
), card AS MATERIALIZED (
    SELECT card.id, card.state, card.max_uses, lot.shared, coalesce(held.lives, 0) AS lives,
           coalesce(held.in_a_slot, 0) AS in_a_slot, held.lowest, held.highest, held.seen
      FROM stock.cards AS card
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = card.lot_id
      LEFT JOIN held ON held.card_id = card.id
     WHERE card.tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'card_given_too_often' AS rule, id,
           format('%s live allocations, at most %s', lives, max_uses) AS says
      FROM card
     WHERE lives > max_uses
     UNION ALL
    SELECT 'card_use_given_twice', id, format('%s live allocations of one use', in_a_slot)
      FROM card
     WHERE in_a_slot > 1
     UNION ALL
    SELECT 'card_use_unknown', id, format('uses %s to %s, has %s', lowest, highest, max_uses)
      FROM card
     WHERE lowest < 1 OR highest > max_uses
     UNION ALL
    SELECT 'given_card_has_no_line', id, format('%s with %s live allocations', state, lives)
      FROM card
     WHERE NOT shared AND state IN ('allocated', 'revealed', 'redeemed') AND lives = 0
     UNION ALL
    SELECT 'kept_card_has_a_line', id, format('%s with %s live allocations', state, lives)
      FROM card
     WHERE NOT shared AND state NOT IN ('allocated', 'revealed', 'redeemed') AND lives > 0
     UNION ALL
    SELECT 'card_state_denies_its_reveal', id,
           format('%s, its allocation was %s', state, CASE WHEN seen THEN 'seen' ELSE 'not seen' END)
      FROM card
     WHERE NOT shared AND lives > 0 AND seen = (state = 'allocated')
       AND state IN ('allocated', 'revealed', 'redeemed')
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM card) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
