-- Set the counters of new lots to what came into them. Nobody else sees these lots yet.
UPDATE stock.lots
   SET available = CASE WHEN sold_elsewhere THEN 0 ELSE counted.units END,
       void = CASE WHEN sold_elsewhere THEN counted.units ELSE 0 END
  FROM unnest(:ids::uuid[], :units::integer[]) AS counted(id, units)
 WHERE lots.tenant_id = :tenant::bigint
   AND lots.id = counted.id
