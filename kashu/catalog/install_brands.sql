-- Add brands by code; with :replace, update those that differ. What was left alone isn't returned.
-- Locks the brands that are there, in order of code.
INSERT INTO catalog.brands AS ours (tenant_id, id, code, name_zh, name_en, colour, initial)
SELECT :tenant::bigint, id, code, name_zh, name_en, colour, initial
  FROM jsonb_to_recordset(:entries::jsonb)
       AS entry(id uuid, code text, name_zh text, name_en text, colour text, initial text)
 ORDER BY code
    ON CONFLICT (tenant_id, code) DO UPDATE
   SET name_zh = excluded.name_zh,
       name_en = excluded.name_en,
       colour = excluded.colour,
       initial = excluded.initial
 WHERE :replace::boolean
   AND (ours.name_zh, ours.name_en, ours.colour, ours.initial)
       IS DISTINCT FROM (excluded.name_zh, excluded.name_en, excluded.colour, excluded.initial)
RETURNING id, code
