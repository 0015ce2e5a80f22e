"""What is refused to agents and about them; each dialect has its own words for it."""

from kashu.core.db import on_violation
from kashu.core.errors import Busy, Conflict, Invalid, KashuError, NotAllowed, NotFound


class LoginWrong(KashuError):
    """No such login, or not its signature. We don't say which."""

    status = 401
    code = "login_wrong"
    zh = "登录或签名不正确。请核对密钥、签名方法与地址，或联系商户换一个登录。"
    en = (
        "The login or its signature is wrong. Check key, signature and address, or ask for another."
    )


class ClockOff(KashuError):
    """Signed too long ago, or in the future."""

    status = 401
    code = "login_clock_off"
    zh = "请求时间与我们的时钟相差太多。请校准时钟后重试。"
    en = "The request's time is too far from our clock. Set yours, then try again."


class CalledTooMuch(Busy):
    """More calls than a login may make."""

    code = "called_too_much"
    retry_after_s = 30
    zh = "调用过于频繁，没有执行。请 30 秒后再试，并降低频率。"
    en = "Too many calls; nothing was done. Wait 30 seconds, then call less often."


class CallWrong(Invalid):
    """A call of a dialect that can't be understood."""

    code = "agent_call_wrong"
    zh = "请求内容有误（{what}），没有执行。请按接口文档修改。"
    en = "The call is wrong ({what}); nothing was done. Write it as the interface says."


class CallNotOffered(NotFound):
    """A call that the dialect may have and we don't answer."""

    code = "agent_call_not_offered"
    zh = "没有提供这个接口。请查看说明里列出的接口。"
    en = "This call isn't offered. The page of the dialect lists those that are."


class GoodNotSold(NotFound):
    """Not on sale, or not to this agent."""

    code = "good_not_sold"
    zh = "商品 {good} 不在您的目录里，没有下单。请重新读取目录。"
    en = "The product {good} isn't in your catalogue; nothing was ordered. Read it again."


class TooFew(Invalid):
    """The agent's price begins at more."""

    code = "fewer_than_minimum"
    zh = "至少 {least} 件起订，没有下单。请增加数量。"
    en = "It is sold from {least} units on; nothing was ordered. Order more."


class SoldOutHere(Conflict):
    """There isn't enough of it."""

    code = "sold_out_here"
    zh = "库存不足，订单已拒绝，没有扣款。请减少数量或稍后用新单号下单。"
    en = "There isn't enough; the order was refused and not charged. Order less, or later, anew."


class CostsMore(Conflict):
    """More than the agent would pay."""

    code = "costs_more_than_allowed"
    zh = "应付 {cost}，高于您允许的 {limit}，没有下单。请更新价格后再试。"
    en = "It costs {cost}, more than the {limit} you allow; nothing was ordered. Read the price."


class OrderedOtherwise(Conflict):
    """The number of another order."""

    code = "ordered_otherwise"
    zh = "这个单号已用于另一个内容不同的订单，没有下单。请换一个单号。"
    en = "The number was used for another order; nothing was ordered. Use another number."


class NotCancellable(Conflict):
    """Its cards were seen, or nothing is left of it."""

    code = "agent_order_not_cancellable"
    zh = "订单的卡密已经交付，不能撤单，没有改动。请联系商户售后。"
    en = "Its cards were given: it can't be cancelled. Nothing was changed; ask the merchant."


class UnknownAgentOrder(NotFound):
    """No such order of this agent's."""

    code = "unknown_agent_order"
    zh = "没有您的订单 {order}。请核对单号。"
    en = "You have no order {order}. Check the number."


class UnknownDialect(Invalid):
    """Nobody speaks it."""

    code = "unknown_dialect"
    zh = "没有对接方言 {dialect}。可用：{known}。"
    en = "There is no dialect {dialect}. There are: {known}."


class UnknownLogin(NotFound):
    """No such login of this merchant's, or it was revoked."""

    code = "unknown_login"
    zh = "没有登录 {login}，或已吊销。请在代理的登录列表里核对。"
    en = "There is no login {login}, or it was revoked. Check the agent's list."


class GoodNotFromStock(Invalid):
    """Agents are sold what comes from stock."""

    code = "good_not_from_stock"
    zh = "规格 {sku} 不是库存卡密（{fulfilment}），不能卖给代理，没有改动。请换一个规格。"
    en = "SKU {sku} is {fulfilment}, which isn't sold to agents; nothing was changed. Take another."


class CreditInUse(Conflict):
    """Less credit than the agent has used."""

    code = "credit_in_use"
    zh = "该代理已用授信 {used}，授信不能低于它，没有改动。要停止下单请改为暂停。"
    en = (
        "The agent has used {used} of its credit, which can't be less; nothing was changed. "
        "Suspend it to have it order nothing more."
    )


class UnknownMove(NotFound):
    """No such movement of an agent's money."""

    code = "unknown_wallet_move"
    zh = "没有资金变动 {move}。请在列表里核对编号。"
    en = "There is no movement {move} of an agent's money. Check the id in the list."


class MoveDecided(Conflict):
    """Somebody was first."""

    code = "wallet_move_decided"
    zh = "这笔资金变动已经处理过，没有改动。请刷新后核对。"
    en = "The movement was decided already; nothing was changed. Read it again."


class MoveNeedsAnother(NotAllowed):
    """Who asked for it doesn't approve it."""

    code = "wallet_move_needs_another"
    zh = "申请人不能审批自己的资金变动，没有改动。请由另一位有审批权限的人审批。"
    en = "Who asked for it can't approve it; nothing was changed. Ask somebody else who may."


class MoveShownBefore(Conflict):
    """One payment is booked once."""

    code = "wallet_move_shown_before"
    zh = "这个凭证号已经用过，没有再次入账。请在列表里核对原来那笔。"
    en = "This reference was used already; nothing was booked again. Look for the first one."


class MoveWrong(Invalid):
    """The amount of a movement can't be."""

    code = "wallet_move_wrong"
    zh = "金额必须大于 0 且精确到分，没有改动。请改正后再提交。"
    en = "The amount must be above 0, in whole fen; nothing was changed. Put it right."


on_violation("wallet_move_is_shown_once", MoveShownBefore)
on_violation("wallet_move_is_approved_by_another", MoveNeedsAnother)
