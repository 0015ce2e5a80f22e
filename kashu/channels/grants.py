"""Grants: renew what a seller permitted, one at a time, before it is given up for lost.

Platforms say "expired" and "taken back" with the same codes, or with codes that are mixed up. So
whoever is refused asks for a new token first, where there is one to be had; only when that is
refused, too, the seller must be asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, update

from kashu.channels.channel import Can, Channel, Link
from kashu.channels.connections import Connection, keep_grant, lose_grant
from kashu.channels.errors import AppRefused
from kashu.channels.kinds import GrantState
from kashu.channels.tables import connections
from kashu.core.db import Database, Tx
from kashu.core.errors import OutsideError, Refused
from kashu.core.secrets import MasterKeys

RENEWING: Final = timedelta(minutes=1)  # longer than the call; then another may try
RENEWALS_MAX: Final = 3  # in a row of which none let us in: then it isn't the token


@dataclass(frozen=True, slots=True)
class Reached:
    """A store's platform, ready to be called, and how the store stood when it was."""

    connection: Connection
    channel: Channel
    link: Link


async def renew(
    database: Database, tenant_id: int, reached: Reached, masters: MasterKeys, *, most: int | None
) -> bool:
    """Renew a grant, unless somebody else is at it, or did it meanwhile. True: we did.

    `most`: not after so many in a row that didn't let us in. Not called again for a minute.
    Raises: OutsideError.
    """
    connection = reached.connection
    async with database.transaction(tenant_id) as tx:
        if not await _begin(tx, tenant_id, connection, most):
            return False
    grant = await reached.channel.refresh(reached.link)
    async with database.transaction(tenant_id) as tx:
        return await keep_grant(
            tx,
            tenant_id,
            "system",
            connection.store_id,
            grant,
            masters=masters,
            instead_of=connection,
        )


async def renew_or_lose(
    database: Database, tenant_id: int, reached: Reached, masters: MasterKeys, *, said: str
) -> None:
    """Renew a grant that the platform doesn't accept any more; lose it where that is refused.

    Whoever was refused tries again later: with the new grant, or not at all.
    """
    connection = reached.connection
    given_up = not _renewable(reached, reached.link.now()) or connection.renewals >= RENEWALS_MAX
    if not given_up:
        try:
            await renew(database, tenant_id, reached, masters, most=RENEWALS_MAX)
        except OutsideError as error:  # no clear answer, or not about the grant: tried again later
            given_up = isinstance(error, Refused) and not isinstance(error, AppRefused)
    if given_up:
        async with database.transaction(tenant_id) as tx:
            await lose_grant(tx, tenant_id, connection, said)


def _renewable(reached: Reached, at: datetime) -> bool:
    until = reached.connection.refreshable_until
    return (
        Can.REFRESH in reached.channel.can
        and reached.connection.sealed_refresh is not None
        and (until is None or until > at)
    )


async def _begin(tx: Tx, tenant_id: int, of: Connection, most: int | None) -> bool:
    """Be the only one who renews a grant, as it was; one process that dies isn't waited for."""
    free = or_(connections.c.renewing_until.is_(None), connections.c.renewing_until <= func.now())
    wanted = (
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == of.store_id)
        .where(connections.c.grant_state == GrantState.GRANTED)
        .where(connections.c.grant_number == of.grant_number, free)
        .values(
            renewing_until=func.now() + RENEWING,
            renewals=connections.c.renewals + (0 if most is None else 1),
        )
    )
    if most is not None:
        wanted = wanted.where(connections.c.renewals < most)
    return bool((await tx.execute(wanted)).rowcount)
