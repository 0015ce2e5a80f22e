-- The schema of customers, as of version 0.1. What each table is for: customers/tables.py.
CREATE SCHEMA IF NOT EXISTS customers;

CREATE TABLE customers.customers (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    partial_allowed BOOLEAN,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT customers_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX customer_code_is_unique ON customers.customers (tenant_id, code);
ALTER TABLE access.api_keys ADD CONSTRAINT api_key_knows_its_customer
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id);
