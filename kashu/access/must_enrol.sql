-- Whether `person` may do nothing but add a second factor: a column of statements with `shop`.
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
