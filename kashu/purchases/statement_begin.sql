-- Number the orders that lines name: by our number, else by the supplier's; of the statement's
-- currency alone, since other amounts can't be compared. Takes no lock on ours.
WITH ours AS (
    SELECT arrived.row_number, a.id, 'number' AS matched_by
      FROM pg_temp.arrived_lines AS arrived
      JOIN purchases.attempts AS a
        ON a.tenant_id = :tenant_id::bigint
       AND a.supplier_id = :supplier_id::uuid
       AND a.number = arrived.number
       AND a.currency = :currency::text
), theirs AS (
    SELECT arrived.row_number, a.id, 'their_number' AS matched_by
      FROM pg_temp.arrived_lines AS arrived
      JOIN purchases.attempts AS a
        ON a.tenant_id = :tenant_id::bigint
       AND a.supplier_id = :supplier_id::uuid
       AND a.their_number = arrived.their_number
       AND a.currency = :currency::text
     WHERE arrived.their_number <> ''
), known AS (
    SELECT DISTINCT ON (row_number) row_number, id, matched_by
      FROM (SELECT * FROM ours UNION ALL SELECT * FROM theirs) AS either
     ORDER BY row_number, matched_by
)
UPDATE pg_temp.arrived_lines AS arrived
   SET attempt_id = known.id, matched_by = known.matched_by
  FROM known
 WHERE known.row_number = arrived.row_number
