-- Note that some due orders are ours now. Locks none anew: due_orders() did.
UPDATE channels.shop_orders AS known
   SET step = 'taken', order_id = told.order_id, said = '', attempts = 0,
       places = coalesce(told.places, known.places)
  FROM unnest(:ids::uuid[], :order_ids::uuid[], :places::jsonb[]) AS told(id, order_id, places)
 WHERE known.tenant_id = :tenant::bigint AND known.id = told.id
RETURNING known.id
