"""Quarantine: hold doubtful cards back for good. Their cost stays inventory; see leave.py."""

from collections.abc import Sequence
from uuid import UUID

from kashu.core.db import Tx
from kashu.stock.leave import Left, leave
from kashu.stock.tables import CardState


async def quarantine(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    card_ids: Sequence[UUID] = (),
    lot_ids: Sequence[UUID] = (),
    reason: str,
) -> list[Left]:
    """Take available cards out of sale; from there they can only become void or returned.

    To stop a lot for a while, freeze it instead. Raises: as leave().
    """
    return await leave(
        tx,
        tenant_id,
        actor,
        card_ids=card_ids,
        lot_ids=lot_ids,
        to=CardState.QUARANTINED,
        reason=reason,
    )
