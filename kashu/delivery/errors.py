"""What delivering refuses."""

from kashu.core.errors import Busy, Conflict, Invalid, NotFound


class NotInTrouble(Conflict):
    """It goes on by itself."""

    code = "not_in_trouble"
    zh = "订单 {order} 不在异常中（{step}），无需重试。请刷新后再看。"
    en = "The order {order} isn't in trouble ({step}): there is nothing to try again."


class NotDelivered(Conflict):
    """Its cards aren't all there, or it is past that."""

    code = "not_to_be_handed_over"
    zh = "订单 {order} 现在不能标记为已交付：卡密尚未配齐，或已经交付。请刷新后核对。"
    en = "The order {order} can't be handed over now: its cards aren't all there, or it was done."


class GiveUpAboveLimit(Conflict):
    """It would give back more than a person does alone."""

    code = "give_up_above_limit"
    zh = (
        "放弃订单 {order} 会退 {amount} 元，超过店铺的退款上限，什么都没有改动。"
        "请先在订单页点“取消订单”，等另一人批准后再来放弃。"
    )
    en = (
        "Giving up {order} would give back {amount}, which is above the shop's limit; nothing was "
        "changed. Cancel the order on its page first; once another person has approved that, give "
        "it up."
    )


class NotToBeGivenUp(Conflict):
    """It can't be called failed: no platform waits for our word, or its cards may be gone."""

    code = "not_to_be_given_up"
    zh = (
        "订单 {order} 现在不能放弃：平台没有等我们的结果，或卡密可能已经发出，或有人看过卡密，"
        "或供应商可能正在充值。请核对后再试。"
    )
    en = (
        "The order {order} can't be given up: its platform waits for no result, its cards may have "
        "left, somebody has seen them, or a supplier may be topping it up. Look, then decide."
    )


class NoAccount(NotFound):
    """Nothing is kept of whom to top up."""

    code = "no_account"
    zh = "订单 {order} 没有保存充值账号，或已按规定清除。请到平台后台查看。"
    en = (
        "No account is kept of the order {order}, or it was erased. Look in its platform's console."
    )


class TooManyAsks(Busy):
    """More platforms ask at once than we answer; nothing was done, and they come again."""

    code = "too_many_asks"
    zh = "同时询问的请求过多，什么都没有改动，平台会稍后再来询问。"
    en = "Too many asks at once; nothing was done. The platform asks again."


class AnswerPutOff(Busy):
    """A platform can't be told now what it may have been told before; it comes again."""

    code = "answer_put_off"
    zh = "暂时无法回答平台的询问，什么都没有改动，平台会稍后再来询问。"
    en = "The platform can't be answered now; nothing was done. The platform asks again."


class AccountNotWanted(Conflict):
    """The order waits for no account."""

    code = "account_not_wanted"
    zh = "订单 {order} 不在等待充值账号，没有改动。请刷新后再看。"
    en = "The order {order} waits for no account; nothing was changed. Read it again."


class AccountWrong(Invalid):
    """An account that a person typed doesn't look as its listing's rule says."""

    code = "account_wrong"
    zh = "行 {line} 的充值账号与商品的账号规则不符，没有保存。请核对后重新填写，或先改规则。"
    en = (
        "The account of line {line} doesn't look as its listing's rule says; it wasn't kept. Check "
        "it, or change the rule first."
    )


class NotToBeToppedUp(Conflict):
    """It waits for nobody to top it up, or its platform doesn't let it be shipped now."""

    code = "not_to_be_topped_up"
    zh = "订单 {order} 不能标记为已充值：不在等待充值，或平台上已关闭、暂停发货。请到平台后台核对。"
    en = (
        "The order {order} can't be marked as topped up: it waits for nobody to, or its platform "
        "has closed or holds it. Compare there."
    )


class RefundAskedFor(Conflict):
    """Its buyer wants money back, or has it: nobody is to top it up."""

    code = "refund_asked_for"
    zh = "订单 {order} 有未处理或已完成的退款，请勿充值。请先到平台后台处理退款，退款被拒绝后再试。"
    en = (
        "A refund of the order {order} is asked for or done: don't top it up. Settle the refund on "
        "its platform; once it is refused, try again."
    )
