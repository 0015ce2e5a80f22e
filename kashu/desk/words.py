"""Words: why a matter waits, and what a person does about it, by the codes its module gives."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from kashu.core.matters import Matter
from kashu.purchases.why import WORDS, words_for
from kashu.reports.rules import RULES
from kashu.suppliers.words import HELD

Both: TypeAlias = tuple[str, str]  # Chinese, English

_LOOK: Final[Both] = (
    "到平台核对这一单，处理好后点“重试”或“已交付”",
    "Look at the order on its platform; then try again, or say that it is delivered",
)

_TOPUP: Final[Both] = (
    "与买家核对账号，更正后会立即重新充值；或再次采购、退款",
    "Check the account with the buyer: corrected, it is topped up at once. Or buy again, or refund",
)
_TOPUP_LATE: Final[Both] = (
    "看采购停在哪一步，催供应商；先确认没有充过，再采购或退款",
    "See where its purchase stands, and call the supplier; don't buy again before you know",
)
_REFUND_FIRST: Final[Both] = (
    "先到平台处理退款：买家撤销后自动继续，退成就不再充值",
    "Settle the refund on the platform first: it goes on when the buyer takes it back",
)
_SHIPPED: Final[Both] = (
    "到平台和买家核对充过没有：没充过就再次采购，充过就不用动",
    "Ask whether the account was topped up: if not, buy again; if so, there is nothing to do",
)
_ACT_AGAIN: Final[Both] = (
    "由人决定：启用店铺或商品后再次采购，或退款",
    "A person decides: let the store act and buy again, or refund",
)

# Of a top-up: what to do about why nothing was topped up; else, what is usual.
TOPUPS: Final[Mapping[str, Both]] = {
    "topup_late": _TOPUP_LATE,
    "refund_open": _REFUND_FIRST,
    "held_there": (
        "到平台看为什么暂停，恢复后自动继续",
        "See on the platform why it is held: it goes on when it isn't any more",
    ),
    "shipped_there": _SHIPPED,
    "closed_there": (
        "到平台核对是否已退款，再登记退款",
        "See on the platform whether money went back, then book the refund",
    ),
    "not_acting": _ACT_AGAIN,
    "supplier_input_missing": (
        "给这个规格匹配一个只要账号的供应商商品，再次采购",
        "Map a supplier's product that wants no more than the account, then buy again",
    ),
}

# code → why, and what to do; where there is no more to say, _LOOK.
ORDERS: Final[Mapping[str, tuple[Both, Both]]] = {
    "shipped_elsewhere": (
        ("平台显示已发货，但不是我们发的", "Its platform says it is shipped, and we didn't"),
        (
            "核对谁发的：买家已收到就退回库存里的卡，没收到就联系平台",
            "Find out who shipped it; if the buyer has it, our cards go back to stock by a refund",
        ),
    ),
    "sent_in_part": (
        ("可能只发出了一部分", "Perhaps only some of its lines were sent"),
        (
            "到平台看哪几件已发，补发后点“已交付”",
            "See there which were, give the rest, then say so",
        ),
    ),
    "closed_there": (
        ("平台上已关闭，退款消息还没到", "It is closed there, and no refund was told of"),
        ("到平台核对是否退款，再登记或重试", "See whether money went back; book it, or try again"),
    ),
    "order_changed": (
        ("平台上的内容与付款时不同", "It isn't what was paid for any more"),
        ("核对改了什么，再人工交付或退款", "See what changed, then deliver by hand or refund"),
    ),
    "no_card_was_given": (
        ("缺货被拒，没有发卡", "No card was given: it was refused for want of stock"),
        ("补货后重试，或在平台退款", "Get stock and try again, or refund it on the platform"),
    ),
    "given_back_here": (
        ("这边已退货，平台还在等", "It was given back here; the platform still waits"),
        ("到平台关闭或退款", "Close or refund it on the platform"),
    ),
    "number_taken": (
        ("单号已被另一张订单占用", "Another order was entered under its number"),
        ("核对那张订单，重复录入的请取消后重试", "Compare them; cancel the wrong one, try again"),
    ),
    "not_from_stock": (
        ("商品不由库存交付", "What was bought isn't in stock as cards"),
        ("人工处理，或改映射后重试", "Deliver it by hand, or map it to something else and retry"),
    ),
    "too_many_units": (
        ("数量超过单笔上限", "It is of more units than one order may be"),
        ("拆成几张手工订单，再点“已交付”", "Enter it as several orders, then say it is delivered"),
    ),
    "one_card_each": (
        ("平台要求一件一卡，映射的数量不符", "Its platform wants one card for each piece"),
        ("改映射为一件一张，再重试", "Map it to one unit each, then try again"),
    ),
    "parts_changed": (
        ("组合的内容变了", "The bundle's parts changed"),
        ("核对组合明细，人工处理", "Compare the bundle's parts; do it by hand"),
    ),
    "refund_line_unknown": (
        ("退款的商品行认不出", "The refund is of a line that isn't known"),
        ("照平台说明登记，或说明无需登记", "Book it as the platform says, or dismiss it"),
    ),
    "refund_of_many_lines": (
        ("退了一部分钱，没说退哪一行", "Part of the money of several lines went back"),
        ("逐行填写退了多少再登记", "Say how much of each line, and book it"),
    ),
    "refunded_in_part": (
        ("发货前退了一部分，或没说退多少", "Part of it went back before anything was given"),
        ("登记退了哪几件、多少钱", "Book which units and how much"),
    ),
    "account_wanted": (("正在向平台读取", "The platform is being asked"), _LOOK),
    "no_account_rule": (("没有设置账号规则", "Its listing has no rule"), _LOOK),
    "account_missing": (("没有找到像账号的内容", "Nothing looks like an account"), _LOOK),
    "account_unfit": (("不是这个规格要的账号", "It isn't of the kind that is topped up"), _LOOK),
    "account_with_details": (
        (
            "买家还填了区服等内容，供应商收不了",
            "It comes with an area or the like: no supplier takes that",
        ),
        _LOOK,
    ),
    "being_topped_up": (("供应商正在充值", "A supplier is topping it up"), _LOOK),
    "topup_late": (("到时限还没充好", "Nobody has done it in time"), _TOPUP_LATE),
    "topup_failed": (("供应商没有充成", "No supplier did it"), _TOPUP),
    "account_ambiguous": (("有两个像账号的内容", "Two look like an account"), _LOOK),
    "refund_asked": (("买家申请了退款", "Its buyer asks for a refund"), _LOOK),
    "platform_holds": (("平台暂停了这一单", "Its platform holds it"), _LOOK),
    "shop_order_wrong": (("平台给出的数字对不上", "The platform's numbers don't add up"), _LOOK),
    "listing_stopped": (("商品已停用自动发货", "Its listing is stopped"), _LOOK),
    "to_be_handed_over": (("卡密不能由平台送出", "The cards don't leave by the platform"), _LOOK),
    "not_acting": (("店铺或商品已停用", "Its store or listing doesn't act"), _LOOK),
    "not_to_be_shipped_now": (("平台暂不允许发货", "It mustn't be shipped now"), _LOOK),
    "refund_not_booked": (("有退款还没入账", "A refund isn't booked yet"), _LOOK),
    "channel_refused": (("平台拒绝了请求", "The platform refused"), _LOOK),
    "not_shippable": (("平台不允许这样发货", "It can't be shipped like that"), _LOOK),
    "state_forbids": (("平台不再接受结果", "The platform takes no result any more"), _LOOK),
    "grant_lost": (("授权被收回或到期", "The permission was taken back, or is over"), _LOOK),
    "app_refused": (("平台不接受我们的应用", "The platform refuses our application"), _LOOK),
    "called_too_often": (("平台限流", "The platform limits our calls"), _LOOK),
    "channel_down": (("平台暂时不可用", "The platform is out of order"), _LOOK),
    "channel_unclear": (("平台答复不明", "The platform's answer is unclear"), _LOOK),
    "unavailable": (("没有连上", "It wasn't reached"), _LOOK),
    "unclear": (("没有明确答复", "No clear answer"), _LOOK),
    "refused": (("对方拒绝", "They refused"), _LOOK),
}
ABOVE: Final[Mapping[str, Both]] = {
    "above_amount": ("金额超过上限", "the amount is above the limit"),
    "above_units": ("件数超过上限", "so many units are above the limit"),
    "above_both": ("金额和件数超过上限", "amount and units are above the limits"),
}
FINDINGS: Final[Mapping[str, Both]] = {
    "missing": ("我有他无", "ours isn't in it"),
    "extra": ("他有我无", "none of ours"),
    "different": ("金额、数量或结果不一致", "amount, quantity or outcome differ"),
    "duplicated": ("重复", "the same order twice"),
}
ALERTS: Final[Mapping[str, tuple[Both, Both]]] = {
    "balance_low": (
        ("预付余额不足", "Our deposit is low"),
        ("申请充值", "Ask for a deposit"),
    ),
    "balance_differs": (
        ("余额与账上对不上", "Its balance isn't what our books say"),
        ("取对账单核对差异", "Compare its statement"),
    ),
    "balance_unread": (
        ("有一段时间查不到余额", "Its balance couldn't be read for a while"),
        ("测试接入，核对账号", "Test the connection"),
    ),
    "payable_overdue": (
        ("应付款已到期", "What we owe is due"),
        ("安排付款", "Ask for a payment"),
    ),
    "paper_expiring": (
        ("资质快到期", "A paper expires soon"),
        ("向供应商要新证件并上传", "Get the new one and upload it"),
    ),
    "quality_dropped": (
        ("成功率下降，已暂停采购", "Its quality dropped; nothing is bought there"),
        ("看质量明细，决定是否解冻", "Look at its quality, then decide"),
    ),
}
POLICIES: Final[Mapping[str, Both]] = {
    "wait": ("等待", "wait"),
    "buy": ("自动采购", "buy"),
    "substitute": ("替换", "substitute"),
    "refuse": ("拒绝", "refuse"),
}
MOVEMENTS: Final[Mapping[str, Both]] = {
    "deposit": ("充值", "A deposit"),
    "withdrawal": ("提现", "A withdrawal"),
    "payment": ("付款", "A payment"),
    "returned": ("赔付到余额", "A return to our balance"),
    "recovered": ("赔付到账", "A recovery"),
    "written_off": ("核销", "A write-off"),
    "opening": ("期初余额", "An opening balance"),
    "correction": ("调整", "A correction"),
}
PROGRESS: Final[Mapping[str, Both]] = {
    "approved": ("已批准，等付款", "approved, to be paid"),
    "paid": ("已付款，等入账", "paid, to be posted"),
}
BY_HAND: Final[Both] = (
    "把卡密交给买家后点“已交付”；要自动发货请启用店铺",
    "Give the buyer the cards, then say so; or let the store act by itself",
)
ON_THE_PLATFORM: Final[Both] = (
    "到平台后台发货，发货后自动离开；要自动发货请启用店铺",
    "Ship it on the platform: it leaves the desk then. Or let the store act by itself",
)
# A line that is short, by its purchase's state where that is under way: why it waits.
BEING_BOUGHT: Final[Mapping[str, Both]] = {
    "asked": ("它的采购在等审批", "its purchase waits for approval"),
    "wanted": ("正在采购", "it is being bought"),
    "placed": ("正在采购，等供应商的结果", "it is being bought, and the supplier is awaited"),
}
_BOUGHT: Final[Both] = (
    "到货后自动补发，不要另行采购；等不到就退款",
    "It is filled by itself then: don't buy it a second time. Or refund it",
)
_SHORT: Final[Both] = (
    "导入或采购 {sku}，到货后自动补发；等不到就退款",
    "Import or buy {sku}: it is filled by itself then. Or refund it",
)
_NO_WORDS: Final = frozenset({"", "short", "to_be_topped_up"})


def said_words(kind: Matter, said: str, language: str) -> tuple[str, str]:
    """Why a matter waits, and the remedy, in the reader's language. Empty: there is no more to say.

    A code that we have no words for stays as it is: a platform's or a supplier's own.
    """
    which = 0 if language.startswith("zh") else 1
    if kind in _REASONS:
        return _REASONS[kind].get(said, (said, said))[which], ""
    if kind is Matter.TOPUP_FAILED:
        failed = ORDERS[said][0][which] if said in ORDERS else words_for(said, language)
        return failed, TOPUPS.get(said, _TOPUP)[which]
    known = ALERTS.get(said) if kind is Matter.SUPPLIER_ALERT else ORDERS.get(said)
    if known is not None:
        why, remedy = known
        return why[which], remedy[which]
    return "" if said in _NO_WORDS else words_for(said, language), _LOOK[which]


def code_words(language: str) -> dict[str, str]:
    """Say every code of a reason that has words of its own, in the reader's language."""
    which = 0 if language.startswith("zh") else 1
    held = _REASONS[Matter.OFFER_HELD]
    orders = {code: why for code, (why, _) in ORDERS.items()}
    return {code: both[which] for code, both in {**WORDS, **held, **ABOVE, **orders}.items()}


def short_words(why: str, sku: str, purchase_state: str, language: str) -> tuple[str, str]:
    """Why a line is short still, and the remedy: while it is being bought there is none."""
    which = 0 if language.startswith("zh") else 1
    bought = BEING_BOUGHT.get(purchase_state)
    if bought is None:
        return why, _SHORT[which].format(sku=sku)
    return why or bought[which], _BOUGHT[which]


# Of these the reason alone is said; what to do is the same for all.
_REASONS: Final[Mapping[Matter, Mapping[str, Both]]] = {
    Matter.STATEMENT_FINDING: FINDINGS,
    Matter.RESOLUTION_TO_APPROVE: FINDINGS,
    Matter.INVARIANT_BROKEN: RULES,
    Matter.ORDERS_TO_APPROVE: ABOVE,
    Matter.REFUND_TO_APPROVE: ABOVE,
    Matter.OFFER_HELD: {each.value: words for each, words in HELD.items()},
}
