"""What can't be done about a line that is bought for."""

from kashu.core.errors import Conflict, Invalid, NotFound


class UnknownLine(NotFound):
    """An order has no such line."""

    code = "unknown_order_line"
    zh = "这个订单没有第 {line} 行。请刷新订单后再选。"
    en = "This order has no line {line}. Read the order again, then choose."


class LineNotBoughtFor(Conflict):
    """Nothing is bought for it: stock fills it, it is over, or it is no top-up."""

    code = "line_not_bought_for"
    zh = "第 {line} 行没有在等采购，没有改动。已经充值的不能改、也不能撤回；请刷新订单后再看。"
    en = (
        "Line {line} waits for nothing to be bought; nothing was changed. What is topped up can "
        "neither be changed nor taken back. Read the order again."
    )


class LineIsBoughtFor(Conflict):
    """Something is under way for it."""

    code = "line_is_bought_for"
    zh = "第 {line} 行的采购还没有结束，没有改动，以免买两次。请等结果，再决定。"
    en = (
        "What is bought for line {line} hasn't ended ({state}); nothing was changed, so that it "
        "isn't bought twice. Wait for its outcome, then decide."
    )


class AccountNotOne(Invalid):
    """What was typed is no account of the kind that the SKU tops up."""

    code = "line_account_wrong"
    zh = "第 {line} 行的充值账号格式不对（应为 {kind}），没有改动。直充不可撤回，请核对后再提交。"
    en = (
        "The account of line {line} isn't one of the kind {kind}; nothing was changed. A top-up "
        "can't be taken back: check it, then submit again."
    )
