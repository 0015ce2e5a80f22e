-- What links to platforms know of themselves. What each column is for: channels/tables.py.
ALTER TABLE channels.connections
    ADD COLUMN sealed_options BYTEA,
    ADD COLUMN grant_number INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN renewing_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN renewals INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN missed_from TIMESTAMP WITH TIME ZONE,
    ADD COLUMN missed_until TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT missed_history_has_both_ends CHECK ((missed_from IS NULL) = (missed_until IS NULL));

ALTER TABLE channels.shop_refunds ALTER COLUMN amount_e4 DROP NOT NULL;
CREATE INDEX shop_refunds_in_trouble ON channels.shop_refunds (tenant_id, id) WHERE step = 'trouble';
