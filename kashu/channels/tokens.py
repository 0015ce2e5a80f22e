"""Tokens: what a platform gives with its notice of an order, and wants back with the cards."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import update

from kashu.channels.accounts import open_for_order, seal_for_order
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys, Secret

_TOKEN: Final = "token"  # noqa: S105  (what is sealed)


async def keep_tokens(
    tx: Tx, tenant_id: int, store_id: UUID, tokens: Mapping[str, str], *, masters: MasterKeys
) -> None:
    """Keep what came with notices, by the numbers of orders that we know; the latest stands.

    Locks: the orders, in order of number; who calls has locked them.
    """
    for number in sorted(tokens):
        clear = Secret(tokens[number])
        sealed = seal_for_order(masters, tenant_id, store_id, number, what=_TOKEN, clear=clear)
        await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.store_id == store_id)
            .where(shop_orders.c.number == number)
            .values(sealed_token=sealed)
        )


def token_of(masters: MasterKeys, tenant_id: int, order: KnownOrder) -> str:
    """Open what an order's platform wants back; empty where it gave nothing.

    Raises: MasterKeyMissing, SealBroken.
    """
    sealed = order.sealed_token
    if sealed is None:
        return ""
    place = (masters, tenant_id, order.store_id, order.number)
    return open_for_order(*place, what=_TOKEN, sealed=sealed).clear
