-- Note how sending orders went, in the order given. Takes no lock.
INSERT INTO purchases.placings (tenant_id, id, supplier_id, at, outcome, latency_ms)
SELECT :tenant::bigint, id, supplier_id, :at::timestamptz, outcome, latency_ms
  FROM unnest(:ids::uuid[], :suppliers::uuid[], :outcomes::text[], :latencies::integer[])
       AS noted(id, supplier_id, outcome, latency_ms)
