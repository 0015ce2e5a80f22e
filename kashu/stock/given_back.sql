-- Which cards some lines gave back. Takes no lock.
SELECT line_id, lot_id, released_at AS at, released_because AS because, count(*) AS count
  FROM stock.allocations
 WHERE tenant_id = :tenant::bigint
   AND line_id = ANY (:lines::uuid[])
   AND released_at IS NOT NULL
 GROUP BY line_id, lot_id, released_at, released_because
 ORDER BY released_at, line_id, lot_id
