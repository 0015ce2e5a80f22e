-- Say which of the orders that a platform tells of may be news: those that we don't know, and those
-- that aren't certainly as we know them. Locks nothing: most of what is told was told before, and
-- who delivers those orders isn't to wait for us.
SELECT told.number
  FROM unnest(:numbers::text[], :changed::timestamptz[], :states::text[], :complete::boolean[])
       AS told(number, changed_at, shop_state, complete)
  LEFT JOIN channels.shop_orders AS known
    ON known.tenant_id = :tenant::bigint AND known.store_id = :store::uuid
   AND known.number = told.number
 WHERE known.id IS NULL
    OR known.changed_at < told.changed_at
    OR (known.changed_at = told.changed_at
        AND (told.complete OR NOT known.complete)
        AND (known.order_id IS NULL OR known.shop_state <> told.shop_state
             OR known.complete <> told.complete))
