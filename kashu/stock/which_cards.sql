-- Which cards some values are, by their blind indexes, in each SKU that was ever stocked. No lock.
SELECT asked.blind_index, known.id
  FROM unnest(:indexes::bytea[]) AS asked(blind_index)
 CROSS JOIN (SELECT DISTINCT sku_id FROM stock.lots WHERE tenant_id = :tenant::bigint) AS stocked
 CROSS JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
       SELECT card.id
         FROM stock.cards AS card
        WHERE card.tenant_id = :tenant::bigint
          AND card.sku_id = stocked.sku_id
          AND card.blind_index = asked.blind_index
        LIMIT 1
 ) AS known
