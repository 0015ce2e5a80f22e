"""About supply: what the desk says of purchases, money and prices, stock and the books."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from kashu.access.permissions import Permission
from kashu.core.matters import Matter
from kashu.desk.about import WANT, About, Act, Deed, Target

_DAY: Final = timedelta(hours=24)
_PURCHASE: Final = "/v1/purchases/{id}"
_ATTEMPT: Final = "/v1/supplier-orders/{id}"
_MOVEMENT: Final = "/v1/prepaid/movements/{id}"
_OFFER: Final = "/v1/offers/{id}"
_CONNECTION: Final = "/v1/suppliers/{supplier}/connection"

_CANCEL: Final = Act(
    Deed.CANCEL,
    "cancelPurchase",
    "POST",
    f"{_PURCHASE}/cancel",
    Permission.PURCHASES_WRITE,
    needs=("reason",),
)
_ASK: Final = Act(
    Deed.ASK, "askSupplierOrder", "POST", f"{_ATTEMPT}/ask", Permission.PURCHASES_WRITE
)
_PLACE: Final = Act(
    Deed.PLACE, "placePurchase", "POST", f"{_PURCHASE}/place", Permission.PURCHASES_WRITE
)

_PURCHASES: Final[Mapping[Matter, About]] = {
    Matter.PURCHASE_TO_APPROVE: About(
        Permission.PURCHASES_READ,
        (
            "采购 {sku} × {quantity}（{amount} 元）等待审批{because}",
            "Buying {quantity} of {sku} ({amount}) waits for approval{because}",
        ),
        ("核对数量与价格后批准或驳回", "Check quantity and price, then approve or refuse"),
        Target.PURCHASE,
        acts=(
            Act(
                Deed.APPROVE,
                "approvePurchase",
                "POST",
                f"{_PURCHASE}/approve",
                Permission.PURCHASES_APPROVE,
                many="approvePurchases",
                many_path="/v1/purchases/approve",
                people_only=True,
                by_another=True,
            ),
            Act(
                Deed.REFUSE,
                "refusePurchase",
                "POST",
                f"{_PURCHASE}/refuse",
                Permission.PURCHASES_APPROVE,
                needs=("reason",),
            ),
        ),
        within=timedelta(hours=4),
    ),
    Matter.PURCHASE_DRAFT: About(
        Permission.PURCHASES_READ,
        (
            "采购草稿：{sku} × {quantity}，还没有决定",
            "A draft: {quantity} of {sku}, not decided",
        ),
        ("要买就提交，不买就取消", "Submit it, or cancel it"),
        Target.PURCHASE,
        acts=(
            Act(
                Deed.SUBMIT,
                "submitPurchase",
                "POST",
                f"{_PURCHASE}/submit",
                Permission.PURCHASES_WRITE,
            ),
            _CANCEL,
        ),
        within=_DAY,
    ),
    Matter.PURCHASE_HELD: About(
        Permission.PURCHASES_READ,
        (
            "{sku} × {quantity} 暂时买不到：{because}",
            "{quantity} of {sku} can't be bought now: {because}",
        ),
        (
            "调整上限或换供应商；系统会定时再试",
            "Change its limit or supplier; it is tried again by itself",
        ),
        Target.PURCHASE,
        acts=(_PLACE, _CANCEL),
        within=_DAY,
    ),
    Matter.PURCHASE_OVERDUE: About(
        Permission.PURCHASES_READ,
        ("{sku} × {quantity} 到期还没到货", "{quantity} of {sku} are late"),
        ("看它停在哪家供应商，必要时催单", "See at which supplier it is, and call them"),
        Target.PURCHASE,
        acts=(replace(_CANCEL, only_with="not_ordered"),),
    ),
    Matter.MONEY_IN_DOUBT: About(
        Permission.PURCHASES_READ,
        (
            "{supplier} 的订单存疑，{amount} 元可能已扣{because}{awaited}",
            "An order at {supplier} is unclear: {amount} may be charged{because}{awaited}",
        ),
        (
            "系统正在查询，不会重复下单；可立即再查一次",
            "It is being asked about and never ordered twice; ask once more now",
        ),
        Target.SUPPLIER_ORDER,
        acts=(_ASK,),
        within=_DAY,
    ),
    Matter.PURCHASE_TO_DECIDE: About(
        Permission.PURCHASES_READ,
        (
            "{supplier} 的订单久查不清，{amount} 元待定{because}{awaited}",
            "Asking {supplier} didn't clear it up: {amount} is undecided{because}{awaited}",
        ),
        (
            "联系供应商取得凭证，再说明买到或没买到",
            "Get proof from the supplier, then say whether it was bought",
        ),
        Target.SUPPLIER_ORDER,
        acts=(
            _ASK,
            Act(
                Deed.BOUGHT,
                "confirmBought",
                "POST",
                f"{_ATTEMPT}/bought",
                Permission.PURCHASES_WRITE,
                needs=("cards",),
            ),
            Act(
                Deed.NOT_BOUGHT,
                "confirmNotBought",
                "POST",
                f"{_ATTEMPT}/not-bought",
                Permission.PURCHASES_WRITE,
                needs=("reason", "evidence"),
            ),
        ),
        within=_DAY,
    ),
}
_MONEY: Final[Mapping[Matter, About]] = {
    Matter.STATEMENT_FINDING: About(
        Permission.PREPAID_READ,
        (
            "{supplier} 对账差异：{because}{differing}",
            "{supplier}'s statement differs: {because}{differing}",
        ),
        ("核对后认账、追回或说明原因", "Compare, then accept it, ask it back, or explain it"),
        Target.STATEMENT,
        "parent_id",
        (
            Act(
                Deed.RESOLVE,
                "resolveFinding",
                "POST",
                "/v1/findings/{id}/resolution",
                Permission.PREPAID_WRITE,
                needs=("kind", "reason"),
            ),
        ),
        within=timedelta(days=7),
    ),
    Matter.RESOLUTION_TO_APPROVE: About(
        Permission.PREPAID_READ,
        (
            "{supplier} 的对账调整 {amount} 元等待审批",
            "An adjustment of {amount} with {supplier} waits for approval",
        ),
        ("核对依据后批准，批准即入账", "Check why, then approve it: it is posted then"),
        Target.STATEMENT,
        "parent_id",
        (
            Act(
                Deed.APPROVE,
                "approveResolution",
                "POST",
                "/v1/findings/{id}/approval",
                Permission.PREPAID_APPROVE,
                by_another=True,
            ),
        ),
        within=_DAY,
    ),
    Matter.MOVEMENT_TO_APPROVE: About(
        Permission.PREPAID_READ,
        (
            "{supplier} 的{movement} {moved}等待审批",
            "{movement} of {moved} with {supplier} waits for approval",
        ),
        ("核对后批准或驳回", "Check it, then approve or refuse it"),
        Target.MOVEMENT,
        acts=(
            Act(
                Deed.APPROVE,
                "approveMovement",
                "POST",
                f"{_MOVEMENT}/approval",
                Permission.PREPAID_APPROVE,
                by_another=True,
            ),
            Act(
                Deed.REFUSE,
                "refuseMovement",
                "POST",
                f"{_MOVEMENT}/refusal",
                Permission.PREPAID_APPROVE,
                needs=("reason",),
            ),
        ),
        within=timedelta(hours=4),
    ),
    Matter.MOVEMENT_TO_FINISH: About(
        Permission.PREPAID_READ,
        (
            "{supplier} 的{movement} {moved}，{progress}",
            "{movement} of {moved} with {supplier}: {progress}",
        ),
        ("付款并上传凭证，到账后入账", "Pay it with evidence; post it when it has arrived"),
        Target.MOVEMENT,
        acts=(
            Act(
                Deed.PAY,
                "payMovement",
                "POST",
                f"{_MOVEMENT}/payment",
                Permission.PREPAID_WRITE,
                needs=("reference", "file"),
                only_with="to_be_paid",
            ),
            Act(
                Deed.POST,
                "postMovement",
                "POST",
                f"{_MOVEMENT}/posting",
                Permission.PREPAID_WRITE,
                only_with="to_be_posted",
            ),
        ),
        within=_DAY,
    ),
}
_PRICES: Final[Mapping[Matter, About]] = {
    Matter.OFFER_HELD: About(
        Permission.SUPPLIERS_READ,
        (
            "{supplier}“{name}”报价异常，已扣住：{because}",
            "{supplier}'s price of “{name}” is held: {because}",
        ),
        (
            "与供应商核对：属实就放行，不属实就驳回",
            "Ask them: release it if it is true, or refuse it",
        ),
        Target.OFFER,
        acts=(
            Act(
                Deed.RELEASE,
                "releaseOffer",
                "POST",
                f"{_OFFER}/release",
                Permission.SUPPLIERS_WRITE,
                needs=("price",),
            ),
            Act(
                Deed.REFUSE,
                "refuseOffer",
                "POST",
                f"{_OFFER}/refuse",
                Permission.SUPPLIERS_WRITE,
                needs=("price",),
            ),
        ),
        within=_DAY,
    ),
    Matter.PRICE_MOVED: About(
        Permission.SUPPLIERS_READ,
        (
            "{sku} 最低成本 {before} → {amount} 元{losing}",
            "The best cost of {sku} went from {before} to {amount}{losing}",
        ),
        (
            "到比价板看售价要不要调整，看过就点“知道了”",
            "See on the price board whether prices must change, then say so",
        ),
        Target.PRICES,
        "sku_id",
        (
            Act(
                Deed.SEE,
                "seePriceAlert",
                "POST",
                "/v1/price-alerts/{id}/seen",
                Permission.SUPPLIERS_READ,
                many="seePriceAlerts",
                many_path="/v1/price-alerts/seen",
            ),
        ),
    ),
    Matter.SUPPLIER_LOCKED_OUT: About(
        Permission.SUPPLIERS_READ,
        ("{supplier} 不接受我们的账号：{because}", "{supplier} refuses our login: {because}"),
        ("核对账号与密钥，改好后测试并启用", "Put the login right, test it, and open it again"),
        Target.SUPPLIER,
        acts=(
            Act(
                Deed.TEST, "testSupplier", "POST", f"{_CONNECTION}/test", Permission.SUPPLIERS_WRITE
            ),
            Act(
                Deed.RECONNECT,
                "openSupplier",
                "POST",
                f"{_CONNECTION}/open",
                Permission.SUPPLIERS_WRITE,
            ),
        ),
        within=timedelta(hours=1),
    ),
    Matter.SUPPLIER_ALERT: About(
        Permission.SUPPLIERS_READ,
        ("{supplier}：{because}", "{supplier}: {because}"),
        ("{remedy}", "{remedy}"),
        Target.SUPPLIER,
        "supplier_id",
    ),
}
_STOCK: Final[Mapping[Matter, About]] = {
    Matter.STOCK_LOW: About(
        Permission.STOCK_READ,
        ("{sku} 只剩 {available}（预警线 {low}）", "{available} of {sku} are left (low is {low})"),
        ("导入或采购，库存够了会自动消失", "Import or buy some; it goes when there is enough"),
        Target.SKU,
        "sku_id",
        (WANT,),
    ),
    Matter.STOCK_EXPIRING: About(
        Permission.STOCK_READ,
        (
            "{sku} 有 {count} 张 {expires_on} 到期",
            "{count} of {sku} expire on {expires_on}",
        ),
        (
            "优先卖出、促销或退回供应商，到期即损失",
            "Sell these first, promote them or return them: expired they are lost",
        ),
        Target.LOT,
        "parent_id",
    ),
    Matter.INVARIANT_BROKEN: About(
        Permission.REPORTS_READ,
        ("自检发现 {quantity} 处：{because}", "The self-check found {quantity}: {because}"),
        (
            "先暂停相关操作，运行 kashu verify 看具体行号，再联系技术支持",
            "Stop what it concerns, run kashu verify for the rows, then ask for support",
        ),
        Target.HEALTH,
        within=timedelta(0),
    ),
}
ABOUT_SUPPLY: Final[Mapping[Matter, About]] = {**_PURCHASES, **_MONEY, **_PRICES, **_STOCK}
