-- Invariants 3 and 4: what a line earned and what its cards cost is what the books say of it.
-- A reversal is finance's own correction and isn't the line's. Reads a snapshot; takes no lock.
WITH account AS MATERIALIZED (
    SELECT id, kind
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind IN ('revenue', 'cost_of_goods')
), booked AS MATERIALIZED (
    SELECT t.subject_id,
           sum(t.amount_e4) FILTER (WHERE credit.kind = 'revenue') AS earned_e4,
           sum(t.amount_e4) FILTER (WHERE debit.kind = 'revenue') AS returned_e4,
           sum(t.amount_e4) FILTER (WHERE debit.kind = 'cost_of_goods') AS cost_e4,
           sum(t.amount_e4) FILTER (WHERE credit.kind = 'cost_of_goods') AS uncost_e4
      FROM ledger.transfers AS t
      LEFT JOIN account AS debit ON debit.id = t.debit_account_id
      LEFT JOIN account AS credit ON credit.id = t.credit_account_id
     WHERE t.tenant_id = :tenant_id::bigint
       AND t.reverses_id IS NULL
       AND (debit.id IS NOT NULL OR credit.id IS NOT NULL)
     GROUP BY t.subject_id
), held AS MATERIALIZED (
    SELECT allocation.line_id, sum(lot.unit_cost_e4) AS cost_e4
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
     GROUP BY allocation.line_id
), line AS MATERIALIZED (
    SELECT line.id, line.earned_e4, coalesce(held.cost_e4, 0) AS cost_e4,
           coalesce(booked.earned_e4, 0) - coalesce(booked.returned_e4, 0) AS booked_e4,
           coalesce(booked.cost_e4, 0) - coalesce(booked.uncost_e4, 0) AS booked_cost_e4,
           sku.fulfilment IN ('card', 'link', 'shared') AS from_stock
      FROM orders.lines AS line
      JOIN catalog.skus AS sku
        ON sku.tenant_id = :tenant_id::bigint AND sku.id = line.sku_id
      LEFT JOIN booked ON booked.subject_id = line.id
      LEFT JOIN held ON held.line_id = line.id
     WHERE line.tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'line_earned_what_the_books_deny' AS rule, id,
           format('earned %s, booked %s ten-thousandths', earned_e4, booked_e4) AS says
      FROM line
     WHERE earned_e4 <> booked_e4
     UNION ALL
    SELECT 'line_cost_what_the_books_deny', id,
           format('cards cost %s, booked %s ten-thousandths', cost_e4, booked_cost_e4)
      FROM line
     WHERE from_stock AND cost_e4 <> booked_cost_e4
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM line) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
