"""What can be wrong with an order, in words."""

from kashu.core.errors import Busy, Conflict, Invalid, NotAllowed, NotFound


class UnknownOrder(NotFound):
    """No such order of this tenant."""

    code = "unknown_order"
    zh = "没有找到订单 {order}。请核对单号和来源店铺。"
    en = "No order {order}. Check the number and the store it came from."


class OrderWrong(Invalid):
    """Something in an order cannot be. `problems` name the fields."""

    code = "order_wrong"
    zh = "订单有 {count} 处错误，没有写入任何内容。请按提示修改后重新提交。"
    en = "The order has {count} mistakes; nothing was written. Correct them and submit it again."


class RefundTooLarge(Conflict):
    """More units or money than the line has left."""

    code = "refund_too_large"
    zh = "第 {line} 行最多还能退 {units} 件、{amount} 元。请核对后再提交。"
    en = "Line {line} has at most {units} units and {amount} left to refund. Check and resubmit."


class RefundLineUnknown(Invalid):
    """The order has no such line."""

    code = "refund_line_unknown"
    zh = "订单没有第 {line} 行。请核对行号。"
    en = "The order has no line {line}. Check the line number."


class RefundLineTwice(Invalid):
    """One refund names a line twice."""

    code = "refund_line_twice"
    zh = "同一行在一笔退款里出现了两次。请合并成一行。"
    en = "A line stands in the refund twice. Say it once."


class RefundDiffers(Conflict):
    """The refund's number was used with other content."""

    code = "refund_differs"
    zh = "退款单号 {refund} 已经用于另一笔内容不同的退款。请换一个单号，或核对原来的退款。"
    en = "Refund number {refund} was used with other content. Use another, or check the first."


class RefundOfNothing(Invalid):
    """Neither units nor money of any line are asked for."""

    code = "refund_of_nothing"
    zh = "这笔退款既没有件数也没有金额，没有改动任何内容。请填写要退的件数或金额。"
    en = "The refund asks for neither units nor money; nothing was changed. Say how much goes back."


class NothingLeftToRefund(Conflict):
    """All of the order went back before, under other numbers."""

    code = "nothing_left_to_refund"
    zh = (
        "订单 {order} 已经没有可退的：先前共退 {units} 件、{amount} 元（{refunds}）。"
        "这次没有改动任何内容；如果是重试，请使用原来的退款单号。"
    )
    en = (
        "Order {order} has nothing left to refund: {units} units and {amount} went back before "
        "({refunds}). Nothing was changed; if this is a repeat, use the number of the first."
    )


class KeyReused(Conflict):
    """An idempotency key came again with another body."""

    code = "idempotency_key_reused"
    zh = "这个幂等键已用于另一个请求，内容不同。新的请求请用新的幂等键。"
    en = "This idempotency key was used for another body. Use a new key for a new request."


class KeyMissing(Invalid):
    """A request that must have one effect needs a key."""

    status = 400
    code = "idempotency_key_missing"
    zh = "缺少请求头 Idempotency-Key（1–128 个可见 ASCII 字符）。重试时请带上同一个键。"
    en = "The header Idempotency-Key (1–128 visible ASCII characters) is missing. Retry with one."


class KeyBoundToNothing(NotAllowed):
    """An API key is bound to a store or a customer that isn't there."""

    code = "key_bound_to_nothing"
    zh = "这个密钥绑定的店铺或客户不存在，不能用它下单。请联系商户所有者换一个密钥。"
    en = "The store or customer of this key doesn't exist; it can place no orders. Ask for another."


class RefundIsTheShops(NotAllowed):
    """A key of a customer would give itself money back for what it has seen."""

    code = "refund_is_the_shops"
    zh = "客户自己的密钥不能退款，只能取消还没有人看过的卡。请联系商户退款。"
    en = "A customer's own key can't refund, only cancel what nobody has seen. Ask the shop to."


class AnswerForPrograms(Invalid):
    """A person looks at cards one order at a time, within a quota."""

    code = "answer_for_programs"
    zh = "人工下单请用 deliver=later，再在订单里查看卡密（计入每日额度）；随答复发卡只给接口密钥。"
    en = (
        "Order with deliver=later and look at the cards in the order, within your quota a day. "
        "Cards in the answer are for API keys."
    )


class RequestInFlight(Conflict):
    """The same request is being worked on."""

    code = "request_in_flight"
    retry_after_s = 1
    zh = "同一个请求正在处理中，请稍后用同一个幂等键重试，会得到同样的结果。"
    en = "The same request is in flight. Repeat it shortly with the same key for its answer."


class IntakeFull(Busy):
    """More orders wait than can be answered in time."""

    code = "intake_full"
    zh = "排队的订单太多，本次没有受理，请稍后重试。"
    en = "Too many orders are queued; this one was not taken. Try again shortly."


class ShopRefundNotInTrouble(Conflict):
    """It goes on by itself, or is settled."""

    code = "shop_refund_not_in_trouble"
    zh = "退款 {refund} 不在异常中（{step}），没有改动任何内容。请刷新后再看。"
    en = "The refund {refund} isn't in trouble ({step}); nothing was changed. Read it again."


class ShopRefundDiffers(Invalid):
    """The amounts of its lines aren't what the platform paid back."""

    code = "shop_refund_differs"
    zh = "各行金额合计 {given} 元，平台退了 {told} 元，没有记账。请改正各行金额后再提交。"
    en = "The lines add up to {given}, the platform paid back {told}; nothing was booked. Correct."


class ShopRefundAmountMissing(Invalid):
    """Nobody can know what went back for which line."""

    code = "shop_refund_amount_missing"
    zh = "请写明每一行退了多少钱，没有记账。只有一行且平台告知了金额时才可以省略。"
    en = (
        "Say how much went back of each line; nothing was booked. It may be left out of one line "
        "only, where the platform told the amount."
    )


class MappingFileChanged(Conflict):
    """The file isn't the one that was looked at."""

    code = "mapping_file_changed"
    zh = "文件与预检时不同，没有改动任何映射。请重新预检，再确认。"
    en = "The file isn't the one that was looked at; nothing was changed. Look again, then confirm."


class MappedSkuRetired(Conflict):
    """A listing would stand for what isn't sold any more."""

    code = "mapped_sku_retired"
    zh = "规格 {sku} 已停售，没有建立映射。请恢复销售，或换一个规格。"
    en = "The SKU {sku} is retired; nothing was mapped. Put it on sale again, or use another."
