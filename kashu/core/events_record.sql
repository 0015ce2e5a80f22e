-- Append events in the order given. Takes no lock: nobody else writes these rows.
INSERT INTO core.events (tenant_id, id, kind, actor, subject_id, facts)
SELECT :tenant::bigint, id, kind, :actor::text, subject_id, facts
  FROM unnest(:ids::uuid[], :kinds::text[], :subjects::uuid[], :facts::jsonb[])
       AS happened(id, kind, subject_id, facts)
