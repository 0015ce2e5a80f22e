"""An account at Reloadly as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.adapters.suppliers.reloadly import ReloadlyUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.core.money import format_amount
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Good, House, Order
from kashu.simulators.suppliers.reloadly import (
    CLIENT_ID,
    CLIENT_SECRET,
    WEBHOOK_SECRET,
    ReloadlySimulator,
)
from kashu.suppliers.conformance import Fate
from kashu.suppliers.errors import BalanceShort, OrderRefused
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import FATES, Proved, Side, pair_card

REFUSALS: dict[str, type[OutsideError]] = {
    "400 INSUFFICIENT_BALANCE": BalanceShort,
    "400 NOBODY_LISTED_THIS": OrderRefused,
    "402 PAY_FIRST": OrderRefused,
    "403 NOT_FOR_YOU": OrderRefused,
    "404 PRODUCT_NOT_FOUND": OrderRefused,
    "422 NOT_SO": OrderRefused,
    "408 TOO_SLOW": Unclear,
    "409 INSUFFICIENT_BALANCE": Unclear,
    "410 GONE": Unclear,
    "500 OUT_OF_ORDER": Unclear,
    "503 OUT_OF_ORDER": Unclear,
}


def ref_of(good: Good) -> str:
    """A product at its face value."""
    return f"{good.good_id}:{format_amount(good.face_value_e4)}"


def on_account(house: House, faults: Faults) -> Side:
    """An account in dollars, with a webhook."""
    there = ReloadlySimulator(house, faults)

    def notice(order: Order) -> NoticeRequest:
        return posted(there.notice(order))

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = notice(order)
        return [
            posted(there.notice(order, secret="another")),
            posted(there.notice(order, secret=CLIENT_SECRET)),
            posted(there.notice(order, at=timedelta(minutes=-16))),
            posted(there.notice(order, at=timedelta(minutes=16))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, headers={}),
            replace(good, headers={**good.headers, "x-reloadly-request-timestamp": "0"}),
            replace(good, headers={**good.headers, "x-reloadly-request-timestamp": "密"}),
        ]

    return Side(
        there,
        CLIENT_ID,
        CLIENT_SECRET,
        options={"webhook_secret": WEBHOOK_SECRET},
        ref=ref_of,
        card=pair_card,
        fates=FATES - {Fate.FEWER},  # for a minute they may still come: test_reloadly.py
        refusals=REFUSALS,
        stranger_options={"webhook_secret": "nobodys"},
        notice=notice,
        forge=forge,
    )


def posted(told: tuple[dict[str, str], bytes]) -> NoticeRequest:
    """A notice as it reaches us."""
    headers, body = told
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


PROVED = (Proved(ReloadlyUpstream(), on_account),)
