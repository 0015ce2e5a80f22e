"""What the reports keep: rollups of their own, and notes on the time axis."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    func,
)

from kashu.core.schema import index, of_a_tenant, tenant_table, unique

# What was sold in ten minutes, by store and SKU, added up from the books again while it may still
# grow. Orders stand in rows without a SKU: an order may have several.
pulse: Final = tenant_table(
    "reports",
    "pulse",
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("store_id", Uuid()),
    Column("sku_id", Uuid()),
    Column("orders", Integer(), nullable=False),
    Column("units", BigInteger(), nullable=False),  # sold, less what came back
    Column("revenue_e4", BigInteger(), nullable=False),
    Column("profit_e4", BigInteger(), nullable=False),
    unique("pulse_is_unique", "begins_at", "currency", "store_id", "sku_id", nulls_equal=True),
    of_a_tenant("pulse_knows_its_tenant"),
)

# What explains a curve: a series began, a platform's festival, a price war.
annotations: Final = tenant_table(
    "reports",
    "annotations",
    Column("on_day", Date(), nullable=False),
    Column("text", Text(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    index("annotations_by_day", "on_day"),
    of_a_tenant("annotation_knows_its_tenant"),
    CheckConstraint("text <> '' AND length(text) <= 200", name="annotation_says_something"),
)
