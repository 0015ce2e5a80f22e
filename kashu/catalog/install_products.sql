-- Add products to their brands; with :replace, update those that differ. A product keeps its brand.
-- Locks the products that are there, in order of code.
INSERT INTO catalog.products AS ours (tenant_id, id, brand_id, code, name_zh, name_en)
SELECT :tenant::bigint, entry.id, brand.id, entry.code, entry.name_zh, entry.name_en
  FROM jsonb_to_recordset(:entries::jsonb)
       AS entry(id uuid, brand text, code text, name_zh text, name_en text)
  JOIN catalog.brands AS brand
    ON brand.tenant_id = :tenant::bigint AND brand.code = entry.brand
 ORDER BY entry.code
    ON CONFLICT (tenant_id, code) DO UPDATE
   SET name_zh = excluded.name_zh,
       name_en = excluded.name_en
 WHERE :replace::boolean
   AND (ours.name_zh, ours.name_en) IS DISTINCT FROM (excluded.name_zh, excluded.name_en)
RETURNING id, code
