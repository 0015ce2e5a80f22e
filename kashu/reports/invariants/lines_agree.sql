-- Invariants 3 and 4: what orders, stock and books say of a line is the same: the units delivered
-- are allocated, what it earned and what its cards cost is booked. Takes no lock.
-- One sum over all three, with opposite signs, that must come to zero for each line: no join of
-- millions with millions. A reversal is finance's own correction, and isn't the line's.
-- `lines`: only these, to which something happened lately; NULL: all.
WITH account AS MATERIALIZED (
    SELECT id, kind
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind IN ('revenue', 'cost_of_goods')
), said AS (
    SELECT id AS line_id, delivered_count AS units, earned_e4, 0::bigint AS cost_e4
      FROM orders.lines
     WHERE tenant_id = :tenant_id::bigint
       AND (:lines::uuid[] IS NULL OR id = ANY (:lines::uuid[]))
     UNION ALL
    SELECT allocation.line_id, -1, 0, lot.unit_cost_e4
      FROM stock.allocations AS allocation
      JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant_id::bigint AND lot.id = allocation.lot_id
     WHERE allocation.tenant_id = :tenant_id::bigint
       AND allocation.released_at IS NULL
       AND (:lines::uuid[] IS NULL OR allocation.line_id = ANY (:lines::uuid[]))
     UNION ALL
    SELECT transfer.subject_id, 0,
           CASE WHEN account.kind = 'revenue' THEN transfer.amount_e4 ELSE 0 END,
           CASE WHEN account.kind = 'revenue' THEN 0 ELSE -transfer.amount_e4 END
      FROM ledger.transfers AS transfer
      JOIN account ON account.id = transfer.debit_account_id
     WHERE transfer.tenant_id = :tenant_id::bigint
       AND transfer.reverses_id IS NULL
       AND (:lines::uuid[] IS NULL OR transfer.subject_id = ANY (:lines::uuid[]))
     UNION ALL
    SELECT transfer.subject_id, 0,
           CASE WHEN account.kind = 'revenue' THEN -transfer.amount_e4 ELSE 0 END,
           CASE WHEN account.kind = 'revenue' THEN 0 ELSE transfer.amount_e4 END
      FROM ledger.transfers AS transfer
      JOIN account ON account.id = transfer.credit_account_id
     WHERE transfer.tenant_id = :tenant_id::bigint
       AND transfer.reverses_id IS NULL
       AND (:lines::uuid[] IS NULL OR transfer.subject_id = ANY (:lines::uuid[]))
), suspect AS MATERIALIZED (
    SELECT line_id AS id, sum(units) AS units, sum(earned_e4) AS earned_e4, sum(cost_e4) AS cost_e4
      FROM said
     GROUP BY line_id
    HAVING sum(units) <> 0 OR sum(earned_e4) <> 0 OR sum(cost_e4) <> 0
), line AS MATERIALIZED (
    SELECT suspect.id, suspect.units, suspect.earned_e4 AS more_e4, suspect.cost_e4,
           line.delivered_count, line.earned_e4,
           sku.fulfilment IN ('card', 'link', 'shared') AS from_stock
      FROM suspect
      JOIN orders.lines AS line
        ON line.tenant_id = :tenant_id::bigint AND line.id = suspect.id
      JOIN catalog.skus AS sku
        ON sku.tenant_id = :tenant_id::bigint AND sku.id = line.sku_id
), broken AS (
    SELECT 'line_was_not_delivered_its_cards' AS rule, id,
           format('%s delivered, %s allocated', delivered_count, delivered_count - units) AS says
      FROM line
     WHERE from_stock AND units <> 0
     UNION ALL
    SELECT 'line_earned_what_the_books_deny', id,
           format('earned %s, booked %s ten-thousandths', earned_e4, earned_e4 - more_e4)
      FROM line
     WHERE more_e4 <> 0
     UNION ALL
    SELECT 'line_cost_what_the_books_deny', id,
           format('its cards cost %s ten-thousandths more than is booked', cost_e4)
      FROM line
     WHERE from_stock AND cost_e4 <> 0
     UNION ALL
    SELECT 'card_is_given_to_no_known_line', id, format('%s allocated', -units)
      FROM suspect
     WHERE units < 0
       AND NOT EXISTS (
               SELECT
                 FROM orders.lines
                WHERE lines.tenant_id = :tenant_id::bigint
                  AND lines.id = suspect.id
           )
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
