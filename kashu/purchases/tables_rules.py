"""Rules of buying, the suppliers they name, and how placing went of late."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    Text,
    Uuid,
    func,
)

from kashu.core.schema import belongs_to, index, of_a_tenant, one_of, tenant_table, unique
from kashu.purchases.kinds import Reordering, Stance

# A rule is of all that is bought, or of a SKU, a store, a customer, or some of these at once.
# What is NULL is as the next less particular rule says. See rules.py.
rules: Final = tenant_table(
    "purchases",
    "rules",
    Column("sku_id", Uuid()),
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    # Of what is bought by itself: what one unit may cost, and what must be left of its price.
    Column("unit_cost_max_e4", BigInteger()),
    Column("margin_min_ppm", Integer()),  # of the selling price, in parts per million
    Column("loss_until_at", DateTime(timezone=True)),  # 清仓: sold at a loss until then
    Column("auto_buy", Boolean()),  # false: what would be bought by itself is a draft
    Column("warehouse_id", Uuid()),  # for bought cards
    Column("due_minutes", Integer()),  # later somebody must look
    Column("quality_min_ppm", Integer()),  # of a supplier's orders that must succeed
    # Four eyes: a second person approves what may come to more than this, alone or with its day.
    Column("approval_above_e4", BigInteger()),
    Column("daily_max_e4", BigInteger()),
    # Reordering what runs low.
    Column("reorder", Text()),
    Column("lead_hours", Integer()),  # from ordering to selling; NULL: as suppliers were of late
    Column("safety_days", Integer()),  # of sales, kept back for bad luck
    Column("cover_days", Integer()),  # of sales, bought at once
    Column("stock_days_max", Integer()),  # of sales, never more in stock and on order together
    Column("budget_e4", BigInteger()),  # never more money in stock and on order together
    Column("changed_by", Text(), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("rule_is_made_once", "sku_id", "store_id", "customer_id", nulls_equal=True),
    of_a_tenant("rule_knows_its_tenant"),
    belongs_to("sku_id", "catalog.skus", "rule_knows_its_sku"),
    belongs_to("store_id", "channels.stores", "rule_knows_its_store"),
    belongs_to("customer_id", "customers.customers", "rule_knows_its_customer"),
    belongs_to("warehouse_id", "stock.warehouses", "rule_knows_its_warehouse"),
    one_of("reorder", Reordering, "rule_reordering_is_known"),
    CheckConstraint(
        "unit_cost_max_e4 > 0 AND margin_min_ppm BETWEEN 0 AND 999999", name="rule_limits_are_sane"
    ),
    CheckConstraint(
        "loss_until_at IS NULL OR unit_cost_max_e4 IS NOT NULL", name="loss_has_a_limit"
    ),
    CheckConstraint(
        "approval_above_e4 >= 0 AND daily_max_e4 >= 0 AND budget_e4 >= 0"
        " AND quality_min_ppm BETWEEN 0 AND 1000000 AND due_minutes BETWEEN 1 AND 43200"
        " AND lead_hours BETWEEN 0 AND 2160 AND safety_days BETWEEN 0 AND 365"
        " AND cover_days BETWEEN 1 AND 365 AND stock_days_max BETWEEN 1 AND 730",
        name="rule_numbers_are_sane",
    ),
    CheckConstraint(
        "(sku_id IS NULL AND store_id IS NULL AND customer_id IS NULL) OR daily_max_e4 IS NULL",
        name="day_has_one_limit",
    ),
    CheckConstraint(
        "(store_id IS NULL AND customer_id IS NULL) OR (reorder IS NULL AND lead_hours IS NULL"
        " AND safety_days IS NULL AND cover_days IS NULL AND stock_days_max IS NULL"
        " AND budget_e4 IS NULL)",
        name="reordering_is_of_a_sku",
    ),
)

# What a rule says of suppliers.
preferences: Final = tenant_table(
    "purchases",
    "preferences",
    Column("rule_id", Uuid(), nullable=False),
    Column("supplier_id", Uuid(), nullable=False),
    Column("stance", Text(), nullable=False),
    Column("share", Integer()),  # its weight beside the other shares of this rule
    belongs_to("rule_id", "purchases.rules", "preference_knows_its_rule"),
    belongs_to("supplier_id", "suppliers.suppliers", "preference_knows_its_supplier"),
    one_of("stance", Stance, "preference_stance_is_known"),
    CheckConstraint(
        "(stance = 'shared') = (share IS NOT NULL) AND share BETWEEN 1 AND 1000",
        name="share_has_a_weight",
    ),
    key=("rule_id", "supplier_id"),
)

# How sending an order went: what the breaker judges by. Forgotten after a while.
placings: Final = tenant_table(
    "purchases",
    "placings",
    Column("supplier_id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text(), nullable=False),  # a Placing
    Column("latency_ms", Integer(), nullable=False),
    index("placings_of_a_supplier", "supplier_id", "at"),
    index("placings_by_time", "at"),
    belongs_to("supplier_id", "suppliers.suppliers", "placing_knows_its_supplier"),
)
