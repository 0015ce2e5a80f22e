"""What channels refuses."""

from kashu.core.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, Unavailable, Unclear


class UnknownStore(NotFound):
    """No such store of this merchant's."""

    code = "unknown_store"
    zh = "没有店铺 {store}：请核对店铺编码，或先在“店铺”里新开一个。"
    en = "There is no store {store}. Check its code, or open it under Stores first."


class StoreCodeTaken(Conflict):
    """Codes of stores are unique."""

    code = "store_code_taken"
    zh = "已经有编码为 {store} 的店铺，没有新开。请换一个编码，或直接使用那个店铺。"
    en = "There is a store {store} already; none was opened. Choose another code, or use that one."


class StoreClosed(Conflict):
    """A closed store takes no new orders."""

    code = "store_closed"
    zh = "店铺 {store} 已关闭，不再接单。请先重新开启，或换一个店铺。"
    en = "The store {store} is closed and takes no orders. Reopen it first, or use another."


class ChannelRefused(Refused):
    """The platform said no, for a reason in its table."""

    code = "channel_refused"
    zh = "平台 {channel} 拒绝了请求（{said}）：{meaning}。请按此处理后再试。"
    en = "The platform {channel} refused ({said}): {meaning}. Act on that, then try again."


class GrantLost(Refused):
    """The shop's permission is void."""

    code = "grant_lost"
    zh = "平台 {channel} 的店铺授权已失效（{said}）。请在店铺页重新授权，期间订单不会丢失。"
    en = (
        "The shop's permission at {channel} is void ({said}). Authorize it again under Stores; "
        "no order is lost meanwhile."
    )


class AppRefused(Refused):
    """Our application's key, secret, rights or clock is wrong: a person must put it right."""

    code = "app_refused"
    zh = "平台 {channel} 不接受我们的应用（{said}）。请核对应用的密钥、权限与服务器时间。"
    en = "{channel} doesn't accept our application ({said}). Check its key, rights and the clock."


class NoSuchShopOrder(Refused):
    """The platform knows no such order of this shop."""

    code = "no_such_shop_order"
    zh = "平台 {channel} 没有这个店铺的订单 {order}。请核对订单号与店铺。"
    en = "{channel} has no order {order} in this shop. Check the number and the shop."


class AlreadyShipped(Refused):
    """It is marked as shipped: by us before, or by somebody else."""

    code = "already_shipped"
    zh = "订单 {order} 在平台 {channel} 上已经是已发货。"
    en = "The order {order} is already marked as shipped at {channel}."


class NotShippable(Refused):
    """This order can't be shipped this way, or not now."""

    code = "not_shippable"
    zh = "平台 {channel} 不允许这样发货（{said}）：订单 {order} 请到平台后台人工处理。"
    en = "{channel} doesn't let {order} be shipped like this ({said}). Do it in its own console."


class StateForbids(Refused):
    """The platform takes no result of an order any more: it was done there, or is closed."""

    code = "state_forbids"
    zh = "平台 {channel} 不再接受订单 {order} 的结果（{said}）：可能已完成或关闭。请到平台核对。"
    en = (
        "{channel} takes no result of {order} any more ({said}): it was done there, or is closed. "
        "Compare in its console."
    )


class ShopOrderWrong(Refused):
    """What the platform told of an order can't be: amounts, quantities, missing fields."""

    code = "shop_order_wrong"
    zh = "平台 {channel} 给出的订单 {order} 有误（{what}），已暂停处理。请到平台后台核对。"
    en = "What {channel} told of the order {order} can't be ({what}). It is held; compare there."


class PushNotAuthentic(NotAllowed):
    """A push whose signature is wrong, or that is old."""

    code = "push_not_authentic"
    zh = "推送没有通过校验（{why}），已拒绝。请核对推送密钥与服务器时间。"
    en = "The push isn't authentic ({why}) and was refused. Check the push secret and the clock."


class CalledTooOften(Unavailable):
    """Over a limit: nothing was done, and we wait."""

    code = "called_too_often"
    zh = "平台 {channel} 限流（{said}），什么都没有发生，系统会在 {wait_s} 秒后重试。"
    en = "{channel} limits our calls ({said}). Nothing was done; it is tried again in {wait_s} s."


class ChannelDown(Unavailable):
    """The platform says that it can't now, and that nothing was done."""

    code = "channel_down"
    zh = "平台 {channel} 暂时不可用（{said}），什么都没有发生，系统会自动重试。"
    en = "{channel} is out of order ({said}). Nothing was done; it is tried again."


