-- Append events in the order given, and note those that somebody outside wants to hear of (see
-- untold.py). Takes no lock: nobody else writes these rows.
WITH happened AS (
    SELECT id, kind, subject_id, facts
      FROM unnest(:ids::uuid[], :kinds::text[], :subjects::uuid[], :facts::jsonb[])
           AS happened(id, kind, subject_id, facts)
), noted AS (
    INSERT INTO core.untold (tenant_id, id)
    SELECT :tenant::bigint, happened.id
      FROM happened
      JOIN core.wanted_kinds AS wanted
        ON wanted.tenant_id = :tenant::bigint AND wanted.kind = happened.kind
)
INSERT INTO core.events (tenant_id, id, kind, actor, subject_id, facts)
SELECT :tenant::bigint, id, kind, :actor::text, subject_id, facts
  FROM happened
