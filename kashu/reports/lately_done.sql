-- What each of some people did last, the newest of all first. No lock.
-- To come and to go, and to ask whether something is a card, is no deed.
SELECT done.id, done.kind, done.at, done.actor, done.subject_id
  FROM unnest(:actors::text[]) AS who(actor)
 CROSS JOIN LATERAL (
           SELECT event.id, event.kind, event.at, event.actor, event.subject_id
             FROM core.events AS event
            WHERE event.tenant_id = :tenant_id::bigint
              AND event.actor = who.actor
              AND event.actor <> 'system'  -- as its index says
              AND event.kind NOT IN ('staff.signed_in', 'staff.signed_out', 'card_question.asked')
            ORDER BY event.id DESC
            LIMIT :limit::integer
       ) AS done
 ORDER BY done.id DESC
 LIMIT :limit::integer
