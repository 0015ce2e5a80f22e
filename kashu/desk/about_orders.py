"""About orders: what the desk says of what stores' orders, refunds and links wait for."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from kashu.access.permissions import Permission
from kashu.core.matters import Matter
from kashu.desk.about import (
    BUY_AGAIN,
    CORRECT_ACCOUNT,
    ENTER_ACCOUNT,
    GIVE_UP,
    HAND_OVER,
    REFUND,
    RELEASE,
    TAKE_OVER,
    TELL_TOPPED_UP,
    TRY_AGAIN,
    WANT,
    About,
    Act,
    Deed,
    Target,
)

_DAY: Final = timedelta(hours=24)
_HOUR: Final = timedelta(hours=1)

_READ: Final = Permission.ORDERS_READ
_REFUND: Final = "/v1/shop-refunds/{id}"
_APPROVAL: Final = "/v1/approvals/{id}"
_LINK: Final = "/v1/stores/{store}/connection"

_DECIDE: Final = (
    Act(
        Deed.APPROVE,
        "approveHeld",
        "POST",
        f"{_APPROVAL}/approve",
        Permission.ORDERS_APPROVE,
        many="approveAllHeld",
        many_path="/v1/approvals/approve",
        people_only=True,
        by_another=True,
    ),
    Act(
        Deed.REFUSE,
        "refuseHeld",
        "POST",
        f"{_APPROVAL}/refuse",
        Permission.ORDERS_APPROVE,
        needs=("reason",),
        people_only=True,
        by_another=True,
    ),
)

ABOUT_ORDERS: Final[Mapping[Matter, About]] = {
    Matter.ORDERS_TO_APPROVE: About(
        _READ,
        (
            "手工下单 {orders} 单、{quantity} 件（{amount} 元）等待审批{because}",
            "{orders} orders by hand, {quantity} units, {amount}: approval is awaited{because}",
        ),
        (
            "核对数量与价格后批准或驳回；批准前不分配卡密",
            "Check quantity and price, then approve or refuse; nothing is allocated before",
        ),
        Target.APPROVAL,
        acts=_DECIDE,
        within=timedelta(hours=4),
    ),
    Matter.REFUND_TO_APPROVE: About(
        _READ,
        (
            "订单 {name} 退 {quantity} 件、{amount} 元，等待审批{because}",
            "Giving back {quantity} units and {amount} of order {name} waits for approval{because}",
        ),
        ("核对原因后批准或驳回", "Check why, then approve or refuse it"),
        Target.APPROVAL,
        acts=_DECIDE,
        within=timedelta(hours=4),
    ),
    Matter.SHORT_LINE: About(
        _READ,
        (
            "{sku} 缺 {quantity} 张，按“{policy}”等待中{because}",
            "{quantity} of {sku} are missing; policy “{policy}”{because}",
        ),
        ("{remedy}", "{remedy}"),
        Target.ORDER,
        "order_id",
        (
            replace(WANT, only_with="not_being_bought"),
            replace(BUY_AGAIN, only_with="not_bought"),
            REFUND,
        ),
        within=_DAY,
    ),
    Matter.TOPUP_FAILED: About(
        _READ,
        ("充值没有成功：{because}", "The top-up didn't succeed: {because}"),
        ("{remedy}", "{remedy}"),
        Target.ORDER,
        "order_id",
        (CORRECT_ACCOUNT, BUY_AGAIN, REFUND),
        within=_HOUR,
    ),
    Matter.LISTING_UNMAPPED: About(
        _READ,
        (
            "商品“{title}”{variant}还没有映射到规格",
            "The listing “{title}”{variant} stands for no SKU yet",
        ),
        (
            "到映射页指定规格，等待的订单会自动继续",
            "Map the listing; orders that wait go on by themselves",
        ),
        Target.MAPPING,
        "store_id",
        (
            Act(
                Deed.RESOLVE,
                "mapListings",
                "POST",
                "/v1/stores/{store}/mapping",
                Permission.CATALOG_WRITE,
                needs=("file",),
            ),
        ),
    ),
    Matter.ACCOUNT_UNREAD: About(
        _READ,
        ("读不出充值账号：{because}", "The account to be topped up can't be read: {because}"),
        (
            "到平台查看买家填写的账号，在此录入；或先设账号规则",
            "Look the account up on the platform and enter it, or set the listing's rule",
        ),
        Target.SHOP_ORDER,
        acts=(ENTER_ACCOUNT, TELL_TOPPED_UP, TRY_AGAIN),
    ),
    Matter.TO_BE_TOPPED_UP: About(
        _READ,
        ("等人工充值{because}", "A person tops it up{because}"),
        (
            "充值后点“已充值”，平台会被告知",
            "Top it up, then say so: the platform is told",
        ),
        Target.SHOP_ORDER,
        acts=(TELL_TOPPED_UP, ENTER_ACCOUNT, TRY_AGAIN),
    ),
    Matter.TO_BE_HANDED_OVER: About(
        _READ,
        ("这一单由人工交付{because}", "A person delivers this order{because}"),
        ("{how}", "{how}"),
        Target.SHOP_ORDER,
        acts=(HAND_OVER,),
    ),
    Matter.TO_BE_RELEASED: About(
        _READ,
        ("已付款，等人工放行", "It is paid and waits to be released"),
        ("核对后放行，可批量", "Look at it and release it; many at once, too"),
        Target.SHOP_ORDER,
        acts=(RELEASE,),
    ),
    Matter.PAID_BEFORE: About(
        _READ,
        ("接管前付款，旧方式可能已发货", "Paid before we took over: it may be delivered"),
        (
            "到平台核对：没发过就接管，发过就不用动",
            "Look on the platform: take it over only if the buyer has nothing",
        ),
        Target.SHOP_ORDER,
        acts=(TAKE_OVER,),
    ),
    Matter.ORDER_HELD: About(
        _READ,
        ("暂缓：{because}", "Held: {because}"),
        (
            "到平台处理，状态变化后自动继续",
            "Settle it on the platform; it goes on when its state changes there",
        ),
        Target.SHOP_ORDER,
        acts=(GIVE_UP,),
    ),
    Matter.ORDER_IN_TROUBLE: About(
        _READ,
        ("不能继续：{because}", "It can't go on: {because}"),
        ("{remedy}", "{remedy}"),
        Target.SHOP_ORDER,
        acts=(TRY_AGAIN, HAND_OVER, GIVE_UP),
    ),
    Matter.DELIVERY_UNCLEAR: About(
        _READ,
        (
            "发货结果存疑：平台没有明确答复{because}",
            "Delivery is unclear: the platform gave no clear answer{because}",
        ),
        (
            "系统会先查询，不会重发；久查不清请到平台核对",
            "It is asked about, never sent twice; look on the platform if it stays",
        ),
        Target.SHOP_ORDER,
        acts=(TRY_AGAIN, HAND_OVER),
    ),
    Matter.CONFIRMATION_FAILING: About(
        _READ,
        (
            "回填平台已失败 {attempts} 次{because}",
            "Telling the platform failed {attempts} times{because}",
        ),
        (
            "核对店铺授权与平台公告，系统会继续重试",
            "Check the store's grant and the platform's notices; it is tried again",
        ),
        Target.SHOP_ORDER,
        acts=(HAND_OVER,),
    ),
    Matter.ORDER_OVERDUE: About(
        _READ,
        (
            "快到或已过发货时限，可能被平台处罚",
            "It must be shipped now, or is late already: a penalty is possible",
        ),
        (
            "看时间线找出卡在哪一步，先人工交付",
            "See in its timeline where it is stuck; deliver it by hand first",
        ),
        Target.SHOP_ORDER,
        acts=(HAND_OVER,),
    ),
    Matter.SHOP_REFUND_IN_TROUBLE: About(
        _READ,
        ("平台已退款，账上跟不上：{because}", "The platform refunded; our books can't: {because}"),
        (
            "照平台登记退了哪几件，或说明无需登记",
            "Book what went back, or say why there is nothing to book",
        ),
        Target.SHOP_REFUND,
        acts=(
            Act(
                Deed.TRY_AGAIN,
                "tryShopRefundAgain",
                "POST",
                f"{_REFUND}/try-again",
                Permission.ORDERS_REFUND,
                many="tryShopRefundsAgain",
                many_path="/v1/shop-refunds/try-again",
            ),
            Act(
                Deed.BOOK,
                "bookShopRefund",
                "POST",
                f"{_REFUND}/book",
                Permission.ORDERS_REFUND,
                needs=("lines",),
            ),
            Act(
                Deed.DISMISS,
                "dismissShopRefund",
                "POST",
                f"{_REFUND}/dismiss",
                Permission.ORDERS_REFUND,
                needs=("reason",),
                many="dismissShopRefunds",
                many_path="/v1/shop-refunds/dismiss",
            ),
        ),
        within=_DAY,
    ),
    Matter.GRANT_LOST: About(
        _READ,
        ("店铺授权失效：{because}", "The store's permission is lost: {because}"),
        (
            "请店主重新授权，期间订单不会丢失",
            "Have the seller permit it again; no order is lost meanwhile",
        ),
        Target.STORE,
        acts=(
            Act(
                Deed.AUTHORIZE,
                "authorizeStore",
                "POST",
                f"{_LINK}/authorization",
                Permission.SETTINGS_WRITE,
                needs=("redirect", "state"),
            ),
        ),
        within=_HOUR,
    ),
    Matter.STORE_UNREACHABLE: About(
        _READ,
        (
            "平台连续 {quantity} 次连不上：{because}",
            "The platform couldn't be asked {quantity} times: {because}",
        ),
        (
            "系统会一直重试，恢复后补收订单；久不恢复请看平台公告",
            "It is tried again and nothing is lost; read the platform's notices if it lasts",
        ),
        Target.STORE,
        within=_HOUR,
    ),
    Matter.HISTORY_MISSED: About(
        _READ,
        (
            "{missed_from} 到 {missed_until} 的订单可能漏收",
            "Orders from {missed_from} to {missed_until} may be missing",
        ),
        (
            "到平台后台核对这段时间的订单，补录后点“已核对”",
            "Compare with the platform's console, enter what is missing, then say so",
        ),
        Target.STORE,
        acts=(
            Act(
                Deed.ACKNOWLEDGE,
                "acknowledgeMissed",
                "POST",
                f"{_LINK}/missed/acknowledge",
                Permission.SETTINGS_WRITE,
            ),
        ),
        within=_DAY,
    ),
    Matter.PILOT_UNEXPLAINED: About(
        _READ,
        (
            "{day} 与旧方式有 {quantity} 处差异没有原因",
            "{quantity} differences to the old way on {day} are unexplained",
        ),
        (
            "打开比对逐条查看，补充后重新比对",
            "Open the comparison, look at each, and compare again",
        ),
        Target.PILOT,
        "store_id",
    ),
}
