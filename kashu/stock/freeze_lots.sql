-- Freeze the open ones among some lots, or among a supplier's.
-- Under hold() of their SKUs: whoever allocates saw them open before, or will see them frozen.
UPDATE stock.lots
   SET state = 'frozen', frozen_reason = :reason::text
 WHERE tenant_id = :tenant::bigint
   AND sku_id = ANY (:skus::uuid[])
   AND (id = ANY (:lots::uuid[]) OR supplier_id = :supplier::uuid)
   AND state = 'open'
RETURNING id AS lot_id, sku_id, available, allocated + revealed + redeemed AS given
