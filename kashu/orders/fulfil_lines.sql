-- Write new lines as they stand after their first try: filled, or short.
-- Under hold() of the lines' SKUs, so stock that arrives next finds the short ones.
INSERT INTO orders.lines
       (tenant_id, id, order_id, number, sku_id, quantity, price_e4, partial_allowed,
        reservation_id, state, delivered_count, waiting_count, refused_count, refunded_count,
        unearned_e4, earned_e4, refunded_e4)
SELECT :tenant::bigint, id, order_id, number, sku_id, quantity, price_e4, partial_allowed,
       reservation_id, CASE WHEN waiting > 0 THEN 'short' ELSE 'filled' END,
       delivered, waiting, refused, refunded, unearned_e4, earned_e4, refunded_e4
  FROM unnest(:ids::uuid[], :orders::uuid[], :numbers::int[], :skus::uuid[], :quantities::int[],
              :prices::bigint[], :partials::boolean[], :reservations::uuid[], :delivered::int[],
              :waiting::int[], :refused::int[], :refunded::int[], :unearned::bigint[],
              :earned::bigint[], :back::bigint[])
       AS l(id, order_id, number, sku_id, quantity, price_e4, partial_allowed, reservation_id,
            delivered, waiting, refused, refunded, unearned_e4, earned_e4, refunded_e4)
