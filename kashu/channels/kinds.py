"""The kinds and states of a store, as every module names them."""

from enum import StrEnum


class StoreState(StrEnum):
    """Whether a store takes orders."""

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
