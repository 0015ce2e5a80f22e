-- Keep what was found.
INSERT INTO purchases.findings (
    tenant_id, id, statement_id, kind, what, row_number, attempt_id, ours_e4, theirs_e4
)
SELECT :tenant_id::bigint, id, :statement_id::uuid, kind, what, row_number, attempt_id, ours_e4,
       theirs_e4
  FROM unnest(
           :ids::uuid[], :kinds::text[], :whats::text[], :rows::integer[], :attempts::uuid[],
           :ours::bigint[], :theirs::bigint[]
       ) AS found(id, kind, what, row_number, attempt_id, ours_e4, theirs_e4)
