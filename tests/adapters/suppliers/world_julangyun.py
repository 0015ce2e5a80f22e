"""An account at Julangyun as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.adapters.suppliers.julangyun import JulangyunUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.simulators.suppliers.julangyun import (
    TOKEN,
    USER,
    JulangyunSimulator,
    goods_code,
    their_number,
)
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    LoginRefused,
    NumberTaken,
    PriceAbove,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import TROUBLES, Proved, Side, pair_card

REFUSALS: dict[str, type[OutsideError]] = {
    "1001": LoginRefused,
    "1002": LoginRefused,
    "1003": ClockRefused,
    "1004": LoginRefused,
    "1104": BalanceShort,
    "1201": ProductGone,
    "1202": ProductGone,
    "1203": SoldOut,
    "1304": PriceAbove,
    "1302": NumberTaken,
    "400": Unclear,
    "500": Unclear,
    "1301": Unclear,  # asked for an order that isn't there, when ordering: nobody knows what it is
    "1303": Unclear,
}


def on_account(house: House, faults: Faults) -> Side:
    """An account for cards and top-ups."""
    there = JulangyunSimulator(house, faults)
    strange = JulangyunSimulator(house, token="another")
    other = JulangyunSimulator(house, user="U10002")

    def notice(order: Order) -> NoticeRequest:
        return posted(there.notice(order))

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = notice(order)
        return [
            posted(strange.notice(order)),
            posted(other.notice(order)),
            posted(there.notice(order, at=timedelta(minutes=-61))),
            posted(there.notice(order, at=timedelta(minutes=61))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, headers={}),
            replace(good, headers={**good.headers, "timestamp": "0"}),
            replace(good, headers={**good.headers, "sign": "签"}),
        ]

    account = Asked("rechargeAccount", "充值账号", is_account=True)
    return Side(
        there,
        USER,
        TOKEN,
        ref=goods_code,
        their_number=their_number,
        card=pair_card,
        brings=TROUBLES - {Trouble.THROTTLED},  # no code of it is documented
        refusals=REFUSALS,
        checks_clock=True,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000")]},
        notice=notice,
        forge=forge,
    )


def posted(told: tuple[dict[str, str], bytes]) -> NoticeRequest:
    """A notice as it reaches us."""
    headers, body = told
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


PROVED = (Proved(JulangyunUpstream(), on_account),)
