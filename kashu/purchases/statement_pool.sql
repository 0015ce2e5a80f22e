-- Gather what the books say of orders: those that lines name, and those of the period. No lock.
-- `charge_e4` is what we hold to be charged; `live`: not known yet. `inside`: surely of the period,
-- by the time that the statement goes by, with room for clocks that differ.
INSERT INTO pg_temp.our_orders (
    attempt_id, charge_e4, refund_e4, quantity, units, state, live, made_at, done_at, inside
)
SELECT id,
       CASE WHEN state IN ('refused', 'failed') THEN 0
            ELSE coalesce(charged_e4, total_e4) END,
       CASE WHEN state IN ('succeeded', 'refunded') THEN refunded_e4 ELSE 0 END,
       quantity, units, state,
       state IN ('sending', 'unclear', 'processing', 'manual'),
       made_at, coalesce(ended_at, answered_at, made_at),
       CASE :timed_by::text
            WHEN 'ordered' THEN
                 made_at >= :begins_at::timestamptz + :slack::interval
             AND made_at < :ends_at::timestamptz - :slack::interval
            ELSE made_at >= :begins_at::timestamptz + :slack::interval
             AND coalesce(ended_at, 'infinity') < :ends_at::timestamptz - :slack::interval END
  FROM purchases.attempts
 WHERE tenant_id = :tenant_id::bigint
   AND supplier_id = :supplier_id::uuid
   AND currency = :currency::text
   AND (   made_at >= :begins_at::timestamptz - :reach::interval
       AND made_at < :ends_at::timestamptz + :slack::interval)
 UNION
SELECT id,
       CASE WHEN state IN ('refused', 'failed') THEN 0
            ELSE coalesce(charged_e4, total_e4) END,
       CASE WHEN state IN ('succeeded', 'refunded') THEN refunded_e4 ELSE 0 END,
       quantity, units, state,
       state IN ('sending', 'unclear', 'processing', 'manual'),
       made_at, coalesce(ended_at, answered_at, made_at), false
  FROM purchases.attempts
 WHERE tenant_id = :tenant_id::bigint
   AND id IN (SELECT attempt_id FROM pg_temp.arrived_lines WHERE attempt_id IS NOT NULL)
   AND NOT (made_at >= :begins_at::timestamptz - :reach::interval
        AND made_at < :ends_at::timestamptz + :slack::interval)
