-- How far the lines of some orders have come, order by order. Takes no lock.
SELECT "order".source, "order".external_id, "order".id AS order_id, line.id AS line_id,
       line.delivered_count AS delivered, line.waiting_count AS waiting,
       line.refused_count AS refused, line.refunded_count AS refunded
  FROM unnest(:sources::text[], :external_ids::text[]) AS name(source, external_id)
  JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant::bigint
   AND "order".source = name.source
   AND "order".external_id = name.external_id
  JOIN orders.lines AS line
    ON line.tenant_id = :tenant::bigint AND line.order_id = "order".id
 ORDER BY "order".source, "order".external_id, line.number
