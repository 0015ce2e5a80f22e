"""Accounts: what a buyer wants topped up, sealed with their order, opened for whoever does it.

Under the master key, as connections are, not under the tenant's data key: that one is erased when
no card is sealed under it any more, and stock, which finds that out, knows nothing of platforms.
Sealed for its order alone: moved to another row, it doesn't open, and nobody else is topped up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import or_, select, update

from kashu.channels.tables import shop_orders
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys, Secret, unwrap, wrap

_NAME_LENGTH: Final = 16  # of a master key, in front of what is sealed under it
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to top up: personal. `details`: area, server and the like, where the game has them.

    `lines`: by the platform's line, where an order has several accounts; `number` is empty then.
    """

    number: str = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    lines: Mapping[str, str] = field(default_factory=dict, repr=False)


def seal_account(
    masters: MasterKeys, tenant_id: int, store_id: UUID, order: str, account: Account
) -> bytes:
    """Seal what an order's buyer typed; `order` is the platform's number of it."""
    clear = msgspec.json.encode(account).decode()
    return seal_for_order(masters, tenant_id, store_id, order, what="account", clear=Secret(clear))


def open_account(
    masters: MasterKeys, tenant_id: int, store_id: UUID, order: str, sealed: bytes
) -> Account:
    """Open what seal_account sealed. Who calls this has written who gets to see it.

    Raises: MasterKeyMissing, SealBroken.
    """
    clear = open_for_order(masters, tenant_id, store_id, order, what="account", sealed=sealed)
    return msgspec.json.decode(clear.clear, type=Account)


def seal_for_order(
    masters: MasterKeys, tenant_id: int, store_id: UUID, order: str, *, what: str, clear: Secret
) -> bytes:
    """Seal something that belongs to one order; `what` it is keeps it from passing as another."""
    bound_to = _bound_to(tenant_id, store_id, order, what)
    return masters.current.id.encode() + wrap(masters.current, clear.clear.encode(), bound_to)


def open_for_order(
    masters: MasterKeys, tenant_id: int, store_id: UUID, order: str, *, what: str, sealed: bytes
) -> Secret:
    """Open what seal_for_order sealed. Raises: MasterKeyMissing, SealBroken."""
    name = sealed[:_NAME_LENGTH].decode()
    bound_to = _bound_to(tenant_id, store_id, order, what)
    return Secret(unwrap(masters, name, sealed[_NAME_LENGTH:], bound_to).decode())


def _bound_to(tenant_id: int, store_id: UUID, order: str, what: str) -> str:
    return f"kashu:{tenant_id}:{what}:{store_id}:{order}"


async def reseal_orders(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put what orders keep under an earlier master key under the one in force; return how many.

    Raises: MasterKeyMissing, SealBroken.
    """
    changed = 0
    after = UUID(int=0)
    while True:
        rows = (await tx.execute(_sealed(tenant_id, after))).all()
        if not rows:
            return changed
        for row in rows:
            fresh = _resealed(row, tenant_id, masters)
            if fresh:
                await tx.execute(
                    update(shop_orders)
                    .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id == row.id)
                    .values(**fresh)
                )
                changed += 1
        after = rows[-1].id


def _sealed(tenant_id: int, after: UUID) -> Any:  # noqa: ANN401 (a select of SQLAlchemy's)
    return (
        select(
            shop_orders.c.id,
            shop_orders.c.store_id,
            shop_orders.c.number,
            shop_orders.c.sealed_account,
            shop_orders.c.sealed_token,
        )
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id > after)
        .where(
            or_(shop_orders.c.sealed_account.is_not(None), shop_orders.c.sealed_token.is_not(None))
        )
        .order_by(shop_orders.c.id)
        .limit(_AT_ONCE)
        .with_for_update()
    )


def _resealed(row: Any, tenant_id: int, masters: MasterKeys) -> dict[str, bytes]:  # noqa: ANN401 (a row)
    fresh = {}
    for column, what in (("sealed_account", "account"), ("sealed_token", "token")):
        sealed = getattr(row, column)
        if sealed is None or sealed.startswith(masters.current.id.encode()):
            continue
        place = (masters, tenant_id, row.store_id, row.number)
        clear = open_for_order(*place, what=what, sealed=sealed)
        fresh[column] = seal_for_order(*place, what=what, clear=clear)
    return fresh
