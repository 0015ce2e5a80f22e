-- The journal behind a part of the profit report: of some days, of what the filters leave.
      FROM ledger.transfers AS transfer
      JOIN ledger.accounts AS debit
        ON debit.tenant_id = :tenant_id::bigint AND debit.id = transfer.debit_account_id
      JOIN ledger.accounts AS credit
        ON credit.tenant_id = :tenant_id::bigint AND credit.id = transfer.credit_account_id
     WHERE transfer.tenant_id = :tenant_id::bigint
       AND transfer.posted_at >= :begins_at::timestamptz  -- the index is by time
       AND transfer.posted_at < :ends_at::timestamptz
       AND transfer.posted_on BETWEEN :since::date AND :until::date
       AND (debit.kind = ANY (:profit_kinds::text[]) OR credit.kind = ANY (:profit_kinds::text[]))
       AND (:skus::uuid[] IS NULL OR transfer.sku_id = ANY (:skus::uuid[]))
       AND (:stores::uuid[] IS NULL OR transfer.store_id = ANY (:stores::uuid[]))
       AND (:suppliers::uuid[] IS NULL OR transfer.supplier_id = ANY (:suppliers::uuid[]))
       AND (:customers::uuid[] IS NULL OR transfer.customer_id = ANY (:customers::uuid[]))
       AND NOT (:no_sku::boolean AND transfer.sku_id IS NOT NULL)
       AND NOT (:no_store::boolean AND transfer.store_id IS NOT NULL)
       AND NOT (:no_supplier::boolean AND transfer.supplier_id IS NOT NULL)
       AND NOT (:no_customer::boolean AND transfer.customer_id IS NOT NULL)
