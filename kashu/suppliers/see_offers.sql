-- Write what a supplier tells of its products, and keep each change of price and of being for sale.
-- Locks: the known offers, which whoever calls this holds already.
WITH told AS (
    SELECT *
      FROM unnest(
               :ids::uuid[],
               :known::boolean[],
               :kept::boolean[],
               :refs::text[],
               :titles::text[],
               :goods::text[],
               :costs::bigint[],
               :currencies::text[],
               :stocks::int[],
               :in_stock::boolean[],
               :on_sale::boolean[],
               :faces::bigint[],
               :least::int[],
               :most::int[],
               :states::text[],
               :reasons::text[],
               :held_costs::bigint[],
               :seen::timestamptz[],
               :told::text[]
           ) AS told (id, known, kept, ref, title, goods, cost, currency, stock, in_stock, on_sale,
                      face, least, most, state, reason, held_cost, seen_at, told)
),
changed AS (
    UPDATE suppliers.offers AS offer
       SET title = told.title,
           goods = told.goods,
           unit_cost_e4 = told.cost,
           currency = told.currency,
           stock = told.stock,
           in_stock = told.in_stock,
           on_sale = told.on_sale,
           face_value_e4 = told.face,
           least = told.least,
           most = told.most,
           state = told.state,
           held_because = told.reason,
           held_cost_e4 = told.held_cost,
           told = told.told,
           seen_at = told.seen_at,
           changed_at = CASE WHEN told.kept THEN :at::timestamptz ELSE offer.changed_at END
      FROM told
     WHERE told.known
       AND offer.tenant_id = :tenant::bigint
       AND offer.id = told.id
    RETURNING offer.id
),
made AS (
    INSERT INTO suppliers.offers (
        tenant_id, id, supplier_id, ref, title, goods, unit_cost_e4, currency, stock, in_stock,
        on_sale, face_value_e4, least, most, state, held_because, held_cost_e4, told, seen_at,
        changed_at
    )
    SELECT :tenant::bigint, id, :supplier::uuid, ref, title, goods, cost, currency, stock, in_stock,
           on_sale, face, least, most, state, reason, held_cost, told, seen_at, :at::timestamptz
      FROM told
     WHERE NOT known
     ORDER BY ref
        ON CONFLICT (tenant_id, supplier_id, ref) DO NOTHING  -- another look was faster
    RETURNING id
),
written AS (
    SELECT id FROM changed
     UNION ALL
    SELECT id FROM made
),
remembered AS (
    INSERT INTO suppliers.prices (
        tenant_id, id, offer_id, at, unit_cost_e4, stock, in_stock, on_sale, told, held_because
    )
    SELECT :tenant::bigint, price.id, told.id, :at::timestamptz,
           CASE WHEN told.state = 'held' THEN told.held_cost ELSE told.cost END,
           told.stock, told.in_stock, told.on_sale, told.told, told.reason
      FROM written
      JOIN told ON told.id = written.id
      JOIN unnest(:ids::uuid[], :price_ids::uuid[]) AS price (offer_id, id)
        ON price.offer_id = told.id
     WHERE told.kept
)
SELECT id FROM written
