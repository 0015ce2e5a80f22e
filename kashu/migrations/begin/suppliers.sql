-- The schema of suppliers, as of version 0.1. What each table is for: suppliers/tables.py.
CREATE SCHEMA IF NOT EXISTS suppliers;

CREATE TABLE suppliers.suppliers (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    tier INTEGER DEFAULT '2' NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT suppliers_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT supplier_tier_is_1_to_3 CHECK (tier BETWEEN 1 AND 3),
    CONSTRAINT supplier_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX supplier_code_is_unique ON suppliers.suppliers (tenant_id, code);
