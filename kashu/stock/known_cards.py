"""Known cards: which of many values are cards that we ever had, and of which SKU. Never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.secrets import Keyring
from kashu.stock.recognise import normalise
from kashu.stock.tables import CardState, cards, lots

AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card that we know. `for_sale`: we would still give it to somebody."""

    sku_id: UUID
    for_sale: bool


async def known_cards(
    tx: Tx, tenant_id: int, keyring: Keyring, values: Sequence[str]
) -> list[KnownCard | None]:
    """Say of each value which card it is; None: none that was ever in stock.

    Through the blind index, in each SKU that was ever stocked.
    """
    indexes = [keyring.blind_index(normalise(value)) for value in values]
    stocked = select(lots.c.sku_id).where(lots.c.tenant_id == tenant_id).distinct().subquery()
    found: dict[bytes, KnownCard] = {}
    distinct = sorted(set(indexes))
    for begin in range(0, len(distinct), AT_ONCE):
        rows = await tx.execute(
            select(cards.c.blind_index, cards.c.sku_id, cards.c.state)
            .join(stocked, stocked.c.sku_id == cards.c.sku_id)
            .where(cards.c.tenant_id == tenant_id)
            .where(cards.c.blind_index.in_(distinct[begin : begin + AT_ONCE]))
        )
        for row in rows:
            for_sale = row.state in {CardState.AVAILABLE, CardState.RESERVED}
            found[bytes(row.blind_index)] = KnownCard(row.sku_id, for_sale)
    return [found.get(each) for each in indexes]
