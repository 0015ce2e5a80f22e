-- One paid order a transaction, by hand: what the engine writes for an order of one card, row for
-- row, as a good engineer writes it who has no batches. Driven by pgbench, prepared, as kashu_app
-- under row-level security. Variables: tenant, and how many stores and skus there are.
--
-- It is spared some of what the engine does: no strategies are looked up, accounts are known to be
-- there, no client makes ids or composes an answer. Reads are joined, and writes that don't need
-- each other's answers share a statement, so that an order costs ten round trips.
\set store random(0, :stores - 1)
\set sku random(0, :skus - 1)
\set number random(1, 1000000000000000)
BEGIN;

-- Whose rows can be seen, until the commit: SET LOCAL takes no parameters when prepared.
SELECT set_config('kashu.tenant_id', :tenant::text, true);

-- What the codes stand for, and whether this request was answered before.
SELECT store.id AS store_id, sku.id AS sku_id, sku.shortage_policy AS policy,
       (SELECT count(*) FROM orders.requests
         WHERE tenant_id = :tenant::bigint AND caller = 'reference'
           AND key = 'r-' || :number::text) AS answered
  FROM channels.stores AS store
  JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant::bigint AND sku.code = 'sku-' || :sku::text
   AND sku.state = 'active'
 WHERE store.tenant_id = :tenant::bigint
   AND store.code = 'store-' || :store::text
   AND store.state = 'open'
\gset

-- Accept: once, whatever comes twice.
INSERT INTO orders.orders (tenant_id, id, source, external_id, store_id, total_e4, paid_at)
VALUES (:tenant::bigint, uuidv7(), 'store:' || :store_id::text, 'r-' || :number::text,
        :store_id::uuid, 198000, now())
    ON CONFLICT (tenant_id, source, external_id) DO NOTHING
RETURNING id AS order_id
\gset

-- The lock of stock. A statement of its own: what is read after it was committed before it.
SELECT sku_id AS held
  FROM stock.levels
 WHERE tenant_id = :tenant::bigint AND sku_id = :sku_id::uuid
   FOR UPDATE
\gset

-- Pick the next card of the lot that expires first, and count it out.
WITH lot AS (
    SELECT id, warehouse_id, supplier_id, unit_cost_e4, expires_on, head,
           count(*) OVER () AS candidates
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint AND sku_id = :sku_id::uuid AND stocked AND state = 'open'
       AND (expires_on IS NULL OR expires_on >= current_date)
     ORDER BY expires_on NULLS LAST, received_at, id
     LIMIT 1
), picked AS MATERIALIZED (
    SELECT lot.*, card.id AS card_id, card.position
      FROM lot
     CROSS JOIN LATERAL (
           SELECT id, position FROM stock.cards
            WHERE tenant_id = :tenant::bigint AND lot_id = lot.id AND position >= lot.head
              AND state = 'available'
            ORDER BY position
            LIMIT 1
     ) AS card
), marked AS (
    UPDATE stock.cards SET state = 'allocated'
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint AND cards.id = picked.card_id
), counted AS (
    UPDATE stock.lots
       SET available = available - 1, allocated = allocated + 1, head = picked.position + 1
      FROM picked
     WHERE lots.tenant_id = :tenant::bigint AND lots.id = picked.id
)
SELECT id AS lot_id, card_id, warehouse_id, supplier_id, unit_cost_e4 AS cost, expires_on,
       candidates, uuidv7() AS line_id, uuidv7() AS choice_id
  FROM picked
\gset

