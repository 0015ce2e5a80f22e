"""What a seller permitted is used for that shop and address only, and lost only when it is."""

from typing import Any, cast

import pytest
from sqlalchemy import update

from kashu.channels.ask import fetch_listings
from kashu.channels.connections import NewConnection, connect, keep_grant, lose_grant
from kashu.channels.connections import connection_of as find_connection
from kashu.channels.errors import StoreNotGranted
from kashu.channels.kinds import GrantState
from kashu.channels.tables import connections
from kashu.core.secrets import Secret
from tests.conftest import MASTERS
from tests.delivery.conftest import Trade


async def test_a_grant_that_was_renewed_meanwhile_is_not_lost_by_a_call_with_the_old_one(
    trade: Trade,
) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        before = await find_connection(tx, trade.tenant.id, trade.store_id)
        grant = await trade.channel.refresh(cast("Any", None))
        await keep_grant(
            tx, trade.tenant.id, "system", trade.store_id, grant, masters=MASTERS, instead_of=before
        )
        await lose_grant(tx, trade.tenant.id, before, "grant_lost")
        now = await find_connection(tx, trade.tenant.id, trade.store_id)
    assert now.grant_state is GrantState.GRANTED


async def test_another_application_or_address_is_not_handed_the_old_token(trade: Trade) -> None:
    wanted = NewConnection("app", Secret("s" * 32), "https://elsewhere.example")
    async with trade.database.transaction(trade.tenant.id) as tx:
        made = await connect(tx, trade.tenant.id, "test", "tb", wanted, masters=MASTERS)
    assert (made.sealed_access, made.sealed_refresh) == (None, None)
    _, link = trade.outside.reach(trade.tenant.id, made)
    assert link.grant is None


async def test_what_is_not_granted_is_not_asked(trade: Trade) -> None:
    async with trade.database.transaction(trade.tenant.id) as tx:
        await tx.execute(update(connections).values(grant_state=GrantState.LOST))
        known = await find_connection(tx, trade.tenant.id, trade.store_id)
    with pytest.raises(StoreNotGranted):
        await fetch_listings(trade.database, trade.tenant.id, trade.outside, known)
