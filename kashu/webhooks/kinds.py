"""What other programs can be told, and how far telling them has come."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from kashu.access.permissions import Permission


class MessageType(StrEnum):
    """What a message tells. Each is the kind of event that it is sent for.

    Once released, a type keeps its name and its meaning; new ones are added.
    """

    ORDER_FILLED = "order.filled"  # every unit has its card
    ORDER_PARTLY_FILLED = "order.partly_filled"
    ORDER_SHORT = "order.short"  # nothing yet: stock isn't enough
    ORDER_REFUSED = "order.refused"  # nothing, and nothing will follow
    ORDER_TOPPED_UP = "order.topped_up"  # the buyer's account has it
    ORDER_CANCELLED = "order.cancelled"  # what nobody had seen was taken back
    ORDER_REFUNDED = "order.refunded"
    ORDER_SENT = "order.sent"  # the platform has the cards for its buyer
    ORDER_CONFIRMED = "order.confirmed"  # the platform marked it as shipped
    ORDER_DELIVERED = "order.delivered"  # the same, where it isn't to be marked
    ORDER_DELIVERY_TROUBLE = "order.delivery_trouble"  # a person must look
    IMPORT_DONE = "import.done"
    IMPORT_FAILED = "import.failed"
    ALERT_RAISED = "alert.raised"  # low stock, none, cards about to expire
    ALERT_CLEARED = "alert.cleared"
    OFFER_PRICE_MOVED = "offer.price_moved"
    OFFER_SOLD_OUT = "offer.sold_out"
    PURCHASE_HELD = "purchase.held"  # nobody sells within its limits
    PURCHASE_OVERDUE = "purchase.overdue"
    ATTEMPT_UNCLEAR = "attempt.unclear"  # a supplier may have sold it: we ask
    SUPPLIER_BALANCE_LOW = "supplier.balance_low"
    TEST = "webhook.test"  # somebody tries the address; of no event


# By the first word of a type: what it takes to read what it is about.
NEEDS: Final[Mapping[str, Permission]] = {
    "order": Permission.ORDERS_READ,
    "import": Permission.STOCK_READ,
    "alert": Permission.STOCK_READ,
    "offer": Permission.SUPPLIERS_READ,
    "purchase": Permission.PURCHASES_READ,
    "attempt": Permission.PURCHASES_READ,
    "supplier": Permission.SUPPLIERS_READ,
}

OF_EVENTS: Final = tuple(each for each in MessageType if each is not MessageType.TEST)
OF_ORDERS: Final = tuple(each for each in OF_EVENTS if each.startswith("order."))


class EndpointState(StrEnum):
    """Is an address told anything?"""

    OPEN = "open"
    DISABLED = "disabled"  # by a person, or by itself: `said` tells why
    REMOVED = "removed"  # for good; its messages can still be looked up for a while


class DeliveryState(StrEnum):
    """Has one address heard one message?"""

    DUE = "due"  # to be sent at `next_at`
    DELIVERED = "delivered"  # it answered with 2xx
    FAILED = "failed"  # every try was in vain, or the address was disabled: a person may replay it


# How long after each try that was in vain the next one comes; after the last one there is none.
# Source: Standard Webhooks 1.0, "deliverability and reliability".
SCHEDULE: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
TRIES_MAX: Final = len(SCHEDULE) + 1

KEPT: Final = timedelta(days=30)  # what was sent, and each try
EARLIER_SIGNS: Final = timedelta(hours=24)  # how long a replaced secret signs beside the new one
ENDPOINTS_MAX: Final = 50  # of one shop
URL_CHARS_MAX: Final = 2_000


def types_told(types: Collection[MessageType], *, bound: bool) -> tuple[MessageType, ...]:
    """What an address is told that chose `types` (none: all), bound to a store or customer or not.

    One that is bound hears of its own orders and of nothing else.
    """
    can = OF_ORDERS if bound else OF_EVENTS
    return tuple(each for each in can if not types or each in types)
