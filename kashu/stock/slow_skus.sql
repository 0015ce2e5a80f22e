-- What is held of each SKU, how old it is, and what of it was sold of late. Takes no lock.
-- Sold: cards that went into the cost of goods, less those that came back. Held: available or
-- reserved. A SKU that came within the days counts from the day it came.
WITH lot AS (
    SELECT sku_id, currency, available + reserved AS held,
           (available + reserved) * unit_cost_e4 AS cost_e4,
           (received_at AT TIME ZONE :timezone::text)::date AS received_on
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
), stock AS (
    SELECT sku_id, currency, sum(held)::bigint AS held, sum(cost_e4)::bigint AS cost_e4,
           :today::date - min(received_on) FILTER (WHERE held > 0) AS oldest_days,
           jsonb_build_object(
               'up_to_30', coalesce(sum(held) FILTER (WHERE age <= 30), 0),
               'up_to_60', coalesce(sum(held) FILTER (WHERE age BETWEEN 31 AND 60), 0),
               'up_to_90', coalesce(sum(held) FILTER (WHERE age BETWEEN 61 AND 90), 0),
               'older', coalesce(sum(held) FILTER (WHERE age > 90), 0)
           ) AS by_age,
           jsonb_build_object(
               'up_to_30', coalesce(sum(cost_e4) FILTER (WHERE age <= 30), 0),
               'up_to_60', coalesce(sum(cost_e4) FILTER (WHERE age BETWEEN 31 AND 60), 0),
               'up_to_90', coalesce(sum(cost_e4) FILTER (WHERE age BETWEEN 61 AND 90), 0),
               'older', coalesce(sum(cost_e4) FILTER (WHERE age > 90), 0)
           ) AS cost_by_age
      FROM (SELECT *, :today::date - received_on AS age FROM lot) AS aged
     GROUP BY sku_id, currency
), sku AS (
    SELECT sku_id, sum(held) AS held,
           least(:days::integer, :today::date - min(received_on) + 1) AS days
      FROM lot
     GROUP BY sku_id
), sale AS (
    SELECT sku_id, greatest(sum(quantity), 0)::bigint AS sold
      FROM ledger.daily
     WHERE tenant_id = :tenant::bigint
       AND posted_on > :today::date - :days::integer
       AND posted_on <= :today::date
       AND kind = 'cost_of_goods'
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
     GROUP BY sku_id
), paced AS (
    SELECT stock.sku_id, stock.currency, stock.held, stock.cost_e4, stock.oldest_days, sku.days,
           coalesce(sale.sold, 0) AS sold,
           ceil(sku.held * sku.days / nullif(sale.sold, 0))::bigint AS days_of_cover,
           stock.by_age, stock.cost_by_age
      FROM stock
      JOIN sku USING (sku_id)
      LEFT JOIN sale USING (sku_id)
     WHERE stock.held > 0
)
SELECT *
  FROM paced
 WHERE :cover::integer IS NULL
    OR days_of_cover > :cover::integer
    OR (sold = 0 AND oldest_days >= days)
 ORDER BY cost_e4 DESC, sku_id, currency
