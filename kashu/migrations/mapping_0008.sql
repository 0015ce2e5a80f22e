-- Bundles, and accounts to be topped up. What each is for: the tables.py of its module.
CREATE TABLE catalog.bundle_parts (
    tenant_id BIGINT NOT NULL,
    bundle_id UUID NOT NULL,
    part_id UUID NOT NULL,
    place INTEGER NOT NULL,
    units INTEGER NOT NULL,
    CONSTRAINT bundle_parts_key PRIMARY KEY (tenant_id, bundle_id, part_id),
    CONSTRAINT part_knows_its_bundle FOREIGN KEY(tenant_id, bundle_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT part_knows_its_sku FOREIGN KEY(tenant_id, part_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT part_is_of_a_sane_size CHECK (units BETWEEN 1 AND 1000),
    CONSTRAINT bundle_is_no_part_of_itself CHECK (bundle_id <> part_id)
);
CREATE INDEX bundles_of_a_part ON catalog.bundle_parts (tenant_id, part_id);

ALTER TABLE channels.listings
    ADD COLUMN account_rule JSONB;

ALTER TABLE channels.shop_orders
    ADD COLUMN places JSONB,
    ADD COLUMN masked_accounts JSONB;
