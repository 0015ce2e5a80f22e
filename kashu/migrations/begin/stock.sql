-- The schema of stock, as of version 0.1. What each table is for: stock/tables.py.
CREATE SCHEMA IF NOT EXISTS stock;

CREATE TABLE stock.alerts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    sku_id UUID NOT NULL,
    lot_id UUID,
    days INTEGER,
    state TEXT DEFAULT 'raised' NOT NULL,
    facts JSONB NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    cleared_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT alerts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT alert_state_is_known CHECK (state IN ('raised', 'cleared')),
    CONSTRAINT alert_clears_once CHECK ((state = 'raised') = (cleared_at IS NULL))
);
CREATE UNIQUE INDEX one_standing_alert_of_a_kind ON stock.alerts (tenant_id, kind, sku_id, lot_id, days) NULLS NOT DISTINCT WHERE state = 'raised';

CREATE TABLE stock.moves (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    card_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    from_lot_id UUID NOT NULL,
    to_lot_id UUID NOT NULL,
    CONSTRAINT moves_key PRIMARY KEY (tenant_id, id)
);
CREATE INDEX moves_of_a_card ON stock.moves (tenant_id, card_id);

CREATE TABLE stock.strategies (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    steps JSONB NOT NULL,
    CONSTRAINT strategies_key PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX strategy_code_is_unique ON stock.strategies (tenant_id, code);

CREATE TABLE stock.strategy_uses (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    strategy_id UUID NOT NULL,
    sku_id UUID,
    store_id UUID,
    customer_id UUID,
    CONSTRAINT strategy_uses_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT strategy_use_knows_its_strategy FOREIGN KEY(tenant_id, strategy_id) REFERENCES stock.strategies (tenant_id, id)
);
CREATE UNIQUE INDEX one_strategy_for_each ON stock.strategy_uses (tenant_id, sku_id, store_id, customer_id) NULLS NOT DISTINCT;

CREATE TABLE stock.warehouses (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    priority INTEGER DEFAULT '100' NOT NULL,
    CONSTRAINT warehouses_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT warehouse_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX warehouse_code_is_unique ON stock.warehouses (tenant_id, code);

CREATE TABLE stock.imports (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    warehouse_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    actor TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 BYTEA NOT NULL,
    state TEXT DEFAULT 'running' NOT NULL,
    read_count INTEGER DEFAULT '0' NOT NULL,
    accepted_count INTEGER DEFAULT '0' NOT NULL,
    rejected_count INTEGER DEFAULT '0' NOT NULL,
    classes JSONB DEFAULT '{}' NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    beat_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT imports_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT import_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT import_knows_its_warehouse FOREIGN KEY(tenant_id, warehouse_id) REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT import_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT import_state_is_known CHECK (state IN ('running', 'done', 'failed', 'undone')),
    CONSTRAINT import_ends_once CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX imports_running ON stock.imports (tenant_id, beat_at) WHERE state = 'running';

CREATE TABLE stock.levels (
    tenant_id BIGINT NOT NULL,
    sku_id UUID NOT NULL,
    replenished_at TIMESTAMP WITH TIME ZONE,
    low INTEGER,
    enough INTEGER,
    CONSTRAINT levels_key PRIMARY KEY (tenant_id, sku_id),
    CONSTRAINT level_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT level_has_a_gap_between_low_and_enough CHECK ((low IS NULL) = (enough IS NULL) AND low >= 0 AND enough > low)
);
CREATE INDEX levels_replenished ON stock.levels (tenant_id, sku_id) WHERE replenished_at IS NOT NULL;

CREATE TABLE stock.reservations (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    quantity INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT DEFAULT 'held' NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT reservations_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT reservation_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT reservation_state_is_known CHECK (state IN ('held', 'used', 'released')),
    CONSTRAINT reservation_ends_once CHECK ((state = 'held') = (ended_at IS NULL)),
    CONSTRAINT reservation_is_of_a_sane_size CHECK (quantity BETWEEN 1 AND 10000)
);
CREATE INDEX reservations_due ON stock.reservations (tenant_id, until_at) WHERE state = 'held';

CREATE TABLE stock.stocktakes (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    warehouse_id UUID NOT NULL,
    actor TEXT NOT NULL,
    state TEXT DEFAULT 'counted' NOT NULL,
    counted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE,
    matched_count INTEGER NOT NULL,
    differences JSONB NOT NULL,
    CONSTRAINT stocktakes_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT stocktake_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT stocktake_knows_its_warehouse FOREIGN KEY(tenant_id, warehouse_id) REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT stocktake_state_is_known CHECK (state IN ('counted', 'posted', 'dropped'))
);

CREATE TABLE stock.lots (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    warehouse_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    import_id UUID,
    origin_lot_id UUID,
    unit_cost_e4 BIGINT NOT NULL,
    currency TEXT DEFAULT 'CNY' NOT NULL,
    expires_on DATE,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    frozen_reason TEXT,
    shared BOOLEAN DEFAULT 'false' NOT NULL,
    head BIGINT DEFAULT '1' NOT NULL,
    available INTEGER DEFAULT '0' NOT NULL,
    reserved INTEGER DEFAULT '0' NOT NULL,
    allocated INTEGER DEFAULT '0' NOT NULL,
    revealed INTEGER DEFAULT '0' NOT NULL,
    redeemed INTEGER DEFAULT '0' NOT NULL,
    quarantined INTEGER DEFAULT '0' NOT NULL,
    void INTEGER DEFAULT '0' NOT NULL,
    returned INTEGER DEFAULT '0' NOT NULL,
    stocked BOOLEAN GENERATED ALWAYS AS (available > 0) STORED NOT NULL,
    CONSTRAINT lots_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT lot_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT lot_knows_its_warehouse FOREIGN KEY(tenant_id, warehouse_id) REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT lot_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT lot_knows_its_import FOREIGN KEY(tenant_id, import_id) REFERENCES stock.imports (tenant_id, id),
    CONSTRAINT lot_knows_its_origin FOREIGN KEY(tenant_id, origin_lot_id) REFERENCES stock.lots (tenant_id, id),
    CONSTRAINT lot_state_is_known CHECK (state IN ('open', 'frozen')),
    CONSTRAINT frozen_lot_has_a_reason CHECK ((state = 'frozen') = (frozen_reason IS NOT NULL)),
    CONSTRAINT lot_cost_is_not_negative CHECK (unit_cost_e4 >= 0),
    CONSTRAINT lot_counts_are_not_negative CHECK (available >= 0 AND reserved >= 0 AND allocated >= 0 AND revealed >= 0 AND redeemed >= 0 AND quarantined >= 0 AND void >= 0 AND returned >= 0)
)
 WITH (fillfactor = 50);
CREATE INDEX lots_of_a_sku ON stock.lots (tenant_id, sku_id, received_at);
CREATE INDEX lots_of_a_supplier ON stock.lots (tenant_id, supplier_id);
CREATE INDEX lots_of_an_import ON stock.lots (tenant_id, import_id);
CREATE INDEX lots_stocked ON stock.lots (tenant_id, sku_id) WHERE stocked;

CREATE TABLE stock.cards (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    lot_id UUID NOT NULL,
    position BIGINT NOT NULL,
    state TEXT DEFAULT 'available' NOT NULL,
    max_uses INTEGER DEFAULT '1' NOT NULL,
    reservation_id UUID,
    sealed BYTEA NOT NULL,
    key_version INTEGER NOT NULL,
    blind_index BYTEA NOT NULL,
    tail TEXT NOT NULL,
    CONSTRAINT cards_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT card_knows_its_lot FOREIGN KEY(tenant_id, lot_id) REFERENCES stock.lots (tenant_id, id),
    CONSTRAINT card_state_is_known CHECK (state IN ('available', 'reserved', 'allocated', 'revealed', 'redeemed', 'quarantined', 'void', 'returned')),
    CONSTRAINT card_knows_its_reservation CHECK ((state = 'reserved') = (reservation_id IS NOT NULL)),
    CONSTRAINT card_can_be_used CHECK (max_uses >= 1)
)
 WITH (fillfactor = 50);
CREATE UNIQUE INDEX card_is_unique_within_its_sku ON stock.cards (tenant_id, sku_id, blind_index);
CREATE INDEX cards_by_tail ON stock.cards (tenant_id, tail);
CREATE INDEX cards_of_a_lot ON stock.cards (tenant_id, lot_id, position);
CREATE INDEX cards_reserved ON stock.cards (tenant_id, reservation_id) WHERE reservation_id IS NOT NULL;

CREATE TABLE stock.choices (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    lot_id UUID NOT NULL,
    strategy_id UUID,
    facts JSONB NOT NULL,
    CONSTRAINT choices_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT choice_knows_its_lot FOREIGN KEY(tenant_id, lot_id) REFERENCES stock.lots (tenant_id, id)
);

CREATE TABLE stock.allocations (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    card_id UUID NOT NULL,
    use_number INTEGER DEFAULT '1' NOT NULL,
    line_id UUID NOT NULL,
    lot_id UUID NOT NULL,
    choice_id UUID NOT NULL,
    allocated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revealed_at TIMESTAMP WITH TIME ZONE,
    released_at TIMESTAMP WITH TIME ZONE,
    released_because TEXT,
    CONSTRAINT allocations_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT allocation_knows_its_card FOREIGN KEY(tenant_id, card_id) REFERENCES stock.cards (tenant_id, id),
    CONSTRAINT allocation_knows_why FOREIGN KEY(tenant_id, choice_id) REFERENCES stock.choices (tenant_id, id),
    CONSTRAINT release_has_a_reason CHECK ((released_at IS NULL) = (released_because IS NULL))
)
 WITH (fillfactor = 50);
CREATE INDEX allocations_of_a_card ON stock.allocations (tenant_id, card_id);
CREATE INDEX allocations_of_a_line ON stock.allocations (tenant_id, line_id);
CREATE UNIQUE INDEX card_is_given_to_one_line ON stock.allocations (tenant_id, card_id, use_number) WHERE released_at IS NULL;

CREATE TABLE stock.reveals (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    card_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    recipient TEXT NOT NULL,
    line_id UUID,
    CONSTRAINT reveals_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT reveal_knows_its_card FOREIGN KEY(tenant_id, card_id) REFERENCES stock.cards (tenant_id, id)
);
CREATE INDEX reveals_by_actor ON stock.reveals (tenant_id, actor, at);
CREATE INDEX reveals_of_a_card ON stock.reveals (tenant_id, card_id);
