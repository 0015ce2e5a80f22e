"""A platform that speaks SUP 1.9 as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kashu.adapters.suppliers.sup_v19 import SupV19Upstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, Card, House, Order
from kashu.simulators.suppliers.sup_v19 import APP_ID, APP_SECRET, SupV19Simulator
from kashu.suppliers.conformance import Fate
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    LoginRefused,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierDown,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, NoticeRequest
from tests.adapters.suppliers.worlds import Proved, Side

REFUSALS: dict[str, type[OutsideError]] = {
    "-10 系统维护中": SupplierDown,
    "-12 参数错误": InputRefused,
    "-13 请求超速": SupplierBusy,
    "-14 鉴权失败": LoginRefused,
    "-15 商品维护中": ProductGone,
    "-15 结算价校验未通过": PriceAbove,
    "-15 不支持该地区": OrderRefused,
    "-16 重复下单": NumberTaken,
    "-18 余额不足": BalanceShort,
    "-21 提卡失败": SoldOut,
    "-22 提卡超时": Unclear,
    "-23 提卡异常": Unclear,
    "-99 系统异常": Unclear,
    "-11 余额不足": Unclear,
    "-17 余额不足": Unclear,
    "0 余额不足": Unclear,
}


def posted(body: bytes, media_type: str = "application/x-www-form-urlencoded") -> NoticeRequest:
    """A notice as it reaches us."""
    return NoticeRequest("POST", "/notices/1/T0k3n", "", {"content-type": media_type}, body)


def dated_card(card: Card) -> BoughtCard:
    """A card with the last day on which it works."""
    return BoughtCard(card.number, card.password, expires_on=date(2029, 12, 31))


def on_platform(house: House, faults: Faults) -> Side:
    """Cards come later, and accounts are topped up."""
    platform = SupV19Simulator(house, faults, limited=False)
    strange = SupV19Simulator(house, app_secret="another_secret_0")
    other = SupV19Simulator(house, app_id="AnotherApp")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(platform.notice(order))
        ended_at = order.ended_at or order.made_at
        order.ended_at = ended_at - timedelta(hours=2)
        old = posted(platform.notice(order))
        order.ended_at = ended_at
        return [
            old,
            posted(strange.notice(order)),
            posted(other.notice(order)),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b"orderStatus=2", b"orderStatus=3")),
            replace(good, body=good.body + b"&more=1"),
        ]

    account = Asked("uuid", "充值账号", is_account=True)
    return Side(
        platform,
        APP_ID,
        APP_SECRET,
        card=dated_card,
        fates=frozenset(Fate) - {Fate.REFUND},  # its protocol tells of none
        refusals=REFUSALS,
        step_e4=10,
        asked={Goods.TOPUP: [(account, "13800138000")]},
        notice=lambda order: posted(platform.notice(order)),
        forge=forge,
    )


PROVED = (Proved(SupV19Upstream(), on_platform),)
