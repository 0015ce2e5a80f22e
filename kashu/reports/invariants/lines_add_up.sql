-- Invariant 3: a line's units and money add up, and it was delivered what is allocated to it.
-- Reads a snapshot; takes no lock.
WITH held AS MATERIALIZED (
    SELECT line_id, count(*) AS lives
      FROM stock.allocations
     WHERE tenant_id = :tenant_id::bigint
       AND released_at IS NULL
     GROUP BY line_id
), line AS MATERIALIZED (
    SELECT line.id, line.quantity, line.delivered_count, line.waiting_count, line.refused_count,
           line.refunded_count, line.price_e4, line.unearned_e4, line.earned_e4, line.refunded_e4,
           line.state, coalesce(held.lives, 0) AS lives,
           sku.fulfilment IN ('card', 'link', 'shared') AS from_stock
      FROM orders.lines AS line
      JOIN catalog.skus AS sku
        ON sku.tenant_id = :tenant_id::bigint AND sku.id = line.sku_id
      LEFT JOIN held ON held.line_id = line.id
     WHERE line.tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'line_units_do_not_add_up' AS rule, id,
           format('%s delivered + %s waiting + %s refused + %s refunded of %s', delivered_count,
                  waiting_count, refused_count, refunded_count, quantity) AS says
      FROM line
     WHERE delivered_count + waiting_count + refused_count + refunded_count <> quantity
        OR least(delivered_count, waiting_count, refused_count, refunded_count) < 0
     UNION ALL
    SELECT 'line_money_does_not_add_up', id,
           format('%s unearned + %s earned + %s refunded of %s', unearned_e4, earned_e4,
                  refunded_e4, price_e4)
      FROM line
     WHERE unearned_e4 + earned_e4 + refunded_e4 <> price_e4
        OR least(unearned_e4, earned_e4, refunded_e4) < 0
     UNION ALL
    SELECT 'line_state_denies_its_units', id, format('%s with %s waiting', state, waiting_count)
      FROM line
     WHERE (state = 'filled') <> (waiting_count = 0)
     UNION ALL
    SELECT 'line_was_not_delivered_its_cards', id,
           format('%s delivered, %s allocated', delivered_count, lives)
      FROM line
     WHERE from_stock AND delivered_count <> lives
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM line) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
