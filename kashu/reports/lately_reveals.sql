-- How many cards some people looked at since a moment. No lock.
SELECT count(*) AS count
  FROM stock.reveals
 WHERE tenant_id = :tenant_id::bigint
   AND actor = ANY(:actors::text[])
   AND at >= :since::timestamptz
