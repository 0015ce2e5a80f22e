-- From which lots some lines got cards, and why. Takes no lock.
-- MATERIALIZED: the line's allocations first, by their index, then what they name.
WITH held AS MATERIALIZED (
    SELECT line_id, lot_id, choice_id, allocated_at, count(*) AS count, count(released_at) AS back
      FROM stock.allocations
     WHERE tenant_id = :tenant::bigint
       AND line_id = ANY (:lines::uuid[])
     GROUP BY line_id, lot_id, choice_id, allocated_at
)
SELECT held.line_id, held.lot_id, lot.supplier_id,
       warehouse.code AS warehouse_code, warehouse.name AS warehouse_name, lot.expires_on, lot.unit_cost_e4, lot.currency,
       held.allocated_at AS at, choice.facts, held.count, held.back AS released
  FROM held
  JOIN stock.choices AS choice
    ON choice.tenant_id = :tenant::bigint AND choice.id = held.choice_id
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = held.lot_id
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint AND warehouse.id = lot.warehouse_id
 ORDER BY held.allocated_at, held.line_id, held.lot_id
