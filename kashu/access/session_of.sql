-- Whose session it is, while it is good and they may sign in. Takes no lock.
SELECT session.id AS session_id, person.id AS staff_id, person.name, person.login, person.role,
       shop.code AS tenant_code, shop.name AS tenant_name, shop.timezone,
       session.expires_at, session.proved_at, session.seen_at,
       -- AND asks the second half only where the first is true, and in most shops it isn't.
       person.role = ANY (shop.second_factor_roles)
       AND NOT EXISTS (SELECT 1
                         FROM access.authenticators AS app
                        WHERE app.tenant_id = :tenant::bigint
                          AND app.staff_id = person.id
                          AND app.confirmed_at IS NOT NULL)
       AND NOT EXISTS (SELECT 1
                         FROM access.passkeys AS passkey
                        WHERE passkey.tenant_id = :tenant::bigint
                          AND passkey.staff_id = person.id) AS must_enrol
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
