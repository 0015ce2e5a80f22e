"""Put right: what a person does about a line that is bought for, and got nothing so far.

Only while nothing is under way for it: whoever orders locks the purchase, and so do these.
"""

from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.secrets import Secret
from kashu.orders.buying import TO_BUY, buy_again, checked_account, sealed_for
from kashu.orders.errors_buying import AccountNotOne, LineIsBoughtFor, LineNotBoughtFor
from kashu.orders.reads import Line
from kashu.orders.tables import BuyingState, buying
from kashu.purchases.cancel import cancel_for
from kashu.purchases.kinds import OPEN, PurchaseState
from kashu.purchases.moves import lock_purchase
from kashu.purchases.reads import Purchase
from kashu.stock.hold import hold
from kashu.suppliers.kinds import Goods


async def buy_once_more(tx: Tx, tenant_id: int, actor: str, line: Line) -> None:
    """Have a purchase made anew for a line whose last one ended and brought too little.

    Raises: LineNotBoughtFor, LineIsBoughtFor.
    """
    purchase = await _lock(tx, tenant_id, line)
    if purchase is None or purchase.state in OPEN or _is_to_be_settled(purchase):
        state = BuyingState.DUE.value if purchase is None else purchase.state.value
        raise LineIsBoughtFor(line=line.number, state=state)
    await buy_again(tx, tenant_id, line.line_id)
    facts = {"line": line.number, "last": str(purchase.id)}
    await record(tx, tenant_id, actor, [Event("order.buying_again", line.order_id, facts)])


async def correct_account(
    tx: Tx, tenant_id: int, actor: str, line: Line, typed: str, *, keyrings: Keyrings
) -> None:
    """Have another account topped up for a line: what was wanted for the first one is cancelled.

    Raises: LineNotBoughtFor, LineIsBoughtFor, AccountNotOne.
    """
    sku = (await skus_by_id(tx, tenant_id, {line.sku_id}))[line.sku_id]
    account = checked_account(sku.account_type, typed)
    if account is None:
        raise AccountNotOne(line=line.number, kind=sku.account_type)
    purchase = await _lock(tx, tenant_id, line, only=Goods.TOPUP)
    if purchase is not None and (
        purchase.state is PurchaseState.PLACED or _is_to_be_settled(purchase)
    ):
        raise LineIsBoughtFor(line=line.number, state=purchase.state.value)
    await cancel_for(tx, tenant_id, [line.line_id])
    keyring = await keyrings.of(tx, tenant_id)
    sealed = sealed_for(line.line_id, line.sku_id, Secret(account), keyring)
    await tx.execute(
        update(buying)
        .where(buying.c.tenant_id == tenant_id, buying.c.line_id == line.line_id)
        .values(state=BuyingState.DUE, said="", tries=0, next_at=func.now(), **sealed)
    )
    facts = {"line": line.number}  # no mask: what is on record for good names no buyer
    await record(tx, tenant_id, actor, [Event("order.account_corrected", line.order_id, facts)])
    await wake(tx, tenant_id, TO_BUY)


async def _lock(
    tx: Tx, tenant_id: int, line: Line, *, only: Goods | None = None
) -> Purchase | None:
    """Lock a line's buying and its last purchase, which may not be there yet.

    Locks: the SKU's level, the line's buying, the purchase. Raises: LineNotBoughtFor.
    """
    await hold(tx, tenant_id, {line.sku_id})
    rows = await tx.execute(
        select(buying.c.goods, buying.c.state, buying.c.purchase_id)
        .where(buying.c.tenant_id == tenant_id, buying.c.line_id == line.line_id)
        .with_for_update()
    )
    row = rows.one_or_none()
    if row is None or row.state == BuyingState.OVER or (only is not None and row.goods != only):
        raise LineNotBoughtFor(line=line.number)
    if row.purchase_id is None or row.state == BuyingState.DUE:
        return None
    return await lock_purchase(tx, tenant_id, row.purchase_id)


def _is_to_be_settled(purchase: Purchase) -> bool:
    """Whether something was topped up that its line isn't settled with yet."""
    came = purchase.state in {PurchaseState.DONE, PurchaseState.PART}
    return came and purchase.goods is Goods.TOPUP and purchase.used_at is None
