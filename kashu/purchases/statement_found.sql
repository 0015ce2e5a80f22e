-- What was found in a statement, with its line, its order, and how it was settled. Takes no lock.
SELECT f.id, f.statement_id, f.kind, f.what, f.row_number, f.attempt_id, f.ours_e4, f.theirs_e4,
       line.number, line.their_number, line.ordered_at, line.completed_at, line.title, line.said,
       a.number AS our_number, a.state AS our_state, a.purchase_id, a.made_at, a.ended_at,
       r.kind AS resolution, r.state AS resolution_state, r.reason, r.asked_by, r.approved_by,
       r.transfer_id, s.currency, a.rate_e6
  FROM purchases.findings AS f
  JOIN purchases.statements AS s
    ON s.tenant_id = :tenant_id::bigint AND s.id = f.statement_id
  LEFT JOIN purchases.statement_lines AS line
    ON line.tenant_id = :tenant_id::bigint
   AND line.statement_id = f.statement_id
   AND line.row_number = f.row_number
  LEFT JOIN purchases.attempts AS a
    ON a.tenant_id = :tenant_id::bigint AND a.id = f.attempt_id
  LEFT JOIN purchases.resolutions AS r
    ON r.tenant_id = :tenant_id::bigint AND r.finding_id = f.id
 WHERE f.tenant_id = :tenant_id::bigint
   AND f.statement_id = :statement_id::uuid
   AND f.id > :after::uuid
   AND (:kind::text IS NULL OR f.kind = :kind::text)
   AND (NOT :open::boolean OR r.finding_id IS NULL OR r.state = 'asked')
   AND (:finding_id::uuid IS NULL OR f.id = :finding_id::uuid)
 ORDER BY f.id
 LIMIT :limit::integer
