"""The kinds and states of suppliers and their offers, as every module names them."""

from enum import StrEnum


class Goods(StrEnum):
    """What is bought."""

    CARD = "card"  # 卡密: codes that go into stock
    TOPUP = "topup"  # 直充: an account is topped up
    LINK = "link"  # 券码链接: addresses that go into stock


class Settlement(StrEnum):
    """How a supplier is paid."""

    PREPAID = "prepaid"  # 预付: from a balance that we have with it
    PAYABLE = "payable"  # 账期: afterwards


class ConnectionState(StrEnum):
    """Whether we call a supplier."""

    OPEN = "open"
    STOPPED = "stopped"  # a person said so: nothing is bought or asked for; open orders are
    LOCKED_OUT = "locked_out"  # it doesn't accept our login: a person must put it right


class OfferState(StrEnum):
    """May an offer be bought?"""

    LIVE = "live"
    HELD = "held"  # its price is implausible: a person decides
    GONE = "gone"  # not in the supplier's list any more


class Told(StrEnum):
    """How we learnt a price."""

    POLLED = "polled"  # we asked
    PUSHED = "pushed"  # the supplier told us, and we asked
    READ = "read"  # right before ordering
    FILE = "file"
    HAND = "hand"
