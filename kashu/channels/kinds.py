"""The kinds and states of stores and of what happens on them, as every module names them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class StoreState(StrEnum):
    """Whether a store takes orders."""

    OPEN = "open"
    CLOSED = "closed"  # takes none; what was sold stays


class ChannelKind(StrEnum):
    """Where a store stands. Not a CHECK: an adapter that is installed may bring its own."""

    DIRECT = "direct"  # 直销: the open API, by hand, from a file
    TAOBAO = "taobao"  # 淘宝
    JD = "jd"  # 京东
    JD_GAME = "jd_game"  # 京东游戏点卡平台, which asks us for each order
    JD_VIRTUAL = "jd_virtual"  # 京东通用交易平台, likewise
    PINDUODUO = "pinduoduo"  # 拼多多
    YOUZAN = "youzan"  # 有赞
    WEIDIAN = "weidian"  # 微店
    AGISO = "agiso"  # 阿奇索, a bridge to the others


class Mode(StrEnum):
    """How far we act for a store by ourselves."""

    STOPPED = "stopped"  # orders are collected; nothing is given, people deliver
    SHADOW = "shadow"  # what we would give is written down; the old way delivers
    ASSISTED = "assisted"  # a person releases each order
    AUTOMATIC = "automatic"


FARTHER: Final = tuple(Mode)  # each goes farther than the one before
ACTS: Final = frozenset({Mode.ASSISTED, Mode.AUTOMATIC})  # cards are given, platforms are told


def least(modes: Iterable[Mode]) -> Mode:
    """The least far-going of some modes."""
    return min(modes, key=FARTHER.index)


class GrantState(StrEnum):
    """Whether the platform lets us act for the shop."""

    WANTED = "wanted"  # the application is known, the seller hasn't permitted it yet
    GRANTED = "granted"
    LOST = "lost"  # taken back or expired: the seller must permit it again


class Step(StrEnum):
    """How far an order of a platform has come with us. `held` and `trouble` need a person."""

    SEEN = "seen"  # known; nothing to do while it isn't paid
    DUE = "due"  # paid, to be taken in
    UNMAPPED = "unmapped"  # one of its listings stands for no SKU of ours yet
    HELD = "held"  # the platform, a refund that is asked for, or its own numbers forbid it for now
    SHADOWED = "shadowed"  # decided, and nothing given: the old way delivers
    TAKEN = "taken"  # it is one of our orders; the cards have not reached the buyer
    SENT = "sent"  # the buyer has the cards; the platform isn't told
    CONFIRMED = "confirmed"
    ENDED = "ended"  # closed or given back: nobody is to be told any more
    TROUBLE = "trouble"  # we can't go on by ourselves; `said` tells why


class RefundStep(StrEnum):
    """How far a refund of a platform has come with us."""

    SEEN = "seen"  # asked for, or refused: nothing to do
    DUE = "due"  # the money is back: our books must follow
    SETTLED = "settled"
    TROUBLE = "trouble"
