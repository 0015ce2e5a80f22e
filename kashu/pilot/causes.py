"""Causes: why the old way and Kashu differ about an order, in words that say what to do."""

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How one line of the old way compares with what Kashu decided or did."""

    SAME = "same"
    MISSED = "missed"  # the sheet has it, Kashu wouldn't have given it
    EXTRA = "extra"  # Kashu would have given it, the sheet hasn't
    DIFFERENT = "different"


class Cause(StrEnum):
    """Why; those that only a person can explain are named in UNEXPLAINED."""

    NOT_COLLECTED = "not_collected"
    OTHER_STORE = "other_store"
    UNMAPPED = "unmapped"
    SHORT = "short"
    NOT_FROM_STOCK = "not_from_stock"
    TOO_MANY_UNITS = "too_many_units"
    NOT_PAID = "not_paid"
    REFUNDED = "refunded"
    CLOSED = "closed"
    PLATFORM_HOLDS = "platform_holds"
    NUMBERS_WRONG = "numbers_wrong"
    BEFORE_THE_PILOT = "before_the_pilot"
    STOPPED = "stopped"
    NOT_RELEASED = "not_released"
    IN_TROUBLE = "in_trouble"
    NOT_YET = "not_yet"
    QUANTITY = "quantity"
    AMOUNT = "amount"
    OTHER_ITEM = "other_item"
    ITEM_UNKNOWN = "item_unknown"
    OTHER_CARD = "other_card"
    CARD_FOR_SALE = "card_for_sale"
    NOT_DELIVERED_THERE = "not_delivered_there"
    DONE_BY_KASHU = "done_by_kashu"
    ANOTHER_DAY = "another_day"
    NOT_IN_SHEET = "not_in_sheet"

    def text(self, language: str) -> str:
        """Say it to a reader of `language` ("zh" or "en")."""
        zh, en = _TEXTS[self]
        return zh if language.startswith("zh") else en


# What a rule can't tell from a mistake: a person looks.
UNEXPLAINED: Final = frozenset(
    {
        Cause.NOT_COLLECTED,
        Cause.OTHER_ITEM,
        Cause.ITEM_UNKNOWN,
        Cause.OTHER_CARD,
        Cause.CARD_FOR_SALE,
        Cause.NOT_IN_SHEET,
    }
)

_TEXTS: Final = {
    Cause.NOT_COLLECTED: (
        "平台没有告诉过我们这个订单。请核对订单号；没错的话，检查授权和采集是否中断。",
        "We were never told of it. Check the number; if it is right, check grant and collecting.",
    ),
    Cause.OTHER_STORE: (
        "这是另一个店铺的订单。请放到那个店铺的表里。",
        "It is an order of another store. Put it into that store's sheet.",
    ),
    Cause.UNMAPPED: (
        "商品还没有对应规格。请在店铺的商品列表里映射。",
        "Its listing stands for no SKU yet. Map it.",
    ),
    Cause.SHORT: (
        "卡枢里库存不够。请导入卡密；旧方式另有库存的，也要导入。",
        "Kashu has too few cards. Import them, also those that the old way keeps elsewhere.",
    ),
    Cause.NOT_FROM_STOCK: (
        "对应的规格停售，或不是库存发货。请核对映射和规格。",
        "Its SKU is retired, or isn't given from stock. Check the mapping and the SKU.",
    ),
    Cause.TOO_MANY_UNITS: (
        "一单的张数超过上限。请人工处理。",
        "More units than an order may have. Do it by hand.",
    ),
    Cause.NOT_PAID: (
        "平台上还没有付款。请核对旧方式为什么发了货。",
        "It isn't paid at the platform. Ask why the old way gave it.",
    ),
    Cause.REFUNDED: (
        "平台上有退款。卡枢不给在退款中的订单发卡。",
        "There is a refund at the platform; Kashu gives nothing meanwhile.",
    ),
    Cause.CLOSED: ("平台上已关闭。", "It is closed at the platform."),
    Cause.PLATFORM_HOLDS: (
        "平台暂不允许发货。",
        "The platform doesn't let it be shipped for now.",
    ),
    Cause.NUMBERS_WRONG: (
        "平台给出的金额或数量自相矛盾，已搁置。请到平台后台核对。",
        "The platform's own numbers can't be, so it was held. Compare there.",
    ),
    Cause.BEFORE_THE_PILOT: (
        "在开始试点之前付款，属于旧方式。",
        "Paid before the pilot began: the old way's.",
    ),
    Cause.STOPPED: (
        "当时店铺或商品处于停用，没有作决定。",
        "The store or listing was stopped then: nothing was decided.",
    ),
    Cause.NOT_RELEASED: ("在等人放行。", "It waits for a person to release it."),
    Cause.IN_TROUBLE: (
        "卡枢会把它交给人处理（充值、异常等）。请在平台订单里看原因。",
        "Kashu leaves it to a person (a top-up, trouble …): see why in the list of orders.",
    ),
    Cause.NOT_YET: ("刚刚付款，还没有决定。稍后再比对。", "Just paid, not decided yet. Try later."),
    Cause.QUANTITY: (
        "数量与平台不一致，以平台为准。请核对表格。",
        "Another quantity than the platform's, which counts. Check the sheet.",
    ),
    Cause.AMOUNT: (
        "金额与平台不一致，以平台为准。请核对表格。",
        "Another amount than the platform's, which counts. Check the sheet.",
    ),
    Cause.OTHER_ITEM: (
        "表格写的是另一种商品：映射错了，或旧方式发错了。请核对映射。",
        "The sheet names another item: the mapping is wrong, or the old way gave the wrong one.",
    ),
    Cause.ITEM_UNKNOWN: (
        "表格里的商品名对不上任何规格或商品。请写规格编码、商家编码或商品标题。",
        "The sheet's item is no SKU or listing. Write a SKU's code, a merchant code or a title.",
    ),
    Cause.OTHER_CARD: (
        "旧方式发的卡在卡枢里属于另一个规格。请核对映射和库存。",
        "The card given belongs to another SKU with us. Check the mapping and the stock.",
    ),
    Cause.CARD_FOR_SALE: (
        "旧方式发出的卡在卡枢里还可售，会发给第二个人。请冻结或作废，或改用「别处已售」导入。",
        "The card given is still for sale with us: a second buyer may get it. Freeze or void it.",
    ),
    Cause.NOT_DELIVERED_THERE: (
        "平台上还没有发货：旧方式还没处理。",
        "It isn't shipped at the platform: the old way hasn't come to it.",
    ),
    Cause.DONE_BY_KASHU: (
        "卡枢已经自己发了货，不再归旧方式。",
        "Kashu delivered it itself: it isn't the old way's any more.",
    ),
    Cause.ANOTHER_DAY: ("旧方式在另一天发货。", "The old way delivered it on another day."),
    Cause.NOT_IN_SHEET: (
        "平台已发货，表格里却没有。请核对是否漏记。",
        "Shipped at the platform, and not in the sheet. Was it forgotten?",
    ),
}
