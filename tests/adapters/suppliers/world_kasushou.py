"""A Kasushou shop as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.adapters.suppliers.kasushou import KasushouUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.simulators.suppliers.kasushou import API_KEY, USER_ID, KasushouSimulator
from kashu.simulators.suppliers.kasushou_wire import theirs
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
    "400 账户余额不足": BalanceShort,
    "400 库存不足": SoldOut,
    "400 当前价格高于安全价": PriceAbove,
    "400 商品价格已变动": PriceAbove,
    "400 商品已下架": ProductGone,
    "400 签名错误": LoginRefused,
    "400 密钥错误": LoginRefused,
    "400 时间戳已过期": ClockRefused,
    "400 外部订单号重复": NumberTaken,
    "400 订单已存在，请勿重复提交，余额不足": NumberTaken,
    "400 下单失败": Unclear,
    "400 余额扣款超时，请查询订单": Unclear,
    "400 系统异常，库存锁定中": Unclear,
    "500 余额不足": Unclear,
    "503 库存不足": Unclear,
}


def posted(body: bytes) -> NoticeRequest:
    """A notice as it reaches us."""
    headers = {"content-type": "application/json"}
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


def on_shop(house: House, faults: Faults) -> Side:
    """A shop where accounts are topped up with two fields."""
    shop = KasushouSimulator(house, faults)
    strange = KasushouSimulator(house, api_key="another")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(shop.notice(order))
        return [
            posted(strange.notice(order)),
            posted(shop.notice(order, at=timedelta(hours=-3))),
            posted(shop.notice(order, at=timedelta(minutes=20))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b'"status":3', b'"status":5')),
            replace(good, body=good.body.replace(b'"ordersn"', b'"ordersm"')),
        ]

    account = Asked("recharge_account", "充值账号", is_account=True)
    area = Asked("lblName1", "区服")
    return Side(
        shop,
        USER_ID,
        API_KEY,
        card=pair_card,
        their_number=theirs,
        brings=TROUBLES - {Trouble.THROTTLED},  # its limits aren't known
        refusals=REFUSALS,
        checks_clock=True,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000"), (area, "华东一区")]},
        notice=lambda order: posted(shop.notice(order)),
        forge=forge,
    )


PROVED = (Proved(KasushouUpstream(), on_shop),)
