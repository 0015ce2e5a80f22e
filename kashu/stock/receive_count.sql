-- Set the counters of new lots to what came into them. Nobody else sees these lots yet.
UPDATE stock.lots
   SET available = counted.units
  FROM unnest(:ids::uuid[], :units::integer[]) AS counted(id, units)
 WHERE lots.tenant_id = :tenant::bigint
   AND lots.id = counted.id
