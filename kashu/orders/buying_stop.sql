-- Lines wait for nothing any more: what was typed for a top-up is forgotten.
UPDATE orders.buying
   SET state = 'over',
       said = '',
       sealed_account = NULL,
       key_version = NULL
 WHERE tenant_id = :tenant::bigint
   AND line_id = ANY (:lines::uuid[])
   AND state <> 'over'
RETURNING line_id
