-- Count a call of a login; more than so many within a while, and it is refused for a while.
-- Locks the login: two processes count one after the other.
UPDATE downstream.logins
   SET calls = CASE WHEN counted_at <= :at::timestamptz - :within::interval THEN 1 ELSE calls + 1 END,
       counted_at = CASE WHEN counted_at <= :at::timestamptz - :within::interval
                         THEN :at::timestamptz ELSE counted_at END,
       blocked_until = CASE
           WHEN blocked_until > :at::timestamptz THEN blocked_until
           WHEN counted_at > :at::timestamptz - :within::interval AND calls >= :calls_max::integer
               THEN :at::timestamptz + :blocked_for::interval
       END
 WHERE tenant_id = :tenant::bigint
   AND id = :login::uuid
RETURNING calls, blocked_until IS NOT NULL AS blocked
