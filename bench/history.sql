-- Issue cards in batches, each committed by itself, as the engine would have: the same rows,
-- the same versions left behind. Only the triggers of foreign keys are spared.
CREATE PROCEDURE pg_temp.issue(of_tenant bigint, batches int, size int, seed text) LANGUAGE plpgsql AS $$
DECLARE
    lot record;
    of_store uuid;
    debtor uuid;
    creditor uuid;
    cost_of uuid;
    held uuid;
BEGIN
    SELECT id INTO creditor FROM ledger.accounts
     WHERE tenant_id = of_tenant AND kind = 'revenue';
    SELECT id INTO cost_of FROM ledger.accounts
     WHERE tenant_id = of_tenant AND kind = 'cost_of_goods';
    SELECT id INTO held FROM ledger.accounts WHERE tenant_id = of_tenant AND kind = 'inventory';
    FOR batch IN 1..batches LOOP
        SELECT id, sku_id, supplier_id, unit_cost_e4, head INTO lot FROM stock.lots
         WHERE tenant_id = of_tenant AND available >= size
         ORDER BY allocated, id LIMIT 1;
        SELECT id INTO of_store FROM channels.stores
         WHERE tenant_id = of_tenant AND code = 'store-' || batch % 5;
        SELECT id INTO debtor FROM ledger.accounts
         WHERE tenant_id = of_tenant AND kind = 'receivable' AND owner_id = of_store;

        CREATE TEMP TABLE sold ON COMMIT DROP AS
        SELECT card.id AS card_id, uuidv7() AS order_id, uuidv7() AS line_id,
               seed || '-' || batch || '-' || card.position AS name
          FROM stock.cards AS card
         WHERE card.tenant_id = of_tenant AND card.lot_id = lot.id
           AND card.position BETWEEN lot.head AND lot.head + size - 1;
        INSERT INTO orders.orders (tenant_id, id, source, external_id, store_id, total_e4, paid_at)
        SELECT of_tenant, order_id, 'store:' || of_store, name, of_store, 198000, now() FROM sold;
        INSERT INTO orders.lines (tenant_id, id, order_id, number, sku_id, quantity, price_e4,
                                  partial_allowed, state, delivered_count, waiting_count,
                                  unearned_e4, earned_e4)
        SELECT of_tenant, line_id, order_id, 1, lot.sku_id, 1, 198000, false, 'filled', 1, 0, 0,
               198000 FROM sold;
        WITH choice AS (
            INSERT INTO stock.choices (tenant_id, id, lot_id, facts)
            VALUES (of_tenant, uuidv7(), lot.id, '{}') RETURNING id
        )
        INSERT INTO stock.allocations (tenant_id, id, card_id, line_id, lot_id, choice_id)
        SELECT of_tenant, uuidv7(), card_id, line_id, lot.id, choice.id FROM sold, choice;
        UPDATE stock.cards SET state = 'allocated' FROM sold
         WHERE cards.tenant_id = of_tenant AND cards.id = sold.card_id;
        UPDATE stock.lots
           SET available = available - size, allocated = allocated + size, head = lots.head + size
         WHERE tenant_id = of_tenant AND id = lot.id;
        INSERT INTO ledger.transfers (tenant_id, id, debit_account_id, credit_account_id, amount_e4,
                                      currency, quantity, posted_on, reason, subject_id, sku_id,
                                      store_id, supplier_id)
        SELECT of_tenant, uuidv7(), debit, credit, amount, 'CNY', 1, current_date, reason, line_id,
               lot.sku_id, of_store, lot.supplier_id
          FROM sold, (VALUES (debtor, creditor, 198000::bigint, 'sale'),
                             (cost_of, held, lot.unit_cost_e4, 'cost'))
                     AS t(debit, credit, amount, reason);
        INSERT INTO ledger.daily AS daily (tenant_id, id, posted_on, kind, currency, sku_id,
                                           store_id, supplier_id, debit_e4, credit_e4, quantity)
        VALUES (of_tenant, uuidv7(), current_date, 'cost_of_goods', 'CNY', lot.sku_id, of_store,
                lot.supplier_id, size * lot.unit_cost_e4, 0, size),
               (of_tenant, uuidv7(), current_date, 'revenue', 'CNY', lot.sku_id, of_store,
                lot.supplier_id, 0, size * 198000, size)
            ON CONFLICT (tenant_id, posted_on, kind, currency, sku_id, store_id, customer_id,
                         supplier_id)
            DO UPDATE SET debit_e4 = daily.debit_e4 + excluded.debit_e4,
                          credit_e4 = daily.credit_e4 + excluded.credit_e4,
                          quantity = daily.quantity + excluded.quantity;
        INSERT INTO core.events (tenant_id, id, kind, actor, subject_id, facts)
        SELECT of_tenant, uuidv7(), 'order.filled', 'cli', order_id,
               '{"lines": [{"line": 1, "delivered": 1, "waiting": 0, "refused": 0, "refunded": 0}]}'
          FROM sold;
        INSERT INTO orders.requests (tenant_id, caller, key, body_hash, answer)
        SELECT of_tenant, 'cli', name, sha256(name::bytea), repeat(name, 16)::bytea FROM sold;
        COMMIT;
    END LOOP;
END
$$;
