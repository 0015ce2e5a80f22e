-- Invariant 6, and what the others lean on: each rule that the tables declare is in the database,
-- valid and switched on. Reads the catalogue; takes no lock.
WITH declared AS MATERIALIZED (
    SELECT "schema", "table", name, is_index
      FROM unnest(:schemas::text[], :tables::text[], :names::text[], :are_indexes::boolean[])
           AS rule("schema", "table", name, is_index)
), "constraint" AS (
    SELECT n.nspname, t.relname, c.conname, c.convalidated
      FROM pg_constraint AS c
      JOIN pg_class AS t ON t.oid = c.conrelid
      JOIN pg_namespace AS n ON n.oid = t.relnamespace
), "index" AS (
    SELECT n.nspname, t.relname, i.relname AS name, x.indisunique AND x.indisvalid AND x.indisready
               AND x.indislive AS in_force
      FROM pg_index AS x
      JOIN pg_class AS i ON i.oid = x.indexrelid
      JOIN pg_class AS t ON t.oid = x.indrelid
      JOIN pg_namespace AS n ON n.oid = t.relnamespace
), broken AS (
    SELECT 'rule_is_missing' AS rule, concat_ws('.', "schema", "table", name) AS id,
           CASE WHEN is_index THEN 'unique index' ELSE 'constraint' END AS says
      FROM declared
     WHERE CASE WHEN is_index
                THEN ("schema", "table", name) NOT IN (SELECT nspname, relname, "index".name
                                                         FROM "index")
                ELSE ("schema", "table", name) NOT IN (SELECT nspname, relname, conname
                                                         FROM "constraint")
            END
     UNION ALL
    SELECT 'rule_is_not_in_force', concat_ws('.', "schema", "table", declared.name),
           'not valid: it was switched off or never checked'
      FROM declared
      LEFT JOIN "constraint"
        ON nspname = "schema" AND relname = "table" AND conname = name AND NOT is_index
      LEFT JOIN "index"
        ON "index".nspname = "schema" AND "index".relname = "table"
       AND "index".name = declared.name AND is_index
     WHERE NOT coalesce(convalidated, in_force, true)
     UNION ALL
    SELECT 'rule_is_not_in_force', concat_ws('.', n.nspname, t.relname, c.conname),
           'the trigger of a foreign key is switched off'
      FROM pg_trigger AS g
      JOIN pg_constraint AS c ON c.oid = g.tgconstraint
      JOIN pg_class AS t ON t.oid = g.tgrelid
      JOIN pg_namespace AS n ON n.oid = t.relnamespace
     WHERE g.tgenabled NOT IN ('O', 'A')
       AND n.nspname IN (SELECT "schema" FROM declared)
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM (SELECT DISTINCT rule, id, says FROM broken) AS once
)
SELECT (SELECT count(*) FROM declared) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
