"""Stores of platforms that ask us: no seller signs in there, the keys that came by mail are all."""

from kashu.channels.asking import Asking
from kashu.channels.channel import Grant
from kashu.channels.connections import Connection, connection_of, keep_grant
from kashu.channels.errors import CardKeyWrong
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys, Secret


async def permit_at_once(
    tx: Tx,
    tenant_id: int,
    actor: str,
    asking: Asking,
    connection: Connection,
    *,
    app_secret: Secret,
    masters: MasterKeys,
) -> Connection:
    """Say that the platform lets us act, where there is no key for cards still to be given."""
    if asking.card_key_bytes:
        return connection
    grant = Grant(connection.app_key, "", app_secret)
    await keep_grant(tx, tenant_id, actor, connection.store_id, grant, masters=masters)
    return await connection_of(tx, tenant_id, connection.store_id)


def grant_of(asking: Asking, connection: Connection, card_key: str, shop_name: str) -> Grant:
    """Make a permission of the key that cards are encrypted under. Raises: CardKeyWrong."""
    if len(card_key.encode()) != asking.card_key_bytes:
        raise CardKeyWrong(channel=connection.channel, bytes=asking.card_key_bytes)
    return Grant(connection.app_key, shop_name, Secret(card_key))


def addresses_of(asking: Asking, tenant_id: int, store: str) -> list[str]:
    """Where the platform calls: what is registered there, behind the name of our own server."""
    return [f"/asked/{tenant_id}/{store}/{call}" for call in asking.calls]
