"""Enterprise customers and downstream distributors."""

from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Text, func

from kashu.core.schema import of_a_tenant, tenant_table, unique

customers: Final = tenant_table(
    "customers",
    "customers",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("partial_allowed", Boolean()),  # NULL: as the store or the SKU says
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("customer_code_is_unique", "code"),
    of_a_tenant("customer_knows_its_tenant"),
)
