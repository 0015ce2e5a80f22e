"""Void: write dead cards off."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account
from kashu.stock.leave import Left, cost_of, inventory_of, leave, post_cost
from kashu.stock.tables import CardState


async def void(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Sequence[UUID] = (),
    lot_ids: Sequence[UUID] = (),
    reason: str,
    today: date,
) -> list[Left]:
    """Write off available and quarantined cards: never given, never again.

    Cost that was inventory becomes `expired_stock` where the lot's last day is before `today`,
    else `stock_loss`. What a line gave back cost its after-sales already; see leave.py.
    Raises: as leave().
    """
    left = await leave(
        tx,
        tenant_id,
        actor,
        card_ids=card_ids,
        lot_ids=lot_ids,
        to=CardState.VOID,
        reason=reason,
    )
    written_off = [
        (
            each.currency,
            cost_of(each, Account(_loss(each, today)), inventory_of(each), reason="void"),
        )
        for each in left
        if each.in_inventory
    ]
    await post_cost(tx, tenant_id, written_off, posted_on=today)
    return left


def _loss(left: Left, today: date) -> AccountKind:
    expired = left.expires_on is not None and left.expires_on < today
    return AccountKind.EXPIRED_STOCK if expired else AccountKind.STOCK_LOSS
