-- Write attempts that are about to be sent. Their purchases are locked.
INSERT INTO purchases.attempts (
    tenant_id, id, purchase_id, supplier_id, offer_id, number, ref, quantity, units, unit_cost_e4,
    total_e4, currency, rate_e6, account_kind, choice, state, made_at, next_at
)
SELECT :tenant::bigint, id, purchase_id, supplier_id, offer_id, number, ref, quantity, units,
       unit_cost_e4, total_e4, currency, rate_e6, account_kind, choice, 'sending', made_at,
       next_at
  FROM unnest(:ids::uuid[], :purchases::uuid[], :suppliers::uuid[], :offers::uuid[],
              :numbers::text[], :refs::text[], :quantities::integer[], :units::integer[],
              :unit_costs::bigint[], :totals::bigint[], :currencies::text[], :rates::bigint[],
              :accounts::text[], :choices::jsonb[], :made_at::timestamptz[], :next_at::timestamptz[])
       AS made(id, purchase_id, supplier_id, offer_id, number, ref, quantity, units, unit_cost_e4,
               total_e4, currency, rate_e6, account_kind, choice, made_at, next_at)
