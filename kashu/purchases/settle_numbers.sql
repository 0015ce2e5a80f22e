-- Which of a merchant's orders some suppliers' numbers stand for. Takes no lock.
SELECT attempt.id, attempt.supplier_id, attempt.their_number
  FROM unnest(:suppliers::uuid[], :numbers::text[]) AS told(supplier_id, their_number)
 CROSS JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
       SELECT id, supplier_id, their_number
         FROM purchases.attempts
        WHERE tenant_id = :tenant::bigint
          AND supplier_id = told.supplier_id
          AND their_number = told.their_number
          AND their_number IS NOT NULL
        LIMIT 1
 ) AS attempt
