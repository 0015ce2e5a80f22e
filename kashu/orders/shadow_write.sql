-- Write what would be given for some orders of platforms. One that couldn't be given anything before
-- is decided anew; one that could stays as it was: it would have gone out then.
INSERT INTO orders.decisions AS known (tenant_id, shop_order_id, store_id, said, lines)
SELECT :tenant::bigint, id, store_id, said, lines
  FROM unnest(:ids::uuid[], :stores::uuid[], :said::text[], :lines::jsonb[])
       AS told(id, store_id, said, lines)
 ORDER BY id
    ON CONFLICT (tenant_id, shop_order_id)
    DO UPDATE
   SET said = excluded.said, lines = excluded.lines, decided_at = now()
 WHERE :anew::boolean AND known.said <> ''
