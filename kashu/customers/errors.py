"""What customers refuses."""

from kashu.core.errors import Conflict, Invalid, NotFound


class UnknownCustomer(NotFound):
    """No such customer of this merchant's."""

    code = "unknown_customer"
    zh = "没有客户 {customer}：请核对客户编码，或先在“客户”里新增。"
    en = "There is no customer {customer}. Check the code, or add it under Customers first."


class CustomerCodeTaken(Conflict):
    """Codes of customers are unique."""

    code = "customer_code_taken"
    zh = "已经有编码为 {customer} 的客户，没有新增。请换一个编码，或直接使用那个客户。"
    en = "There is a customer {customer} already; none was added. Choose another code, or use it."


class NotAnAgent(NotFound):
    """A customer, perhaps, but none who sells on."""

    code = "not_an_agent"
    zh = "没有代理 {customer}：请核对客户编码，或先在客户里设为代理。"
    en = "{customer} is no agent. Check the customer's code, or make it an agent first."


class WalletShort(Conflict):
    """Wallet and credit together don't cover it."""

    code = "wallet_short"
    zh = "代理的钱包余额加授信不足，没有改动。请先充值，或请商户提高授信后用同一单号重试。"
    en = (
        "The agent's wallet and credit don't cover it; nothing was changed. Pay in first, or ask "
        "for more credit, then repeat it with the same number."
    )


class AgentSuspended(Conflict):
    """Told to order nothing for now."""

    code = "agent_suspended"
    zh = "该代理已暂停下单，没有写入订单。请联系商户恢复后再试。"
    en = "The agent may order nothing for now; nothing was written. Ask the merchant to resume it."


class PricesWrong(Invalid):
    """Something in a price list cannot be. `problems` name the rows."""

    code = "prices_wrong"
    zh = "价目表有 {count} 处错误，没有改动。请按提示修改后再提交。"
    en = "The price list has {count} mistakes; nothing was changed. Correct them, submit it again."
