-- Write down how far buying for some lines has come. They are locked.
UPDATE orders.buying
   SET state = noted.state,
       said = noted.said,
       purchase_id = noted.purchase_id,
       tries = noted.tries,
       next_at = noted.next_at
  FROM unnest(:lines::uuid[], :states::text[], :said::text[], :purchases::uuid[],
              :tries::integer[], :next_at::timestamptz[])
       AS noted(line_id, state, said, purchase_id, tries, next_at)
 WHERE buying.tenant_id = :tenant::bigint
   AND buying.line_id = ANY (:lines::uuid[])
   AND buying.line_id = noted.line_id
