ALTER TABLE ledger.accounts DROP CONSTRAINT account_kind_is_known;
ALTER TABLE ledger.accounts ADD CONSTRAINT account_kind_is_known CHECK (kind IN ('receivable', 'wallet', 'inventory', 'prepaid', 'in_doubt', 'payable', 'recoveries', 'exchange', 'revenue', 'cost_of_goods', 'channel_fees', 'after_sales_loss', 'expired_stock', 'stock_loss', 'campaign_budget', 'points_liability', 'cash', 'opening'));

-- What was ordered so far was ordered in our own currency.
ALTER TABLE purchases.attempts
    ADD COLUMN rate_e6 BIGINT DEFAULT 1000000 NOT NULL,
    ADD CONSTRAINT attempt_rate_is_sane CHECK (rate_e6 BETWEEN 1 AND 1000000000 AND (currency <> 'CNY' OR rate_e6 = 1000000));
