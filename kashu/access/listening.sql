-- Which of these sessions and keys are good, and what their owners may do. Takes no lock.
SELECT session.id, person.role AS role, NULL::text[] AS scopes,
\ir must_enrol.sql
  FROM access.sessions AS session
  JOIN access.staff AS person
    ON person.tenant_id = :tenant::bigint AND person.id = session.staff_id
  JOIN access.tenants AS shop
    ON shop.id = :tenant::bigint
 WHERE session.tenant_id = :tenant::bigint
   AND session.id = ANY (:ids::uuid[])
   AND session.ended_at IS NULL
   AND session.expires_at > now()
   AND person.state = 'active'
 UNION ALL
SELECT key.id, NULL, key.scopes, FALSE
  FROM access.api_keys AS key
 WHERE key.tenant_id = :tenant::bigint
   AND key.id = ANY (:ids::uuid[])
   AND key.revoked_at IS NULL
   AND (key.expires_at IS NULL OR key.expires_at > now())
