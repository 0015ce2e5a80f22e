"""Stores: shops on a platform, or our own counter."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Text, func

from kashu.core.schema import of_a_tenant, one_of, state_column, tenant_table, unique


class StoreState(StrEnum):
    """Does it take orders?"""

    OPEN = "open"
    CLOSED = "closed"  # takes none; what was sold stays


stores: Final = tenant_table(
    "channels",
    "stores",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("channel", Text(), nullable=False),  # direct | taobao | jd | pinduoduo | youzan | weidian
    Column("partial_allowed", Boolean()),  # NULL: as the SKU says
    state_column(StoreState.OPEN),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("store_code_is_unique", "code"),
    one_of("state", StoreState, "store_state_is_known"),
    of_a_tenant("store_knows_its_tenant"),
)
