"""What is refused about webhooks."""

from kashu.access.errors import KeyBoundUnknown
from kashu.core.db import on_violation
from kashu.core.errors import Conflict, Invalid, NotFound

on_violation("endpoint_knows_its_store", KeyBoundUnknown)
on_violation("endpoint_knows_its_customer", KeyBoundUnknown)


class WebhookUnknown(NotFound):
    """No such address, or a removed one."""

    code = "webhook_unknown"
    zh = "没有这个 Webhook，或已删除。请回到列表核对。"
    en = "There is no such webhook, or it was removed. Look it up in the list."


class WebhookUrlWrong(Invalid):
    """An address that nothing can be sent to, or that would carry a secret."""

    code = "webhook_url_wrong"
    zh = (
        "地址不能用：须是完整的 https 地址，不带用户名密码和 # 之后的部分，最多 {max} 个字符。"
        "请改正后再保存。"
    )
    en = (
        "This address can't be used: give a whole https address without user name, password or "
        "anything after #, of at most {max} characters."
    )


class WebhookBoundTwice(Invalid):
    """Bound to a store and to a customer."""

    code = "webhook_bound_twice"
    zh = "一个 Webhook 只能限定一家店铺或一个客户，请只选一个。"
    en = "A webhook is bound to one store or to one customer. Choose one of them."


class WebhookTypesWrong(Invalid):
    """A choice of types of which none would ever be told."""

    code = "webhook_types_wrong"
    zh = "选的消息都发不到这里：限定了店铺或客户的 Webhook 只收订单消息，测试消息不能订阅。请改选。"
    en = (
        "None of the types chosen can be told here: a webhook bound to a store or a customer hears "
        "of orders only, and tests aren't subscribed to. Choose others."
    )


class TooManyWebhooks(Conflict):
    """More addresses than a shop may have."""

    code = "too_many_webhooks"
    zh = "最多 {max} 个 Webhook。请先删除不用的。"
    en = "There are at most {max} webhooks. Remove one that isn't used first."


class WebhookDisabled(Conflict):
    """Nothing is sent to it."""

    code = "webhook_disabled"
    zh = "这个 Webhook 已停用，没有发送。请先启用。"
    en = "This webhook is disabled; nothing was sent. Enable it first."


class DeliveryUnknown(NotFound):
    """No such message, or one that is kept no longer."""

    code = "webhook_delivery_unknown"
    zh = "没有这条发送记录，或已超过 30 天被清理。"
    en = "There is no such delivery, or it is older than 30 days and gone."


class DeliveryDue(Conflict):
    """It is on its way already."""

    code = "webhook_delivery_due"
    zh = "这条消息正在发送，不需要重发。请等这一轮结束。"
    en = "This message is being sent already. Wait until it has ended."