class ChannelUnclear(Unclear):
    """An answer that isn't in the table, or can't be read."""

    code = "channel_unclear"
    zh = "平台 {channel} 的答复无法确定结果（{said}），可能已经成功。系统会先查询再决定。"
    en = "The answer of {channel} isn't clear ({said}); it may have happened. We ask first."


class StoreNotConnected(Conflict):
    """No application was given for this store."""

    code = "store_not_connected"
    zh = "这个店铺还没有接入平台。请先在店铺页填写应用密钥并授权。"
    en = "This store isn't connected to its platform. Enter its application's key first."


class StoreNotGranted(Conflict):
    """The seller hasn't permitted it, or no longer does."""

    code = "store_not_granted"
    zh = "这个店铺还没有授权，或授权已失效。请先在店铺页重新授权。"
    en = "The seller hasn't permitted us to act for this store. Authorize it under Stores first."


class GrantOfNothing(Invalid):
    """Neither a code nor a token."""

    code = "grant_of_nothing"
    zh = "请填写授权码 code，或直接填写 access_token。什么都没有改动。"
    en = "Give the code that came back, or the access_token itself. Nothing was changed."


class AskEveryWrong(Invalid):
    """The option ask_every_s isn't a number of seconds."""

    code = "ask_every_wrong"
    zh = "选项 ask_every_s（多少秒查询一次）须是 1 到 {most} 的整数，没有改动。请改正后重试。"
    en = "The option ask_every_s must be whole seconds from 1 to {most}; nothing was changed."


class NothingMissed(Conflict):
    """Nothing waits to be looked after."""

    code = "nothing_missed"
    zh = "这个店铺没有待确认的漏查时段，没有改动。请刷新后再看。"
    en = "No time of this store's waits to be looked after; nothing was changed. Read it again."


class ShopIdMissing(Invalid):
    """A token doesn't tell whose it is."""

    code = "shop_id_missing"
    zh = (
        "直接填写 access_token 时，请同时填写平台 {channel} 上的店铺编号 shop_id"
        "（在平台后台的店铺信息里）。什么都没有改动。"
    )
    en = (
        "With an access_token, give the shop's own id at {channel} as shop_id, too (its console "
        "shows it under the shop's details). Nothing was changed."
    )


class ShopConnectedElsewhere(Conflict):
    """The same shop is connected as another store of ours."""

    code = "shop_connected_elsewhere"
    zh = "平台上的这个店铺已经接入为另一个店铺，没有重复接入。请使用原来的店铺。"
    en = "This shop is connected as another store already. Use that one."


class UnknownListing(NotFound):
    """No such listing."""

    code = "unknown_listing"
    zh = "没有这个商品链接。请刷新列表，或先从平台同步商品。"
    en = "There is no such listing. Read the list again, or fetch the listings first."


class UnknownListingSku(Invalid):
    """A listing can't stand for a SKU that isn't there."""

    code = "unknown_listing_sku"
    zh = "没有这个规格，商品链接没有改动。请在商品页核对规格编号。"
    en = "There is no such SKU; the listing is unchanged. Check its id in the catalogue."


class ChannelNotInstalled(Invalid):
    """No adapter speaks to this platform."""

    code = "channel_not_installed"
    zh = "没有安装平台 {channel} 的接入模块，店铺没有接入。请安装后再试，或改用手工订单。"
    en = "No adapter for {channel} is installed; the store isn't connected. Install one first."


class ChannelCannot(Conflict):
    """The platform doesn't offer this to programs."""

    code = "channel_cannot"
    zh = "平台 {channel} 的接口不支持这个操作（{what}）。请到平台后台人工处理。"
    en = "{channel} doesn't offer this to programs ({what}). Do it in its own console."


class CardKeyWrong(Invalid):
    """The key under which cards are encrypted has another length."""

    code = "card_key_wrong"
    zh = "平台 {channel} 的卡密加密密钥应为 {bytes} 字节（0 表示不需要），没有改动。请核对后重填。"
    en = "The card key of {channel} has {bytes} bytes (0: none is wanted). Enter it as it is."


class UnknownShopOrder(NotFound):
    """No such order of a platform."""

    code = "unknown_shop_order"
    zh = "没有这个平台订单。请刷新列表后再试。"
    en = "There is no such order of a platform. Read the list again."


class UnknownShopRefund(NotFound):
    """No such refund of a platform."""

    code = "unknown_shop_refund"
    zh = "没有这个平台退款。请刷新列表后再试。"
    en = "There is no such refund of a platform. Read the list again."
