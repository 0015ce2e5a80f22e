-- Write down which lots came for which attempts. Takes no lock.
INSERT INTO purchases.receipts (tenant_id, id, attempt_id, lot_id, cards, cost_e4, at)
SELECT :tenant::bigint, id, attempt_id, lot_id, cards, cost_e4, :at::timestamptz
  FROM unnest(:ids::uuid[], :attempts::uuid[], :lots::uuid[], :cards::integer[], :costs::bigint[])
       AS came(id, attempt_id, lot_id, cards, cost_e4)
