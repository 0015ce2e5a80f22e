-- Set how far some orders have come that we leased, and what else is known of each; NULL: as it
-- was. One that a person moved meanwhile, or that another took since our lease ended, stays.
-- Returns those that were moved. Locks the orders, in order of id.
WITH held AS (
    SELECT id
      FROM channels.shop_orders
     WHERE tenant_id = :tenant::bigint AND id = ANY (:ids::uuid[])
     ORDER BY id
       FOR UPDATE
)
UPDATE channels.shop_orders AS known
   SET step = coalesce(told.step, known.step),
       said = coalesce(told.said, known.said),
       doubt = coalesce(told.doubt, known.doubt),
       next_at = coalesce(told.next_at, known.next_at),
       sent_at = coalesce(told.sent_at, known.sent_at),
       confirmed_at = coalesce(told.confirmed_at, known.confirmed_at)
  FROM held
  JOIN unnest(:ids::uuid[], :was_step::text[], :was_next_at::timestamptz[], :steps::text[],
              :said::text[], :doubts::boolean[], :next_at::timestamptz[],
              :sent_at::timestamptz[], :confirmed_at::timestamptz[])
       AS told(id, was_step, was_next_at, step, said, doubt, next_at, sent_at, confirmed_at)
    ON told.id = held.id
 WHERE known.tenant_id = :tenant::bigint AND known.id = held.id
   AND known.step = told.was_step AND known.next_at = told.was_next_at
RETURNING known.id
