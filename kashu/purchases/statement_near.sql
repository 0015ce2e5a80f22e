-- Match lines that name no order with the order nearest in time whose amount is the same within the
-- tolerance, where each is the other's nearest. Run again until nothing is matched. No lock.
-- Each line looks at the four nearest on either side in each of three buckets of amounts, so that
-- what it costs doesn't depend on how many orders there are.
WITH open_line AS MATERIALIZED (
    SELECT row_number, amount_e4, quantity, at, amount_e4 / :bucket_e4::bigint AS bucket
      FROM pg_temp.arrived_lines
     WHERE attempt_id IS NULL
       AND amount_e4 > 0
       AND at IS NOT NULL
), pair AS (
    SELECT open_line.row_number, near.attempt_id,
           abs(extract(epoch FROM near.at - open_line.at)) AS gap
      FROM open_line
     CROSS JOIN LATERAL (
           SELECT found.*
             FROM generate_series(-1, 1) AS beside(step)
            CROSS JOIN LATERAL (
                  (SELECT attempt_id, amount_e4, quantity, units, at
                     FROM pg_temp.open_orders
                    WHERE bucket = open_line.bucket + beside.step
                      AND at >= open_line.at
                    ORDER BY at
                    LIMIT 4)
                  UNION ALL
                  (SELECT attempt_id, amount_e4, quantity, units, at
                     FROM pg_temp.open_orders
                    WHERE bucket = open_line.bucket + beside.step
                      AND at < open_line.at
                    ORDER BY at DESC
                    LIMIT 4)
                  ) AS found
           ) AS near
     WHERE abs(near.amount_e4 - open_line.amount_e4) <= :tolerance_e4::bigint
       AND abs(extract(epoch FROM near.at - open_line.at)) <= :window_s::integer
       AND (open_line.quantity IS NULL
            OR open_line.quantity IN (near.quantity, near.quantity * near.units))
), ranked AS (
    SELECT row_number, attempt_id,
           row_number() OVER (PARTITION BY row_number ORDER BY gap, attempt_id) AS of_line,
           row_number() OVER (PARTITION BY attempt_id ORDER BY gap, row_number) AS of_order
      FROM pair
), matched AS (
    SELECT row_number, attempt_id
      FROM ranked
     WHERE of_line = 1
       AND of_order = 1
), taken AS (
    DELETE FROM pg_temp.open_orders
     WHERE attempt_id IN (SELECT attempt_id FROM matched)
)
UPDATE pg_temp.arrived_lines AS arrived
   SET attempt_id = matched.attempt_id, matched_by = 'amount_and_time'
  FROM matched
 WHERE matched.row_number = arrived.row_number
RETURNING 1 AS one
