"""A Kayixin shop as a World."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.adapters.suppliers.kayixin import KayixinUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.simulators.suppliers.kayixin import APP_ID, APP_SECRET, KayixinSimulator
from kashu.simulators.suppliers.kayixin_wire import theirs
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    LoginRefused,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import TROUBLES, Proved, Side, pair_card

REFUSALS: dict[str, type[OutsideError]] = {
    "1001 账户余额不足": BalanceShort,
    "1001 库存不足": SoldOut,
    "1001 订单总成本高于安全价格": PriceAbove,
    "1001 商品已下架": ProductGone,
    "1001 签名错误": LoginRefused,
    "1001 时间戳已过期": ClockRefused,
    "1001 采购单号重复": NumberTaken,
    "1001 购买数量有误": OrderRefused,
    "1001 系统异常，余额锁定中": Unclear,
    # What this shop isn't known to refuse with says nothing, whatever its words.
    "1002 账户余额不足": Unclear,
    "500 库存不足": Unclear,
    "0 签名错误": Unclear,
}


def posted(told: tuple[dict[str, str], bytes]) -> NoticeRequest:
    """A notice as it reaches us."""
    headers, body = told
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


def on_shop(house: House, faults: Faults) -> Side:
    """A shop whose code for refusals is known, where accounts are topped up with two fields."""
    shop = KayixinSimulator(house, faults)
    strange = KayixinSimulator(house, app_secret="00000000000000000000000000000000")
    other = KayixinSimulator(house, app_id="10021")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(shop.notice(order))
        return [
            posted(strange.notice(order)),
            posted(other.notice(order)),
            posted(shop.notice(order, at=timedelta(minutes=-6))),
            posted(shop.notice(order, at=timedelta(minutes=6))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body + b" "),
            replace(good, headers={}),
            replace(good, headers={**good.headers, "x-timestamp": "0"}),
        ]

    account = Asked("充值账号", "充值账号", is_account=True)
    area = Asked("区服", "区服")
    return Side(
        shop,
        APP_ID,
        APP_SECRET,
        options={"refusal_codes": "1001", "details": "each"},
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


PROVED = (Proved(KayixinUpstream(), on_shop),)
