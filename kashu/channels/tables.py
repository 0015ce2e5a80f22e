"""Stores: shops on a platform, or our own counter."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Text, func

from kashu.core.schema import of_a_tenant, one_of, state_column, tenant_table, unique


class StoreState(StrEnum):
    """Does it take orders?"""

    OPEN = "open"
    CLOSED = "closed"  # takes none; what was sold stays


class ChannelKind(StrEnum):
    """Where a store stands. Not a CHECK: an adapter that is installed may bring its own."""

    DIRECT = "direct"  # 直销: the open API, by hand, from a file
    TAOBAO = "taobao"  # 淘宝
    JD = "jd"  # 京东
    PINDUODUO = "pinduoduo"  # 拼多多
    YOUZAN = "youzan"  # 有赞
    WEIDIAN = "weidian"  # 微店


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
