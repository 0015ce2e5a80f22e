"""What a pilot leaves behind: comparisons with the old way, and balances brought over."""

from typing import Final

from sqlalchemy import Column, Date, DateTime, Integer, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB

from kashu.core.schema import belongs_to, index, of_a_tenant, tenant_table, unique

# How a day of a store compared with the old way's sheet. What differed isn't kept, only how much.
comparisons: Final = tenant_table(
    "pilot",
    "comparisons",
    Column("store_id", Uuid(), nullable=False),
    Column("day", Date(), nullable=False),  # the merchant's
    Column("compared_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text(), nullable=False),
    Column("same", Integer(), nullable=False),
    Column("missed", Integer(), nullable=False),
    Column("extra", Integer(), nullable=False),
    Column("different", Integer(), nullable=False),
    Column("unexplained", Integer(), nullable=False),
    index("comparisons_of_a_store", "store_id", "day", "compared_at"),
    belongs_to("store_id", "channels.stores", "comparison_knows_its_store"),
    append_only=True,
)

# Balances that were there before us, posted once under a name.
openings: Final = tenant_table(
    "pilot",
    "openings",
    Column("name", Text(), nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("posted_on", Date(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("digest", Text(), nullable=False),  # of what was posted: the same name can't mean other
    Column("balances", JSONB(), nullable=False),
    unique("opening_is_posted_once", "name"),
    of_a_tenant("opening_knows_its_tenant"),
    append_only=True,
)
