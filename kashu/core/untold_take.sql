-- Take events that are to be passed on, the oldest first, with what they say. Locks their notes, in
-- order of id; what another has locked is passed over.
WITH due AS (
    SELECT id
      FROM core.untold
     WHERE tenant_id = :tenant::bigint
     ORDER BY id
     LIMIT :most::int
       FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM core.untold AS note
     USING due  -- not a subquery: that may be run again for each row, and finds others each time
     WHERE note.tenant_id = :tenant::bigint AND note.id = due.id
    RETURNING note.id
)
SELECT event.id, event.kind, event.at, event.actor, event.subject_id, event.facts
  FROM taken
  JOIN core.events AS event ON event.tenant_id = :tenant::bigint AND event.id = taken.id
 ORDER BY event.id
