-- Whose session it is, while it is good and they may sign in. Takes no lock.
SELECT session.id AS session_id, person.id AS staff_id, person.name, person.login, person.role,
       shop.code AS tenant_code, shop.name AS tenant_name, shop.timezone,
       session.expires_at, session.proved_at, session.seen_at,
\ir must_enrol.sql
  FROM access.sessions AS session
  JOIN access.staff AS person
    ON person.tenant_id = :tenant::bigint AND person.id = session.staff_id
  JOIN access.tenants AS shop
    ON shop.id = :tenant::bigint
 WHERE session.tenant_id = :tenant::bigint
   AND session.token_hash = :token_hash::bytea
   AND session.ended_at IS NULL
   AND session.expires_at > now()
   AND person.state = 'active'
