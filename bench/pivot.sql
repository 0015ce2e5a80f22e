-- Two transfers an order, spread evenly over days, stores, SKUs and suppliers.
INSERT INTO ledger.transfers (tenant_id, id, debit_account_id, credit_account_id, amount_e4,
                              currency, quantity, posted_on, reason, subject_id, sku_id, store_id,
                              supplier_id)
SELECT %(tenant)s, uuidv7(), debit.id, credit.id, amount, 'CNY', 1, sold.day, reason, sold.line_id,
       sold.sku_id, sold.store_id, sold.supplier_id
  FROM (SELECT uuidv7() AS line_id,
               %(first)s + n %% %(days)s AS day,
               (%(stores)s::uuid[])[1 + n / %(days)s %% cardinality(%(stores)s::uuid[])] AS store_id,
               (%(skus)s::uuid[])[1 + n / (%(days)s * 5) %% cardinality(%(skus)s::uuid[])] AS sku_id,
               (%(suppliers)s::uuid[])[1 + n / (%(days)s * 50)
                                       %% cardinality(%(suppliers)s::uuid[])] AS supplier_id
          FROM generate_series(0, %(orders)s - 1) AS n) AS sold
 CROSS JOIN (VALUES ('receivable', 'revenue', %(price)s::bigint, 'sale'),
                    ('cost_of_goods', 'inventory', %(cost)s::bigint, 'cost'))
            AS t(debit_kind, credit_kind, amount, reason)
  JOIN ledger.accounts AS debit
    ON debit.tenant_id = %(tenant)s AND debit.kind = debit_kind
   AND (debit.owner_id = sold.store_id OR debit.owner_id IS NULL)
  JOIN ledger.accounts AS credit
    ON credit.tenant_id = %(tenant)s AND credit.kind = credit_kind;

INSERT INTO ledger.daily (tenant_id, id, posted_on, kind, currency, sku_id, store_id, supplier_id,
                          debit_e4, credit_e4, quantity)
SELECT %(tenant)s, uuidv7(), posted_on,
       CASE reason WHEN 'sale' THEN 'revenue' ELSE 'cost_of_goods' END, 'CNY', sku_id, store_id,
       supplier_id, sum(CASE reason WHEN 'cost' THEN amount_e4 ELSE 0 END),
       sum(CASE reason WHEN 'sale' THEN amount_e4 ELSE 0 END), sum(quantity)
  FROM ledger.transfers
 WHERE tenant_id = %(tenant)s
 GROUP BY posted_on, reason, sku_id, store_id, supplier_id;
