"""A dujiao-next site as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.dujiao_next import (
    API_KEY,
    API_SECRET,
    DujiaoNextSimulator,
)
from kashu.simulators.suppliers.dujiao_next_wire import sku_of
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    OrderRefused,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import Proved, Side, pair_card

REFUSALS: dict[str, type[OutsideError]] = {
    "missing_auth_headers": LoginRefused,
    "invalid_signature": LoginRefused,
    "invalid_api_key": LoginRefused,
    "user_disabled": LoginRefused,
    "invalid_timestamp": ClockRefused,
    "timestamp_expired": ClockRefused,
    "bad_request": InputRefused,
    "invalid_callback_url": OrderRefused,
    "sku_unavailable": ProductGone,
    "product_unavailable": ProductGone,
    "insufficient_balance": BalanceShort,
    "payment_failed": BalanceShort,
    "insufficient_stock": SoldOut,
    "internal_error": Unclear,
}


def on_site(house: House, faults: Faults) -> Side:
    """A site where accounts are topped up by a form."""
    site = DujiaoNextSimulator(house, faults)
    strange = DujiaoNextSimulator(house, api_secret="another")
    other = DujiaoNextSimulator(house, api_key="dj_another_key")

    def notice(order: Order) -> NoticeRequest:
        return posted(site.notice(order))

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = notice(order)
        return [
            posted(strange.notice(order)),
            posted(other.notice(order)),
            posted(site.notice(order, at=timedelta(seconds=-90))),
            posted(site.notice(order, at=timedelta(seconds=90))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, headers={}),
            replace(good, headers={**good.headers, "dujiao-next-timestamp": "0"}),
        ]

    account = Asked("account", "充值账号", is_account=True)
    return Side(
        site,
        API_KEY,
        API_SECRET,
        ref=lambda good: f"{good.good_id}/{sku_of(good)}",
        card=pair_card,
        refusals=REFUSALS,
        checks_clock=True,
        asked={Goods.TOPUP: [(account, "13800138000")]},
        notice=notice,
        forge=forge,
    )


def posted(told: tuple[dict[str, str], bytes]) -> NoticeRequest:
    """A notice as it reaches us."""
    headers, body = told
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


PROVED = (Proved(DujiaoNextUpstream(), on_site),)
