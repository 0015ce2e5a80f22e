"""The kinds and states of purchases, as every module names them."""

from enum import StrEnum
from typing import Final


class Cause(StrEnum):
    """Why something is bought."""

    HAND = "hand"  # a person wants it
    REORDER = "reorder"  # stock runs low
    SHORT = "short"  # an order's line waits for cards
    TOPUP = "topup"  # an order's line wants an account topped up


class PurchaseState(StrEnum):
    """How far a purchase has come."""

    DRAFT = "draft"  # written, not decided
    ASKED = "asked"  # a second person must approve it
    WANTED = "wanted"  # to be ordered from the best supplier
    PLACED = "placed"  # an attempt is under way: nothing else is ordered meanwhile
    HELD = "held"  # nobody sells within its limits: `said` tells; looked at again
    DONE = "done"  # all of it is here
    PART = "part"  # ended with less than was wanted
    ENDED = "ended"  # nothing was bought, and nothing will be
    CANCELLED = "cancelled"  # a person didn't want it any more


OPEN: Final = frozenset(
    {
        PurchaseState.DRAFT,
        PurchaseState.ASKED,
        PurchaseState.WANTED,
        PurchaseState.PLACED,
        PurchaseState.HELD,
    }
)


class AttemptState(StrEnum):
    """How far one order at one supplier has come.

    While an attempt is live no other is made for its purchase: by database constraint.
    """

    SENDING = "sending"  # written before the request leaves; found after a crash, it is UNCLEAR
    UNCLEAR = "unclear"  # 存疑: it may have happened; it is asked about, never repeated
    PROCESSING = "processing"  # they have it
    MANUAL = "manual"  # asking didn't clear it up in time: a person decides
    SUCCEEDED = "succeeded"
    REFUSED = "refused"  # nothing was created there
    FAILED = "failed"  # it ended without success; the money is back, or comes back
    REFUNDED = "refunded"  # it had succeeded, and all the money came back


LIVE: Final = frozenset(
    {
        AttemptState.SENDING,
        AttemptState.UNCLEAR,
        AttemptState.PROCESSING,
        AttemptState.MANUAL,
    }
)


class Placing(StrEnum):
    """How sending an order went, as the breaker judges it."""

    TAKEN = "taken"  # they have it, or it is done
    REFUSED = "refused"  # they answered, and said no: sold out, dearer, not for us
    UNAVAILABLE = "unavailable"  # not reached, or out of order
    UNCLEAR = "unclear"  # nobody knows
    FAILED = "failed"  # they took it, and it ended without success


class Reordering(StrEnum):
    """What becomes of a SKU that runs low."""

    OFF = "off"  # nothing is bought; it is suggested
    DRAFT = "draft"  # a draft is written for a person
    WANTED = "wanted"  # it is bought, within the limits


class Stance(StrEnum):
    """What a rule says of a supplier."""

    ALLOWED = "allowed"  # only from those that are allowed, where a rule names any
    DENIED = "denied"  # never
    SHARED = "shared"  # it gets its share
