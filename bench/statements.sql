-- Orders of a supplier over November, one every so many seconds, each at one of 97 prices.
WITH made AS (
    SELECT n, gen_random_uuid() AS id,
           timestamptz '2026-11-01 00:10+08' + n * (interval '29 days 23 hours' / %(orders)s) AS at,
           50000 + 1000 * (n %% 97) AS price_e4
      FROM generate_series(1, %(orders)s) AS n
), bought AS (
    INSERT INTO purchases.purchases (
        tenant_id, id, sku_id, goods, quantity, received_count, warehouse_id, cause, state, actor
    )
    SELECT %(tenant)s, id, %(sku)s, 'card', 1, 1, %(warehouse)s, 'hand', 'done', 'cli'
      FROM made
)
INSERT INTO purchases.attempts (
    tenant_id, id, purchase_id, supplier_id, offer_id, number, their_number, ref, quantity, units,
    unit_cost_e4, total_e4, currency, account_kind, choice, state, made_at, answered_at, ended_at,
    next_at, charged_e4, received_count
)
SELECT %(tenant)s, id, id, %(supplier)s, %(offer)s, 'B' || lpad(n::text, 9, '0'),
       'T' || lpad(n::text, 9, '0'), 'r1', 1, 1, price_e4, price_e4, 'CNY', 'prepaid', '{}',
       'succeeded', at, at, at + interval '2 seconds', at, price_e4, 1
  FROM made
