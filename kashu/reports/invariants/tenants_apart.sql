-- Invariant 10: every table with a tenant has row-level security that nobody of ours can pass, and
-- every key of it starts with the tenant. Reads the catalogue; takes no lock.
WITH of_tenants AS MATERIALIZED (
    SELECT t.oid, concat_ws('.', n.nspname, t.relname) AS name, t.relrowsecurity,
           t.relforcerowsecurity
      FROM pg_class AS t
      JOIN pg_namespace AS n ON n.oid = t.relnamespace
      JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'tenant_id'
     WHERE t.relkind IN ('r', 'p')
       AND n.nspname = ANY (:schemas::text[])
       AND NOT a.attisdropped
), broken AS (
    SELECT 'table_is_open_to_other_tenants' AS rule, name AS id,
           'row-level security is not enabled and forced' AS says
      FROM of_tenants
     WHERE NOT (relrowsecurity AND relforcerowsecurity)
     UNION ALL
    SELECT 'table_is_open_to_other_tenants', of_tenants.name,
           format('its policies are: %s', coalesce(string_agg(
               pg_get_expr(policy.polqual, policy.polrelid), '; '), 'none'))
      FROM of_tenants
      LEFT JOIN pg_policy AS policy ON policy.polrelid = of_tenants.oid
     GROUP BY of_tenants.name
    HAVING count(*) <> 1
        OR NOT bool_and(coalesce(
               pg_get_expr(policy.polqual, policy.polrelid) LIKE '(tenant_id = %kashu.tenant_id%'
               AND pg_get_expr(policy.polwithcheck, policy.polrelid)
                   LIKE '(tenant_id = %kashu.tenant_id%',
               false))
     UNION ALL
    SELECT 'key_does_not_start_with_the_tenant', concat_ws('.', of_tenants.name, c.conname),
           format('it starts with %s', a.attname)
      FROM of_tenants
      JOIN pg_constraint AS c ON c.conrelid = of_tenants.oid AND c.contype IN ('p', 'u', 'f')
      JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE a.attname <> 'tenant_id'
     UNION ALL
    SELECT 'key_does_not_start_with_the_tenant', concat_ws('.', of_tenants.name, i.relname),
           format('it starts with %s', coalesce(a.attname, 'an expression'))
      FROM of_tenants
      JOIN pg_index AS x ON x.indrelid = of_tenants.oid AND x.indisunique
      JOIN pg_class AS i ON i.oid = x.indexrelid
      LEFT JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
     WHERE a.attname IS DISTINCT FROM 'tenant_id'
     UNION ALL
    SELECT 'role_is_mighty', rolname, 'it can pass row-level security'
      FROM pg_roles
     WHERE rolname = :role::text
       AND (rolsuper OR rolbypassrls)
     UNION ALL
    SELECT 'role_may_change_what_is_only_added', concat_ws('.', permanent."schema", permanent."table"),
           format('%s may update or delete', :role::text)
      FROM unnest(:append_schemas::text[], :append_tables::text[])
           AS permanent("schema", "table")
     WHERE has_table_privilege(:role::text, format('%I.%I', permanent."schema", permanent."table"),
                               'UPDATE, DELETE, TRUNCATE')
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id, says) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM of_tenants) AS checked, capped.rule, capped.id, capped.says,
       capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id, capped.says
