"""1688sup as a World."""

from collections.abc import Sequence
from dataclasses import replace

from kashu.adapters.suppliers.lansexiongdi import LansexiongdiUpstream
from kashu.core.errors import OutsideError, Unclear
from kashu.simulators.suppliers.faults import Faults
from kashu.simulators.suppliers.house import Asked, House, Order
from kashu.simulators.suppliers.lansexiongdi import KEY, MERCHANT_ID, LansexiongdiSimulator
from kashu.suppliers.conformance import Fate
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NumberTaken,
    ProductGone,
    SupplierBusy,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.worlds import Proved, Side

REFUSALS: dict[str, type[OutsideError]] = {
    "1000 Ip limit": LoginRefused,
    "1001 Missing parameters": InputRefused,
    "1002 Invalid merchant": LoginRefused,
    "1003 Invalid signature": LoginRefused,
    "1004 Request expiration": ClockRefused,
    "1005 Order repeat": NumberTaken,
    "1006 Invalid item": ProductGone,
    "1007 Item price invalid": ProductGone,
    "1008 Insufficient Balance": BalanceShort,
    "1009 Interface adjustment": ProductGone,
    "1010 Interface price adjustment": ProductGone,
    "1011 Account format matching": InputRefused,
    "1012 no order": Unclear,
    "1099 请求限制频率": SupplierBusy,
    "1101 校验京东短信验证码失败": InputRefused,
    "1102 验证码已过期": InputRefused,
    "1100 发送京东短信验证码失败": Unclear,
    "1999 unknown error": Unclear,
    "0000 ok": Unclear,
    "03 Insufficient Balance": Unclear,
    "500 Insufficient Balance": Unclear,
}


def posted(body: bytes) -> NoticeRequest:
    """A notice as it reaches us."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return NoticeRequest("POST", "/notices/1/T0k3n", "", headers, body)


def on_platform(house: House, faults: Faults) -> Side:
    """Accounts with one more field, as games want it."""
    platform = LansexiongdiSimulator(house, faults)
    strange = LansexiongdiSimulator(house, key="another")
    other = LansexiongdiSimulator(house, merchant_id="10024")

    def forge(order: Order) -> Sequence[NoticeRequest]:
        good = posted(platform.notice(order))
        return [
            posted(strange.notice(order)),
            posted(other.notice(order)),
            replace(good, body=good.body.replace(order.number.encode(), b"K0000000000000000")),
            replace(good, body=good.body.replace(b"status=01", b"status=03")),
            replace(good, body=good.body + b"&more=1"),
        ]

    account = Asked("rechargeAccount", "充值账号", is_account=True)
    return Side(
        platform,
        MERCHANT_ID,
        KEY,
        their_number=lambda _: "",
        fates=frozenset(Fate) - {Fate.REFUND},  # its protocol tells of none
        refusals=REFUSALS,
        checks_clock=True,
        step_e4=1,
        asked={Goods.TOPUP: [(account, "13800138000")]},
        notice=lambda order: posted(platform.notice(order)),
        forge=forge,
    )


PROVED = (Proved(LansexiongdiUpstream(), on_platform),)
