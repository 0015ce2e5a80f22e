-- Take an import's cards and lots out again. Under hold() of the SKU, when none has left.
WITH cards_gone AS (
    DELETE FROM stock.cards
     WHERE tenant_id = :tenant::bigint
       AND lot_id = ANY (:lots::uuid[])
)
DELETE FROM stock.lots
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:lots::uuid[])
