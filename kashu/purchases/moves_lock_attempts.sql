-- Lock some attempts, in order of id, and read them as they are then.
SELECT id, purchase_id, supplier_id, offer_id, number, their_number, ref, quantity, units,
       unit_cost_e4, total_e4, currency, rate_e6, account_kind, choice, state, said, word_unknown,
       made_at, answered_at, ended_at, next_at, again_at, asks, missing_count, missing_at,
       charged_e4, refunded_e4, received_count, turned_away_count, receipt, account_key, surplus
  FROM purchases.attempts
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 ORDER BY id
   FOR NO KEY UPDATE
