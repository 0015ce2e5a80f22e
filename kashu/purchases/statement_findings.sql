-- Say what is wrong: lines of nobody's, orders without a line, other amounts, orders twice. No lock.
-- An order's lines are taken together: charges above 0, refunds below. If all of them come to what
-- we hold, nothing is wrong, however they are split. Else a charge of the first one's amount again
-- is a duplicate, unless that makes up for nothing; what then still differs is a difference.
WITH line AS (
    SELECT arrived.attempt_id, arrived.row_number, arrived.amount_e4, arrived.quantity,
           first_value(amount_e4) OVER by_row AS first_e4,
           row_number() OVER by_row AS place
      FROM pg_temp.arrived_lines AS arrived
     WHERE attempt_id IS NOT NULL
       AND amount_e4 > 0
    WINDOW by_row AS (PARTITION BY attempt_id ORDER BY arrived.row_number)
), whole AS MATERIALIZED (  -- all lines of an order
    SELECT attempt_id, min(row_number) AS row_number,
           coalesce(sum(amount_e4) FILTER (WHERE amount_e4 > 0), 0)::bigint AS charged_e4,
           coalesce(sum(amount_e4) FILTER (WHERE amount_e4 < 0), 0)::bigint AS returned_e4,
           count(*) FILTER (WHERE amount_e4 > 0) AS charges,
           sum(quantity) FILTER (WHERE amount_e4 > 0) AS quantity
      FROM pg_temp.arrived_lines
     WHERE attempt_id IS NOT NULL
     GROUP BY attempt_id
), judged AS MATERIALIZED (
    SELECT whole.*, ours.charge_e4, ours.refund_e4, ours.state, ours.live,
           ours.quantity AS our_quantity, ours.units,
           -- Refunds of charges in an earlier statement are beside our refund, not our charge.
           CASE WHEN charges = 0 AND returned_e4 < 0 THEN - ours.refund_e4
                ELSE ours.charge_e4 - ours.refund_e4 END AS ours_e4,
           charged_e4 + returned_e4 AS theirs_e4
      FROM whole
      JOIN pg_temp.our_orders AS ours
        ON ours.attempt_id = whole.attempt_id
), off AS MATERIALIZED (
    SELECT *
      FROM judged
     WHERE abs(theirs_e4 - ours_e4) > :tolerance_e4::bigint
       AND NOT (live AND charges = 0 AND returned_e4 = 0)
), twice AS MATERIALIZED (
    SELECT line.attempt_id, line.row_number, line.amount_e4
      FROM line
      JOIN off
        ON off.attempt_id = line.attempt_id
     WHERE line.place > 1
       AND abs(line.amount_e4 - line.first_e4) <= :tolerance_e4::bigint
       AND off.theirs_e4 > off.ours_e4
       AND (off.charge_e4 > 0 OR off.live)
), rest AS (
    SELECT off.*, off.theirs_e4 - coalesce(again.amount_e4, 0) AS left_e4
      FROM off
      LEFT JOIN (
           SELECT attempt_id, sum(amount_e4)::bigint AS amount_e4
             FROM twice
            GROUP BY attempt_id
           ) AS again
        ON again.attempt_id = off.attempt_id
), found AS (
    SELECT 'duplicated' AS kind, 'order' AS what, row_number, attempt_id, 0::bigint AS ours_e4,
           amount_e4 AS theirs_e4
      FROM twice
     UNION ALL
    SELECT 'different',
           CASE WHEN live THEN 'in_doubt'
                WHEN charge_e4 = 0 THEN 'state'
                WHEN refund_e4 + returned_e4 <> 0 THEN 'refund'
                ELSE 'amount' END,
           row_number, attempt_id, ours_e4, left_e4
      FROM rest
     WHERE abs(left_e4 - ours_e4) > :tolerance_e4::bigint
     UNION ALL
    SELECT 'different', 'in_doubt', row_number, attempt_id, ours_e4, theirs_e4
      FROM judged
     WHERE live
       AND charges > 0
       AND abs(theirs_e4 - ours_e4) <= :tolerance_e4::bigint
     UNION ALL
    SELECT 'different', 'quantity', row_number, attempt_id, ours_e4, theirs_e4
      FROM judged
     WHERE NOT live
       AND charges = 1
       AND quantity NOT IN (our_quantity, our_quantity * units)
       AND abs(theirs_e4 - ours_e4) <= :tolerance_e4::bigint
     UNION ALL
    SELECT CASE WHEN place = 1 THEN 'extra' ELSE 'duplicated' END, 'order', row_number, NULL, 0,
           amount_e4
      FROM (
           SELECT row_number, amount_e4,
                  CASE WHEN number = '' AND their_number = '' THEN 1
                       ELSE row_number() OVER (
                           PARTITION BY number, their_number, amount_e4 ORDER BY row_number
                       ) END AS place
             FROM pg_temp.arrived_lines
            WHERE attempt_id IS NULL
              AND amount_e4 <> 0
           ) AS nobodys
     UNION ALL
    SELECT 'missing', 'order', NULL, attempt_id, charge_e4 - refund_e4, 0
      FROM pg_temp.our_orders AS ours
     WHERE inside
       AND NOT live
       AND charge_e4 - refund_e4 > 0
       AND NOT EXISTS (
           SELECT FROM whole WHERE whole.attempt_id = ours.attempt_id
           )
)
SELECT kind, what, row_number, attempt_id, ours_e4, theirs_e4
  FROM found
 ORDER BY kind, row_number, attempt_id
