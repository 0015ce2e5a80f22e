-- Open the frozen ones among some lots, or among a supplier's. Under hold() of their SKUs.
UPDATE stock.lots
   SET state = 'open', frozen_reason = NULL
 WHERE tenant_id = :tenant::bigint
   AND sku_id = ANY (:skus::uuid[])
   AND (id = ANY (:lots::uuid[]) OR supplier_id = :supplier::uuid)
   AND state = 'frozen'
RETURNING id AS lot_id, sku_id, available, allocated + revealed + redeemed AS given
