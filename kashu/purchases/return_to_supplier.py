"""Return to supplier: bad or unsold cards go back, and their cost is asked back or owed less.

In the money that they were bought with. What was bought in another currency left it for ours by
the supplier's exchange account, and goes back the same way: at the rate of its order, to the unit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer
from kashu.purchases import books
from kashu.purchases.tables import attempts, receipts
from kashu.stock.leave import Left, cost_of, inventory_of, leave_for_supplier, post_cost
from kashu.stock.origins import origins_of


@dataclass(frozen=True, slots=True)
class _Paid:
    """What each card of a lot cost where it was bought. Exact: a lot is of one price."""

    currency: str
    unit_e4: int


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
    a line gave back it makes good the loss of after-sales; see stock/leave.py.
    Locks and raises: as leave().
    """
    left = await leave_for_supplier(
        tx, tenant_id, actor, card_ids=card_ids, lot_ids=lot_ids, reason=reason
    )
    paid = await _paid(tx, tenant_id, {each.lot_id for each in left})
    moves = [
        move for each in left for move in _moves(each, paid.get(each.lot_id), AccountKind(against))
    ]
    await post_cost(tx, tenant_id, moves, posted_on=today)
    return left


def _moves(left: Left, paid: _Paid | None, against: AccountKind) -> list[tuple[str, Transfer]]:
    claim = Account(against, left.supplier_id)
    loss = Account(AccountKind.AFTER_SALES_LOSS)
    source = inventory_of(left) if left.in_inventory else loss
    if paid is None or paid.currency == left.currency:
        return [(left.currency, cost_of(left, claim, source, reason="return"))]
    exchange = Account(AccountKind.EXCHANGE, left.supplier_id)
    return [
        (left.currency, cost_of(left, exchange, source, reason="return")),
        (paid.currency, books.went_back(left, claim, left.units * paid.unit_e4)),
    ]


async def _paid(tx: Tx, tenant_id: int, lot_ids: Collection[UUID]) -> dict[UUID, _Paid]:
    """What was paid for some lots' cards; those that weren't bought through an order are left out.

    Cards that were transferred since were bought with the lot that they came in with.
    """
    origins = await origins_of(tx, tenant_id, lot_ids)
    rows = await tx.execute(
        select(receipts.c.lot_id, receipts.c.cards, receipts.c.cost_e4, attempts.c.currency)
        .join(
            attempts,
            (attempts.c.tenant_id == tenant_id) & (attempts.c.id == receipts.c.attempt_id),
        )
        .where(receipts.c.tenant_id == tenant_id, receipts.c.lot_id.in_(set(origins.values())))
    )
    found = {row.lot_id: _Paid(row.currency, row.cost_e4 // row.cards) for row in rows}
    return {lot_id: found[origin] for lot_id, origin in origins.items() if origin in found}
