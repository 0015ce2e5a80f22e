-- Invariant 3: a line's units and money add up, and its state says the same.
-- Reads a snapshot; takes no lock.
-- `lines`: only these, to which something happened lately; NULL: all.
WITH suspect AS MATERIALIZED (
    SELECT id, quantity, delivered_count, waiting_count, refused_count, refunded_count, price_e4,
           unearned_e4, earned_e4, refunded_e4, state
      FROM orders.lines
     WHERE tenant_id = :tenant_id::bigint
       AND (:lines::uuid[] IS NULL OR id = ANY (:lines::uuid[]))
       AND (
               delivered_count + waiting_count + refused_count + refunded_count <> quantity
            OR least(delivered_count, waiting_count, refused_count, refunded_count) < 0
            OR unearned_e4 + earned_e4 + refunded_e4 <> price_e4
            OR least(unearned_e4, earned_e4, refunded_e4) < 0
            OR (state = 'filled') <> (waiting_count = 0)
           )
), broken AS (
    SELECT 'line_units_do_not_add_up' AS rule, id,
           format('%s delivered + %s waiting + %s refused + %s refunded of %s', delivered_count,
                  waiting_count, refused_count, refunded_count, quantity) AS says
      FROM suspect
     WHERE delivered_count + waiting_count + refused_count + refunded_count <> quantity
        OR least(delivered_count, waiting_count, refused_count, refunded_count) < 0
     UNION ALL
    SELECT 'line_money_does_not_add_up', id,
           format('%s unearned + %s earned + %s refunded of %s', unearned_e4, earned_e4,
                  refunded_e4, price_e4)
      FROM suspect
     WHERE unearned_e4 + earned_e4 + refunded_e4 <> price_e4
        OR least(unearned_e4, earned_e4, refunded_e4) < 0
     UNION ALL
    SELECT 'line_state_denies_its_units', id, format('%s with %s waiting', state, waiting_count)
      FROM suspect
     WHERE (state = 'filled') <> (waiting_count = 0)
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT CASE WHEN :lines::uuid[] IS NULL
            THEN (SELECT count(*) FROM orders.lines WHERE tenant_id = :tenant_id::bigint)
            ELSE cardinality(:lines::uuid[])
        END AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
