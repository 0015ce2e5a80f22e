-- Note what a platform tells of some refunds. What is older than what we know changes nothing, and
-- one that is settled stays so. Locks the refunds, in order of their numbers.
INSERT INTO channels.shop_refunds AS known (
    tenant_id, id, store_id, number, order_number, line, step, shop_state, amount_e4, changed_at
)
SELECT :tenant::bigint, id, :store::uuid, number, order_number, line, step, shop_state, amount_e4,
       changed_at
  FROM unnest(:ids::uuid[], :numbers::text[], :orders::text[], :lines::text[], :steps::text[],
              :states::text[], :amounts::bigint[], :changed::timestamptz[])
       AS told(id, number, order_number, line, step, shop_state, amount_e4, changed_at)
 ORDER BY number
    ON CONFLICT (tenant_id, store_id, number)
    DO UPDATE
   SET step = excluded.step, shop_state = excluded.shop_state, amount_e4 = excluded.amount_e4,
       changed_at = excluded.changed_at, said = '', next_at = now()
 WHERE known.step IN ('seen', 'due')
   AND excluded.changed_at >= known.changed_at
   AND (excluded.shop_state, excluded.amount_e4)
       IS DISTINCT FROM (known.shop_state, known.amount_e4)
RETURNING known.number, known.step
