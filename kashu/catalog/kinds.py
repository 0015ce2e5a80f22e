"""The kinds and states of a SKU, as every module names them."""

from enum import StrEnum
from typing import Final


class Period(StrEnum):
    """How long a membership lasts."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    OTHER = "other"  # `days` says


class Fulfilment(StrEnum):
    """How a SKU reaches its buyer."""

    CARD = "card"  # 卡密: a number and/or password, used once
    TOPUP = "topup"  # 直充: bought upstream for an account; passes no stock
    LINK = "link"  # 券码链接: a URL, used once
    SHARED = "shared"  # one secret, many uses
    OWN = "own"  # our own redemption code
    PHYSICAL = "physical"  # something that is shipped
    BUNDLE = "bundle"  # several of the above


IN_STOCK: Final = frozenset({Fulfilment.CARD, Fulfilment.LINK, Fulfilment.SHARED})


class ShortagePolicy(StrEnum):
    """What becomes of a line that cannot be filled."""

    WAIT = "wait"  # until stock arrives
    REFUSE = "refuse"  # with the channel's own no-stock answer
    BUY = "buy"  # from the best offer now; waits where buying isn't set up
    SUBSTITUTE = "substitute"  # with the buyer's consent; waits for a person


class SkuState(StrEnum):
    """Is it sold?"""

    ACTIVE = "active"  # takes new orders and new stock
    RETIRED = "retired"  # takes neither; what was sold stays
