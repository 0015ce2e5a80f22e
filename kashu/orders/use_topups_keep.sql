-- Keep what the buyers of some lines may be shown of their top-ups. Under hold() of their SKUs.
UPDATE orders.buying
   SET receipt = topped_up.receipt
  FROM unnest(:lines::uuid[], :receipts::text[]) AS topped_up(line_id, receipt)
 WHERE buying.tenant_id = :tenant::bigint
   AND buying.line_id = ANY (:lines::uuid[])
   AND buying.line_id = topped_up.line_id
