-- With which lots some lots' cards first came in, before they were transferred. Takes no lock.
WITH RECURSIVE way AS (
    SELECT id AS lot_id, id AS origin_id, origin_lot_id
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (:lots::uuid[])
     UNION ALL
    SELECT way.lot_id, origin.id, origin.origin_lot_id
      FROM way
      JOIN stock.lots AS origin
        ON origin.tenant_id = :tenant::bigint AND origin.id = way.origin_lot_id
)
SELECT lot_id, origin_id
  FROM way
 WHERE origin_lot_id IS NULL
