"""How purchases went at each supplier, day by day."""

from typing import Final

from sqlalchemy import Column, Date, Integer, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from kashu.core.schema import belongs_to, index, tenant_table

# The attempts made on a merchant's day, counted again until they have all ended.
quality_days: Final = tenant_table(
    "purchases",
    "quality_days",
    Column("supplier_id", Uuid(), nullable=False),
    Column("day", Date(), nullable=False),
    Column("attempts", Integer(), nullable=False),  # that ended, and not for a reason of ours
    Column("succeeded", Integer(), nullable=False),
    Column("unclear", Integer(), nullable=False),  # that were in doubt
    Column("received", Integer(), nullable=False),  # units that came, those turned away too
    Column("invalid", Integer(), nullable=False),  # … and can't be sold
    Column("price_changes", Integer(), nullable=False),  # of offers that we buy
    Column("waits", ARRAY(Integer()), nullable=False),  # how many took how long: see quality.sql
    index("quality_days_by_day", "day"),
    belongs_to("supplier_id", "suppliers.suppliers", "quality_day_knows_its_supplier"),
    key=("supplier_id", "day"),
)
