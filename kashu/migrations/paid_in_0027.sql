ALTER TABLE suppliers.suppliers
    ADD COLUMN currency TEXT DEFAULT 'CNY' NOT NULL,
    ADD CONSTRAINT supplier_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$');

-- NULL: it was no cost of ours, or in our own currency.
ALTER TABLE suppliers.movements
    ADD COLUMN rate_e6 BIGINT,
    ADD CONSTRAINT movement_rate_is_sane CHECK (rate_e6 BETWEEN 1 AND 1000000000);
ALTER TABLE purchases.resolutions
    ADD COLUMN rate_e6 BIGINT,
    ADD CONSTRAINT resolution_rate_is_sane CHECK (rate_e6 BETWEEN 1 AND 1000000000);
