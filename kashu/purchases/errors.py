"""What purchases refuses."""

from kashu.core.db import on_violation
from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound


class UnknownPurchase(NotFound):
    """No such purchase of this merchant's."""

    code = "unknown_purchase"
    zh = "没有采购单 {purchase}：请在“采购”里核对编号。"
    en = "There is no purchase {purchase}. Check its number under Purchases."


class UnknownAttempt(NotFound):
    """No such order at a supplier of this merchant's."""

    code = "unknown_attempt"
    zh = "没有向供应商下过单 {attempt}：请在采购单里核对编号。"
    en = "There is no order {attempt} at a supplier. Check its number on the purchase."


class PurchaseNotReady(Conflict):
    """It isn't to be ordered: not approved, under way, or ended."""

    code = "purchase_not_ready"
    zh = "采购单现在是“{state}”，没有下单。待审批的请先审批；下单中的请等结果；已结束的请新建。"
    en = (
        "The purchase is {state}; nothing was ordered. Have it approved, wait for the outcome of "
        "what is under way, or make a new one."
    )


class PurchaseUnderWay(Conflict):
    """Somebody else orders it at this moment. Nothing was ordered twice."""

    code = "purchase_under_way"
    zh = "采购单 {purchase} 正在下单或等待结果，没有重复下单。请稍后查看结果。"
    en = "The purchase {purchase} is being ordered; it wasn't ordered again. Look again shortly."


class LiveAttemptThere(Conflict):
    """The database allows one order under way for each purchase."""

    code = "live_attempt_there"
    zh = "这张采购单已有一笔进行中的订单，没有重复下单。请等它有了结果。"
    en = "An order for this purchase is under way already; none was added. Wait for its outcome."


class AttemptSettled(Conflict):
    """Its outcome is known: nothing is to be decided."""

    code = "attempt_settled"
    zh = "这笔订单的结果已经是“{state}”，没有改动。请刷新后查看；如有争议请走索赔。"
    en = "This order has ended as {state}; nothing was changed. Read it again; dispute it there."


class AttemptNotYours(Conflict):
    """We are still asking: people decide only what asking didn't clear up."""

    code = "attempt_still_asked"
    zh = "系统还在查询这笔订单（{state}），没有改动。转为“人工”后再判定，或先点“立即查询”。"
    en = (
        "We are still asking about this order ({state}); nothing was changed. Ask now, or decide "
        "when it is left to people."
    )


class EvidenceMissing(Invalid):
    """A verdict that it wasn't bought needs a reason and what proves it."""

    code = "evidence_missing"
    zh = "请写明原因和凭据（例如供应商客服的答复、对账单行号），没有改动。"
    en = "Say why, and what proves it (the supplier's words, a statement's line). Nothing changed."


class SecondPersonNeeded(NotAllowed):
    """Who said it first can't confirm it."""

    code = "second_person_needed"
    zh = "金额超过 {limit}，须由另一位有权限的同事确认“没有买到”，没有改动。"
    en = "Above {limit} somebody else must confirm that it wasn't bought. Nothing was changed."


class CardsUnreadable(Invalid):
    """What was typed as cards can't be taken."""

    code = "bought_cards_unreadable"
    zh = "第 {place} 张卡密无法识别（{why}），没有写入。请核对后重新提交。"
    en = "Card {place} can't be read ({why}); nothing was written. Check it and send it again."


class NothingToTake(Invalid):
    """Cards were bought, and none were given."""

    code = "bought_cards_missing"
    zh = "买到的是卡密，请把卡密一并提交，没有改动。"
    en = "Cards were bought: hand them in too. Nothing was changed."


class UnknownNoticeAddress(NotFound):
    """Nobody's address. We don't say whether it ever was somebody's."""

    code = "unknown_notice_address"
    zh = "没有这个通知地址。请在供应商后台填写本系统显示的完整地址。"
    en = "There is no such notice address. Enter the whole address that this system shows."


on_violation("purchase_has_one_live_attempt", LiveAttemptThere)
