-- Who is on what, and what was noted; and finding an order by its buyer. See desk/tables.py.
CREATE SCHEMA IF NOT EXISTS desk;

CREATE TABLE desk.claims (
    tenant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    actor TEXT NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    taken_from TEXT,
    CONSTRAINT claims_key PRIMARY KEY (tenant_id, kind, subject_id),
    CONSTRAINT claim_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT claim_ends_after_it_began CHECK (claimed_at < until_at)
);
CREATE INDEX claims_by_end ON desk.claims (tenant_id, until_at);

CREATE TABLE desk.notes (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    order_id UUID,
    text TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT notes_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT note_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT note_says_something CHECK (text <> '')
);
CREATE INDEX notes_of_a_subject ON desk.notes (tenant_id, subject_id, at);
CREATE INDEX notes_of_an_order ON desk.notes (tenant_id, order_id, at) WHERE order_id IS NOT NULL;

CREATE INDEX shop_orders_by_buyer ON channels.shop_orders (tenant_id, buyer) WHERE buyer <> '';
ALTER TABLE channels.shop_orders ADD COLUMN buyer_tail TEXT GENERATED ALWAYS AS (right(buyer, 4)) STORED NOT NULL;
CREATE INDEX shop_orders_by_buyers_tail ON channels.shop_orders (tenant_id, buyer_tail) WHERE buyer <> '';
