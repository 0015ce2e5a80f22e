"""Suppliers: upstream accounts we buy from."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, Text, func

from kashu.core.schema import of_a_tenant, tenant_table, unique

suppliers: Final = tenant_table(
    "suppliers",
    "suppliers",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("tier", Integer(), nullable=False, server_default="2"),  # 1 一手, 2 二级, 3 三级
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("supplier_code_is_unique", "code"),
    CheckConstraint("tier BETWEEN 1 AND 3", name="supplier_tier_is_1_to_3"),
    of_a_tenant("supplier_knows_its_tenant"),
)
