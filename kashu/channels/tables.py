"""Stores: shops on a platform, or our own counter."""

from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Text, func

from kashu.channels.kinds import StoreState
from kashu.core.schema import of_a_tenant, one_of, state_column, tenant_table, unique

stores: Final = tenant_table(
    "channels",
    "stores",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("channel", Text(), nullable=False),  # a ChannelKind
    Column("partial_allowed", Boolean()),  # NULL: as the SKU says
    state_column(StoreState.OPEN),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("store_code_is_unique", "code"),
    one_of("state", StoreState, "store_state_is_known"),
    of_a_tenant("store_knows_its_tenant"),
)
