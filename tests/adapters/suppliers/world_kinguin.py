"""A store at Kinguin as a World."""

from collections.abc import Sequence
from dataclasses import replace

from kashu.adapters.suppliers.kinguin import KinguinUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import House, Order
from kashu.simulators.suppliers.kinguin import (
    API_KEY,
    PATH,
    WEBHOOK_SECRET,
    KinguinSimulator,
    product_id,
    their_number,
)
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.errors import BalanceShort, InputRefused, LoginRefused, SoldOut
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import TROUBLES, Proved, Side

REFUSALS: dict[str, type[OutsideError]] = {
    "Authorization": LoginRefused,
    "ConstraintViolation": InputRefused,
    "Http": InputRefused,
    "Preorder": InputRefused,
    "InsufficientBalance": BalanceShort,
    "ProductUnavailable": SoldOut,
    "OrderFailed": Unclear,
    "OrderNotFound": Unclear,
    "OrderNotSupported": Unclear,
    "ResourceLock": Unclear,
    "Error": Unclear,
    "HttpClient": Unclear,
}


def on_store(house: House, faults: Faults) -> Side:
    """A store with a webhook; what isn't signed can only be told from a wrong secret."""
    store = KinguinSimulator(house, faults)

    def notice(order: Order) -> NoticeRequest:
        headers, body = store.notice(order)
        return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = notice(order)
        return [
            replace(good, headers={}),
            replace(good, headers={**good.headers, "x-event-secret": ""}),
            replace(good, headers={**good.headers, "x-event-secret": "another"}),
            replace(good, headers={**good.headers, "x-event-secret": API_KEY}),
            replace(good, headers={**good.headers, "x-event-secret": "密"}),
        ]

    return Side(
        store,
        "store 7",
        API_KEY,
        options={"webhook_secret": WEBHOOK_SECRET},
        ref=product_id,
        their_number=their_number,
        brings=TROUBLES - {Trouble.THROTTLED},  # which words would be its own nobody wrote down
        refusals=REFUSALS,
        stranger_options={"webhook_secret": "nobodys"},
        notice=notice,
        forge=forge,
        path=PATH,
    )


PROVED = (Proved(KinguinUpstream(), on_store),)
