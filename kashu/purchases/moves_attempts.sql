-- Write attempts as they stand now. They are locked.
UPDATE purchases.attempts AS attempt
   SET state = stands.state,
       said = stands.said,
       their_number = stands.their_number,
       word_unknown = stands.word_unknown,
       answered_at = stands.answered_at,
       ended_at = stands.ended_at,
       next_at = stands.next_at,
       again_at = stands.again_at,
       missing_count = stands.missing_count,
       missing_at = stands.missing_at,
       charged_e4 = stands.charged_e4,
       refunded_e4 = stands.refunded_e4,
       received_count = stands.received_count,
       turned_away_count = stands.turned_away_count,
       receipt = stands.receipt,
       surplus = stands.surplus
  FROM unnest(:ids::uuid[], :states::text[], :said::text[], :their_numbers::text[],
              :words_unknown::boolean[], :answered::timestamptz[], :ended::timestamptz[],
              :next_at::timestamptz[], :again_at::timestamptz[], :missing_counts::integer[],
              :missing_at::timestamptz[], :charged::bigint[], :refunded::bigint[],
              :received::integer[], :turned_away::integer[], :receipts::text[],
              :surplus::boolean[])
       AS stands(id, state, said, their_number, word_unknown, answered_at, ended_at, next_at,
                 again_at, missing_count, missing_at, charged_e4, refunded_e4, received_count,
                 turned_away_count, receipt, surplus)
 WHERE attempt.tenant_id = :tenant::bigint
   AND attempt.id = ANY (:ids::uuid[])
   AND attempt.id = stands.id
