-- Write lines as they now stand. Under hold() of their SKUs.
UPDATE orders.lines
   SET state = CASE WHEN now.waiting > 0 THEN 'short' ELSE 'filled' END,
       delivered_count = now.delivered,
       waiting_count = now.waiting,
       refused_count = now.refused,
       refunded_count = now.refunded,
       unearned_e4 = now.unearned_e4,
       earned_e4 = now.earned_e4,
       refunded_e4 = now.refunded_e4
  FROM unnest(:ids::uuid[], :delivered::int[], :waiting::int[], :refused::int[],
              :refunded::int[], :unearned::bigint[], :earned::bigint[], :back::bigint[])
       AS now(id, delivered, waiting, refused, refunded, unearned_e4, earned_e4, refunded_e4)
 WHERE lines.tenant_id = :tenant::bigint
   AND lines.id = now.id
RETURNING lines.id AS line_id
