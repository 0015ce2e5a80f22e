"""What delivering refuses."""

from kashu.core.errors import Conflict


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
