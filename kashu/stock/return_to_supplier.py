"""Return to supplier: bad or unsold cards go back, and their cost is asked back or owed less."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account
from kashu.stock.leave import Left, inventory_of, leave, post_cost
from kashu.stock.tables import CardState


async def return_to_supplier(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Sequence[UUID] = (),
    lot_ids: Sequence[UUID] = (),
    against: Literal["payable", "recoveries"],
    reason: str,
    today: date,
) -> list[Left]:
    """Give available and quarantined cards back to their suppliers.

    Each one's cost lowers what we owe (`payable`) or becomes a claim (`recoveries`). Of a card that
    a line gave back it makes good the loss of after-sales; see leave.py.
    Raises: as leave().
    """
    left = await leave(
        tx,
        tenant_id,
        actor,
        card_ids=card_ids,
        lot_ids=lot_ids,
        to=CardState.RETURNED,
        reason=reason,
    )
    loss = Account(AccountKind.AFTER_SALES_LOSS)
    claimed = [
        (
            each,
            Account(AccountKind(against), each.supplier_id),
            inventory_of(each) if each.in_inventory else loss,
        )
        for each in left
    ]
    await post_cost(tx, tenant_id, claimed, reason="return", posted_on=today)
    return left
