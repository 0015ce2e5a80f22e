-- What is bought for lines that stock can't fill. See orders/tables.py.
CREATE TABLE orders.buying (
    tenant_id BIGINT NOT NULL,
    line_id UUID NOT NULL,
    sku_id UUID NOT NULL,
    goods TEXT NOT NULL,
    state TEXT DEFAULT 'due' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    purchase_id UUID,
    sealed_account BYTEA,
    key_version INTEGER,
    masked_account TEXT DEFAULT '' NOT NULL,
    receipt TEXT DEFAULT '' NOT NULL,
    CONSTRAINT buying_key PRIMARY KEY (tenant_id, line_id),
    CONSTRAINT buying_knows_its_line FOREIGN KEY(tenant_id, line_id) REFERENCES orders.lines (tenant_id, id),
    CONSTRAINT buying_state_is_known CHECK (state IN ('due', 'bought', 'over')),
    CONSTRAINT buying_goods_are_known CHECK (goods IN ('card', 'topup', 'link')),
    CONSTRAINT bought_line_knows_its_purchase CHECK (state <> 'bought' OR purchase_id IS NOT NULL),
    CONSTRAINT sealed_account_knows_its_key CHECK ((sealed_account IS NULL) = (key_version IS NULL)),
    CONSTRAINT topup_has_an_account CHECK (goods <> 'topup' OR state = 'over' OR sealed_account IS NOT NULL)
);
CREATE INDEX buying_due ON orders.buying (tenant_id, next_at) WHERE state <> 'over';
