-- Keep the lines as they came, with whose they are.
INSERT INTO purchases.statement_lines (
    tenant_id, statement_id, row_number, number, their_number, amount_e4, quantity, ordered_at,
    completed_at, said, title, attempt_id, matched_by
)
SELECT :tenant_id::bigint, :statement_id::uuid, row_number, number, their_number, amount_e4,
       quantity, ordered_at, completed_at, said, title, attempt_id, matched_by
  FROM pg_temp.arrived_lines
 ORDER BY row_number
