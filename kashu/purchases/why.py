"""Why: what the codes of choosing and holding mean to people. Chinese first."""

from collections.abc import Mapping
from typing import Final

from kashu.core.errors import OutsideError
from kashu.purchases.choose import Bar, Chosen
from kashu.purchases.why_orders import SAID_OF_ORDERS
from kashu.suppliers.errors import InputMissing
from kashu.suppliers.words import WHY_NOT

ABOUT: Final = ": "  # between a code and what it is about

_BARS: Final[Mapping[str, tuple[str, str]]] = {
    Bar.OTHER_ASKED: ("这张采购单指定了别的供应商", "The purchase names another supplier"),
    Bar.DENIED: ("采购规则禁止向它采购", "A rule denies it"),
    Bar.NOT_ALLOWED: ("不在采购规则允许的供应商之内", "A rule allows others only"),
    Bar.OTHER_GOODS: ("商品类型不符", "It sells another kind of goods"),
    Bar.POOR_QUALITY: ("成功率低于采购规则的要求", "Fewer of its orders succeed than a rule asks"),
    Bar.TRIED: (
        "刚拒绝或没有完成这张采购单，稍后再试",
        "It refused or failed this purchase: it is asked again later",
    ),
    Bar.SELLS_MORE: ("一次卖的数量多于所需", "It sells more at once than is wanted"),
    Bar.ABOVE_CEILING: ("到手成本高于采购上限", "Its landed cost is above the limit"),
    Bar.OVER_EXPOSURE: ("超过在该供应商的资金上限", "Too much of our money would be out there"),
    Bar.MONEY_SHORT: ("预付款余额不足，请充值", "Our deposit there doesn't suffice: top it up"),
    Bar.BEING_TRIED: (
        "熔断后正在用一笔订单试探",
        "It failed of late, and one order is trying it",
    ),
}
_TAKEN: Final[Mapping[str, tuple[str, str]]] = {
    Chosen.CHEAPEST: ("到手成本最低", "The lowest landed cost of those that suit"),
    Chosen.SHARE: ("按份额轮到它", "It is furthest below its share"),
}
_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "no_offer": (
        "没有供应商报价，请先匹配供应商商品",
        "Nobody offers it: map a supplier's product to it first",
    ),
    "auto_buy_off": ("自动采购已关闭，等人决定", "Buying by itself is off: a person decides"),
    "above_limit": ("超过单笔审批额，等待审批", "Above the limit: a second person approves it"),
    "above_daily": (
        "超过当日采购限额，等待审批",
        "Above the day's limit: a second person approves it",
    ),
    "amount_unknown": (
        "没有报价，金额未知，等待审批",
        "Nobody knows what it costs: a second person approves it",
    ),
    "not_approved": ("审批未通过", "It wasn't approved"),
    "cancelled": ("已取消", "It was cancelled"),
    "supplier_has_enough": (
        "该供应商已有许多订单在途，稍后自动下单",
        "Many orders are under way there: it has its turn in a moment",
    ),
    "purchase_warehouse_missing": (
        "没有说明卡密入哪个仓库，请在采购规则里设默认仓库",
        "No warehouse is named for its cards: set one in the rules of buying",
    ),
    "purchase_ceiling_unknown": (
        "没有采购上限，也没有在售价格可算，请在采购规则里填最高成本，或先匹配平台商品",
        "Nothing says what it may cost: set the highest cost in the rules, or map a listing to it",
    ),
    "purchase_wrong": (
        "这个规格不能自动采购，请由人采购",
        "It can't be bought by itself: buy it by hand",
    ),
    "low": ("库存低于补货点", "Stock is at its reorder point, or below"),
    "enough": ("库存充足", "There is enough"),
    "no_sales": ("最近 28 天没有销量", "Nothing was sold in the last 28 days"),
    "supplier_input_refused": (
        "供应商不接受充值账号或下单内容",
        "The account, or what was typed, is refused there: check it",
    ),
    "supplier_input_missing": (
        "供应商的商品还要求填写别的内容，请匹配别的商品",
        "Its product wants more than the account: map another one",
    ),
    "supplier_account_refused": (
        "供应商查得账号不能充值，没有购买，请与买家核对",
        "The account can't be topped up, nothing was bought: check it with the buyer",
    ),
    "refund_open": (
        "买家在申请退款，或退款还没入账，暂不充值",
        "A refund of it is asked for, or isn't booked yet: nothing is topped up meanwhile",
    ),
    "held_there": (
        "平台暂停了这个订单的发货，暂不充值",
        "The platform holds this order: nothing is topped up meanwhile",
    ),
    "shipped_there": (
        "平台上已标记发货，可能有人充过了，没有采购，请核对",
        "It is marked as shipped there: somebody may have done it. Nothing is bought; compare",
    ),
    "closed_there": (
        "平台上订单已关闭，没有采购",
        "The order is closed on its platform: nothing is bought",
    ),
    "not_acting": (
        "店铺或商品已停止自动处理，没有采购，请人工处理",
        "We don't act for its store or listing now: nothing is bought, a person decides",
    ),
    "bounded": ("受上限约束，不足起购数量", "The limits leave less than can be bought at once"),
}
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **{code.value: words for code, words in WHY_NOT.items()},
    **_BARS,
    **_TAKEN,
    **_SAID,
    **SAID_OF_ORDERS,
}


def said_of(error: OutsideError) -> str:
    """Say why an order wasn't taken: a code, and of fields that are missing their labels as well.

    These are what a person has to look for in the supplier's catalogue.
    """
    if isinstance(error, InputMissing):
        return f"{error.code}{ABOUT}{error.facts['said']}"
    return error.code


def words_for(code: str, language: str) -> str:
    """Say a code in the reader's language; a code that isn't ours stays as it is.

    What follows a code of ours, as said_of() writes it, follows in words, too.
    """
    known, about, what = code.partition(ABOUT)
    words = WORDS.get(known)
    if words is None:
        return code
    zh = language.startswith("zh")
    told = words[0] if zh else words[1]
    return f"{told}{'：' if zh and about else about}{what}"
