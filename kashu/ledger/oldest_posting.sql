-- Since when somebody has been posting who hasn't committed yet: they say so by a lock (post.sql).
-- Reads the locks as they are now, whatever the snapshot; takes none.
SELECT to_timestamp(min(objid::bigint) + extract(epoch FROM timestamptz '2020-01-01 00:00Z'))
           AS since
  FROM pg_locks
 WHERE locktype = 'advisory'
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND classid = :posting::bigint::oid
   AND objsubid = 2
