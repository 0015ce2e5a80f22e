-- Note what a platform tells of some orders. What is older than what we know changes nothing, and
-- neither does a short form that is no newer than the whole. One that is being delivered keeps its
-- lease (`said` is empty while it is under way); one that waits is looked at again.
-- What is over (confirmed, ended) stays known in whole where refunds are told of apart.
-- Returns those that were changed.
-- Locks the orders, in order of number; those that are there are locked already.
INSERT INTO channels.shop_orders AS known (
    tenant_id, id, store_id, number, step, shop_state, changed_at, paid_at, ship_by, paid_e4,
    buyer, lines, complete, said
)
SELECT :tenant::bigint, id, :store::uuid, number, step, shop_state, changed_at, paid_at, ship_by,
       paid_e4, buyer, lines, complete, said
  FROM unnest(:ids::uuid[], :numbers::text[], :steps::text[], :states::text[],
              :changed::timestamptz[], :paid::timestamptz[], :ship_by::timestamptz[],
              :amounts::bigint[], :buyers::text[], :lines::jsonb[], :complete::boolean[],
              :said::text[])
       AS told(id, number, step, shop_state, changed_at, paid_at, ship_by, paid_e4, buyer, lines,
               complete, said)
 ORDER BY number
    ON CONFLICT (tenant_id, store_id, number)
    DO UPDATE
   SET step = CASE WHEN known.step IN ('seen', 'due', 'unmapped', 'held', 'shadowed')
                     OR (known.step = 'trouble' AND known.order_id IS NULL
                         AND excluded.step = 'ended')
                   THEN excluded.step ELSE known.step END,
       said = CASE WHEN known.step IN ('seen', 'due', 'unmapped', 'held', 'shadowed')
                     OR (known.step = 'trouble' AND known.order_id IS NULL
                         AND excluded.step = 'ended')
                   THEN excluded.said ELSE known.said END,
       next_at = CASE WHEN known.step IN ('taken', 'sent') AND known.said = ''
                      THEN known.next_at ELSE now() END,
       shop_state = excluded.shop_state,
       changed_at = excluded.changed_at,
       paid_at = excluded.paid_at,
       ship_by = coalesce(excluded.ship_by, known.ship_by),
       paid_e4 = CASE WHEN known.order_id IS NULL THEN excluded.paid_e4 ELSE known.paid_e4 END,
       buyer = CASE WHEN known.buyer_erased_at IS NULL THEN excluded.buyer ELSE '' END,
       lines = CASE WHEN known.order_id IS NULL THEN excluded.lines ELSE known.lines END,
       complete = excluded.complete
                  OR (:apart::boolean AND known.complete AND known.step IN ('confirmed', 'ended'))
 WHERE excluded.changed_at > known.changed_at
    OR (excluded.changed_at = known.changed_at
        AND (excluded.complete OR NOT known.complete)
        AND (excluded.shop_state <> known.shop_state
             OR excluded.complete <> known.complete
             OR (known.order_id IS NULL AND excluded.lines <> known.lines)))
RETURNING known.number, known.step
