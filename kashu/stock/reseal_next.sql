-- The next cards that are sealed under an earlier key, by id. It waits for nobody: a card that is
-- being sold is passed over, and found when the walk begins again.
SELECT id AS card_id, sku_id, sealed, key_version
  FROM stock.cards
 WHERE tenant_id = :tenant::bigint
   AND id > :after::uuid
   AND key_version < :version::integer
 ORDER BY id
 LIMIT :count::bigint
   FOR NO KEY UPDATE SKIP LOCKED
