"""Give: what was bought for somebody who waits is theirs in the moment in which it comes.

Who waits is known to a module above this one. It says what is to be done by on_arrival(), and does
it in the transaction that takes the cards in: nobody else sees them before they are given.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.events import Event
from kashu.ledger.post import Transfer
from kashu.purchases.moves import Occasion
from kashu.stock.replenish import mark_replenished


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units that came into stock, and who they were bought for; None: nobody in particular."""

    sku_id: UUID
    units: int
    subject_id: UUID | None


@dataclass(frozen=True, slots=True)
class Given:
    """What was given at once: units by SKU, and what the caller posts and records."""

    units: Mapping[UUID, int] = field(default_factory=dict)
    transfers: Sequence[Transfer] = ()
    happened: Sequence[Event] = ()


# Gives what is there to some who wait, by id, the oldest first. Under hold() of what they wait for.
Give: TypeAlias = Callable[[Tx, int, Sequence[UUID], date], Awaitable[Given]]

_gives: list[Give] = []


def on_arrival(give: Give) -> None:
    """Say what is done when something comes that was bought for somebody who waits."""
    assert not _gives, "one module knows who waits"
    _gives.append(give)


async def give_all(tx: Tx, occasion: Occasion, arrived: Sequence[Arrived]) -> Given:
    """Give what came to whom it was bought for; what is left is there for whoever waits.

    Under hold() of the SKUs.
    """
    given = Given()
    waiting = sorted({each.subject_id for each in arrived if each.subject_id is not None})
    if waiting and _gives:
        given = await _gives[0](tx, occasion.tenant_id, waiting, occasion.today)
    came: Counter[UUID] = Counter()
    for each in arrived:
        came[each.sku_id] += each.units
    left = [sku_id for sku_id, units in came.items() if units > given.units.get(sku_id, 0)]
    if left:
        await mark_replenished(tx, occasion.tenant_id, sorted(left))
    return given
