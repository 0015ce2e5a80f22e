"""Show how buying for an order's lines stands: why each waits, and never a whole account."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from kashu.core.db import Tx
from kashu.orders.buying import Bought, buying_of
from kashu.orders.reads import Line
from kashu.orders.shapes import BuyingShown
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.reads import Purchase, purchases_by_id
from kashu.purchases.why import words_for


async def show_buying(
    tx: Tx, tenant_id: int, lines: Sequence[Line], language: str
) -> Mapping[UUID, BuyingShown]:
    """How far buying for some lines has come, by line; lines that stock filled have none."""
    found = await buying_of(tx, tenant_id, [line.line_id for line in lines])
    ids = {each.purchase_id for each in found.values() if each.purchase_id is not None}
    made = await purchases_by_id(tx, tenant_id, ids) if ids else {}
    return {
        line_id: _shown(each, made.get(each.purchase_id) if each.purchase_id else None, language)
        for line_id, each in found.items()
    }


def _shown(bought: Bought, purchase: Purchase | None, language: str) -> BuyingShown:
    said = bought.said or (purchase.said if purchase else "")
    state: PurchaseState | None = purchase.state if purchase else None
    return BuyingShown(
        bought.goods,
        bought.state.value,
        bought.masked_account,
        bought.purchase_id,
        state,
        said,
        words_for(said, language) if said else "",
        bought.receipt,
    )
