-- What the list of orders is narrowed and sorted by, beyond time, store and number.
CREATE INDEX orders_by_total ON orders.orders (tenant_id, total_e4);
CREATE INDEX orders_of_a_customer ON orders.orders (tenant_id, customer_id, accepted_at) WHERE customer_id IS NOT NULL;
CREATE INDEX lines_of_a_sku ON orders.lines (tenant_id, sku_id, order_id);
CREATE INDEX lines_refused ON orders.lines (tenant_id, order_id) WHERE refused_count > 0;
CREATE INDEX lines_given_back ON orders.lines (tenant_id, order_id) WHERE refunded_count > 0 OR refunded_e4 > 0;
