"""A site of Xingquanyi's system as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kashu.adapters.suppliers.xingquanyi import XingquanyiUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, Card, House, Order
from kashu.simulators.suppliers.xingquanyi import CUSTOMER_ID, KEY, XingquanyiSimulator
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NumberTaken,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, NoticeRequest
from tests.adapters.suppliers.worlds import Proved, Side

REFUSALS: dict[str, type[OutsideError]] = {
    "error 余额不足": BalanceShort,
    "error 余额不足。": BalanceShort,
    "error 库存不足": SoldOut,
    "error 商品已下架": ProductGone,
    "error 商品售价高于安全进价": PriceAbove,
    "error 充值账号格式错误": InputRefused,
    "error 外部订单号重复": NumberTaken,
    "error 外部订单号已存在，余额不足": NumberTaken,
    "error 下单失败": Unclear,
    "error 上游余额不足，订单处理中": Unclear,
    "invalid_parameters 参数错误": InputRefused,
    "invalid_sign sign错误": LoginRefused,
    "disabled_customer 商家已被禁用": LoginRefused,
    "request_frequency 请求过于频繁": SupplierBusy,
    "server_error 余额不足": Unclear,
    "OK 余额不足": Unclear,
    "Error 余额不足": Unclear,
}


def posted(body: bytes) -> NoticeRequest:
    """A notice as it reaches us."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


def dated_card(card: Card) -> BoughtCard:
    """A card with the last day on which it works: its time is midnight."""
    return BoughtCard(card.number, card.password, expires_on=date(2029, 12, 30))


def on_site(house: House, faults: Faults) -> Side:
    """A site where accounts are topped up with a choice beside the account."""
    site = XingquanyiSimulator(house, faults, limited=False)
    strange = XingquanyiSimulator(house, key="another")
    other = XingquanyiSimulator(house, customer_id="10002")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(site.notice(order))
        return [
            posted(strange.notice(order)),
            posted(other.notice(order)),
            posted(site.notice(order, at=timedelta(hours=-1))),
            posted(site.notice(order, at=timedelta(minutes=20))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b"state=200", b"state=500")),
            replace(good, body=good.body + b"&more=1"),
        ]

    account = Asked("recharge_account", "充值账号", is_account=True)
    area = Asked("游戏区服", "游戏区服")
    return Side(
        site,
        CUSTOMER_ID,
        KEY,
        card=dated_card,
        refusals=REFUSALS,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000"), (area, "二区")]},
        notice=lambda order: posted(site.notice(order)),
        forge=forge,
    )


PROVED = (Proved(XingquanyiUpstream(), on_site),)
