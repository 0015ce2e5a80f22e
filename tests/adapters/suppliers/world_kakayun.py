"""A Kakayun shop as a World, which serves everything at one address."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kashu.adapters.suppliers.kakayun import KakayunUpstream
from kashu.adapters.suppliers.kakayun_wire import SAME
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, Card, House, Order
from kashu.simulators.suppliers.kakayun import KEY, USER_ID, KakayunSimulator
from kashu.simulators.suppliers.kakayun_wire import theirs
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NumberTaken,
    OrderRefused,
    PriceAbove,
    ProductGone,
    SoldOut,
    SupplierBusy,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, NoticeRequest
from tests.adapters.suppliers.worlds import Proved, Side

REFUSALS: dict[str, type[OutsideError]] = {
    "-1 其他错误": OrderRefused,
    "-1 商品库存不足": SoldOut,
    "-1 上游处理超时": Unclear,
    "-1 下单异常，请稍后查询，库存不足": Unclear,
    "-1 订单号重复": NumberTaken,
    "401 签名效验失败": LoginRefused,
    "402 IP不在白名单": LoginRefused,
    "403 时间戳过期": ClockRefused,
    "404 请求频繁": SupplierBusy,
    "1000 商户ID无效": LoginRefused,
    "1001 商户被禁用": LoginRefused,
    "1002 商户ID未开通对接权限": LoginRefused,
    "1200 签名字段为空": InputRefused,
    "1203 商品ID字段为空": InputRefused,
    "1204 buynum字段为空": InputRefused,
    "1205 用户订单号已存在": NumberTaken,
    "1206 商品不存在或者已下架": ProductGone,
    "1207 商品禁止API下单": ProductGone,
    "1208 充值帐号为空": InputRefused,
    "1209 无商品购买权限": ProductGone,
    "1210 存在亏本": PriceAbove,
    "1211 充值字段错误": InputRefused,
    "1212 充值字段上传失败": InputRefused,
    "1213 用户余额不足": BalanceShort,
    "1214 商品不存在": ProductGone,
    "1300 系统单号和商家单号都为空": Unclear,
    "1301 订单不存在": Unclear,
    "1401 接收推送网址格式不正确": OrderRefused,
    "9999 系统异常": Unclear,
    "0 余额不足": Unclear,
    "500 余额不足": Unclear,
    "1215 余额不足": Unclear,
}


def posted(body: bytes) -> NoticeRequest:
    """A notice as it reaches us."""
    headers = {"content-type": "application/json"}
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


def dated_card(card: Card) -> BoughtCard:
    """A card with the last day on which it works."""
    return BoughtCard(card.number, card.password, expires_on=date(2029, 12, 31))


def on_shop(house: House, faults: Faults) -> Side:
    """A shop where accounts are topped up with two fields."""
    shop = KakayunSimulator(house, faults, limited=False)
    strange = KakayunSimulator(house, key="another")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(shop.notice(order))
        return [
            posted(strange.notice(order)),
            posted(shop.notice(order, at=timedelta(hours=-3))),
            posted(shop.notice(order, at=timedelta(minutes=20))),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b'"refundstatus":0', b'"refundstatus":1')),
            replace(good, body=good.body.replace(b'"card_type":1', b'"card_type":2')),
            replace(good, body=good.body.replace(b"{", b'{"more":"1",', 1)),
        ]

    account = Asked("1", "充值帐号", is_account=True)
    area = Asked("3", "游戏大区")
    return Side(
        shop,
        USER_ID,
        KEY,
        options={"public_url": SAME},
        their_number=theirs,
        card=dated_card,
        refusals=REFUSALS,
        checks_clock=True,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000"), (area, "华东一区/二")]},
        notice=lambda order: posted(shop.notice(order)),
        forge=forge,
    )


PROVED = (Proved(KakayunUpstream(), on_shop),)
