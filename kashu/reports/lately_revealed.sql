-- The cards each of some people looked at last, the newest of all first: no secret. No lock.
SELECT seen.id, seen.at, seen.actor, seen.reason, sku.code AS sku, card.tail, line.order_id,
       "order".external_id AS order
  FROM (
           SELECT reveal.*
             FROM unnest(:actors::text[]) AS who(actor)
            CROSS JOIN LATERAL (
                      SELECT *
                        FROM stock.reveals
                       WHERE tenant_id = :tenant_id::bigint
                         AND actor = who.actor
                       ORDER BY at DESC
                       LIMIT :limit::integer
                  ) AS reveal
            ORDER BY reveal.at DESC
            LIMIT :limit::integer
       ) AS seen
  JOIN stock.cards AS card
    ON card.tenant_id = :tenant_id::bigint AND card.id = seen.card_id
  JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant_id::bigint AND sku.id = card.sku_id
  LEFT JOIN orders.lines AS line
    ON line.tenant_id = :tenant_id::bigint AND line.id = seen.line_id
  LEFT JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant_id::bigint AND "order".id = line.order_id
 ORDER BY seen.at DESC, seen.id DESC