-- The line, why this lot, and the card that it got.
WITH line AS (
    INSERT INTO orders.lines
           (tenant_id, id, order_id, number, sku_id, quantity, price_e4, partial_allowed, state,
            delivered_count, waiting_count, unearned_e4, earned_e4)
    VALUES (:tenant::bigint, :line_id::uuid, :order_id::uuid, 1, :sku_id::uuid, 1, 198000, false,
            'filled', 1, 0, 0, 198000)
), choice AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, facts)
    VALUES (:tenant::bigint, :choice_id::uuid, :lot_id::uuid,
            jsonb_build_object('strategy', 'earliest_expiry', 'candidates', :candidates::int,
                               'place', 1, 'decided_by', 'earliest_expiry',
                               'expires_on', :expires_on::text, 'unit_cost', '14.1250'))
)
INSERT INTO stock.allocations (tenant_id, id, card_id, line_id, lot_id, choice_id)
VALUES (:tenant::bigint, uuidv7(), :card_id::uuid, :line_id::uuid, :lot_id::uuid,
        :choice_id::uuid);

-- The books: a sale, its cost, and what they add to the day's totals, in order of their key.
WITH account AS (
    SELECT id, kind FROM ledger.accounts
     WHERE tenant_id = :tenant::bigint AND currency = 'CNY'
       AND (kind = 'revenue' OR kind = 'cost_of_goods'
            OR kind = 'receivable' AND owner_id = :store_id::uuid
            OR kind = 'inventory' AND owner_id = :warehouse_id::uuid)
), posted AS (
    INSERT INTO ledger.transfers
           (tenant_id, id, debit_account_id, credit_account_id, amount_e4, currency, quantity,
            posted_on, reason, subject_id, sku_id, store_id, supplier_id)
    SELECT :tenant::bigint, uuidv7(), debit.id, credit.id, amount_e4, 'CNY', 1, current_date,
           reason, :line_id::uuid, :sku_id::uuid, :store_id::uuid, :supplier_id::uuid
      FROM (VALUES ('receivable', 'revenue', 198000::bigint, 'sale'),
                   ('cost_of_goods', 'inventory', :cost::bigint, 'cost'))
           AS t(debit_kind, credit_kind, amount_e4, reason)
      JOIN account AS debit ON debit.kind = debit_kind
      JOIN account AS credit ON credit.kind = credit_kind
)
INSERT INTO ledger.daily AS daily
       (tenant_id, id, posted_on, kind, currency, sku_id, store_id, supplier_id, debit_e4,
        credit_e4, quantity)
VALUES (:tenant::bigint, uuidv7(), current_date, 'cost_of_goods', 'CNY', :sku_id::uuid,
        :store_id::uuid, :supplier_id::uuid, :cost::bigint, 0, 1),
       (:tenant::bigint, uuidv7(), current_date, 'revenue', 'CNY', :sku_id::uuid,
        :store_id::uuid, :supplier_id::uuid, 0, 198000, 1)
    ON CONFLICT (tenant_id, posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id)
    DO UPDATE SET debit_e4 = daily.debit_e4 + excluded.debit_e4,
                  credit_e4 = daily.credit_e4 + excluded.credit_e4,
                  quantity = daily.quantity + excluded.quantity;

-- The outbox, and the request with its answer.
WITH happened AS (
    INSERT INTO core.events (tenant_id, id, kind, actor, subject_id, facts)
    VALUES (:tenant::bigint, uuidv7(), 'order.filled', 'reference', :order_id::uuid,
            '{"lines": [{"line": 1, "delivered": 1, "waiting": 0, "refused": 0, "refunded": 0}]}')
)
INSERT INTO orders.requests (tenant_id, caller, key, body_hash, answer)
VALUES (:tenant::bigint, 'reference', 'r-' || :number::text, sha256(int8send(:number::bigint)),
        convert_to('{"orders":[{"order_id":"' || :order_id::text || '","external_id":"r-'
                   || :number::text || '","new": true,"state":"filled","lines":[{"line_id":"' || :line_id::text
                   || '","number":1,"sku":"sku-' || :sku::text || '","quantity":1,"delivered":1,'
                   || '"waiting":0,"refused":0,"refunded":0,"cards":[]}]}]}', 'UTF8'));
COMMIT;
