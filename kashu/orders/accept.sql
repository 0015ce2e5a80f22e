-- Write orders that aren't there; one that was only foretold becomes real under its old id.
-- Rows come sorted by name, so two writers of the same orders wait for each other in one order.
INSERT INTO orders.orders AS known
       (tenant_id, id, source, external_id, store_id, customer_id, currency, total_e4, paid_at)
SELECT :tenant::bigint, id, source, external_id, store_id, customer_id, currency, total_e4, paid_at
  FROM unnest(:ids::uuid[], :sources::text[], :external_ids::text[], :stores::uuid[],
              :customers::uuid[], :currencies::text[], :totals::bigint[], :paid::timestamptz[])
       AS o(id, source, external_id, store_id, customer_id, currency, total_e4, paid_at)
    ON CONFLICT (tenant_id, source, external_id) DO UPDATE
       SET state = 'accepted', store_id = excluded.store_id, customer_id = excluded.customer_id,
           currency = excluded.currency, total_e4 = excluded.total_e4, paid_at = excluded.paid_at,
           accepted_at = now()
     WHERE known.state = 'foretold'
RETURNING id AS order_id, source, external_id, xmax <> 0 AS foretold
